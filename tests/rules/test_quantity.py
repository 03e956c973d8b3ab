"""Quantities read with two places, and where these would not say what was multiplied, as the sum they are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.quantity import counted_units, in_words, product_in_words
from rules.states import Unit


@pytest.mark.parametrize(
    ("units", "words"),
    [
        ("7", "7.00"),
        ("1234.5", "1,234.50"),
        ("-1.5", "-1.50"),
        ("0.725", "0.725"),
        ("0.571429", "4 ÷ 7"),
        ("2.571429", "18 ÷ 7"),
        ("-0.571429", "-4 ÷ 7"),
        ("1.785714", "12.5 ÷ 7"),
        ("0.123456", "0.123456"),
    ],
)
def test_a_quantity_reads(units: str, words: str) -> None:
    assert in_words(Decimal(units)) == words


@given(st.decimals(min_value="0.01", max_value=168, places=2), st.integers(1, 7))
def test_days_of_a_weekly_plan_read_as_the_sum_they_are(weekly: Decimal, days: int) -> None:
    units = (weekly * days / 7).quantize(Decimal("0.000001"))
    words = in_words(units)
    value = Decimal(words.split(" ")[0].replace(",", "")) / (7 if "÷" in words else 1)
    assert value.quantize(Decimal("0.000001")) == units
    assert "÷" in words or units == units.quantize(Decimal("0.0001"))


def test_a_product_is_said_with_its_unit_and_the_places_a_rate_needs() -> None:
    assert product_in_words(Decimal("2.571429"), Unit.HOUR, Decimal("19.6800")) == "18 ÷ 7 hours × £19.68"
    assert product_in_words(Decimal(1), Unit.WEEK, Decimal("748.3750")) == "1.00 week × £748.375"
    assert counted_units(Decimal("-1.00"), Unit.VISIT) == "-1.00 visit"
