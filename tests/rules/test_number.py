"""Text is a finite decimal, or it is refused."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.number import NotANumber, read_number

# What `Decimal` or `float` take for a number and people do not.
NO_NUMBERS = (
    *("NaN", "nan", "-NaN", "sNaN", "NaN123", "Infinity", "-Infinity", "inf", "+inf", "-inf"),
    *("1e400", "1E5", "1_000", "0x1F", "١٢", "１２", "²"),
    *("1,5", "1,234", "--1", "1.2.3", ".", "-", "", " ", "£5", "1 2"),
)


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", "12"), ("1.50", "1.50"), ("-3", "-3"), ("+.5", "0.5"), ("7.", "7"), (" 2.25\n", "2.25"), ("007", "7")],
)
def test_digits_with_a_point_and_a_sign_are_a_number(text: str, number: str) -> None:
    assert read_number(text) == Decimal(number)


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_people_do_not_call_a_number_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(NotANumber, match=r"^Enter a number, for example 1\.50\.$"):
        read_number(text)


@given(st.text() | st.decimals().map(str) | st.floats().map(str))
@example("1" * 5000)
def test_no_text_becomes_anything_but_a_finite_decimal(text: str) -> None:
    try:
        number = read_number(text)
    except NotANumber:
        return
    assert number.is_finite()


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_every_decimal_written_out_is_read_as_itself(number: Decimal) -> None:
    assert read_number(f"{number:f}") == number
