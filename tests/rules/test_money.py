"""Money is rounded half up, once, and written in one way."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import VAT_PERCENT, pounds, round2, vat_of
from rules.states import VatCode

amounts = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=6)


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("108.0125", "108.01"),
        ("47.5255", "47.53"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("-0.004", "0.00"),
        ("1", "1.00"),
    ],
)
def test_a_half_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert str(round2(Decimal(amount))) == rounded


@given(amounts)
def test_rounding_agrees_with_decimal_quantize(amount: Decimal) -> None:
    assert round2(amount) == amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(amounts)
def test_rounding_treats_both_sides_of_zero_alike(amount: Decimal) -> None:
    assert round2(-amount) == -round2(amount)


@given(amounts)
def test_rounding_twice_changes_nothing(amount: Decimal) -> None:
    assert round2(round2(amount)) == round2(amount)


@pytest.mark.parametrize(
    ("code", "vat"),
    [
        (VatCode.EXEMPT, "0.00"),
        (VatCode.STANDARD, "20.01"),
        (VatCode.REDUCED, "5.00"),
        (VatCode.ZERO, "0.00"),
        (VatCode.OUTSIDE, "0.00"),
    ],
)
def test_vat_is_the_percentage_of_its_code_rounded_for_the_line(code: VatCode, vat: str) -> None:
    assert str(vat_of(Decimal("100.03"), code)) == vat


def test_every_vat_code_has_a_percentage() -> None:
    assert set(VAT_PERCENT) == set(VatCode)


@pytest.mark.parametrize(
    ("amount", "written"),
    [("1234.5", "£1,234.50"), ("-3", "−£3.00"), ("0", "£0.00"), ("-0.001", "£0.00"), ("1000000", "£1,000,000.00")],
)
def test_pounds_are_written_with_commas_and_two_places(amount: str, written: str) -> None:
    assert pounds(Decimal(amount)) == written
