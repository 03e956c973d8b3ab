"""An aborted visit is paid in part, unless the provider was told in good time."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.aborted_visit import payable_part, units_of_visit
from rules.states import Unit


def payable(unit: Unit, minutes: int, notice: timedelta | None) -> Decimal:
    return payable_part(unit, minutes, notice, minutes_paid=30, fraction=Decimal("0.50"), notice_hours=24)


@pytest.mark.parametrize(
    ("unit", "minutes", "notice", "expected"),
    [
        (Unit.HOUR, 45, None, "0.50"),
        (Unit.HOUR, 20, timedelta(hours=23, minutes=59), "0.33"),
        (Unit.HOUR, 45, timedelta(hours=24), "0.00"),
        (Unit.SESSION, 60, None, "0.50"),
        (Unit.HOUR, 45, timedelta(minutes=-10), "0.50"),
        (Unit.SESSION, 60, timedelta(days=3), "0.00"),
    ],
)
def test_what_is_payable_depends_on_length_and_notice(
    unit: Unit, minutes: int, notice: timedelta | None, expected: str
) -> None:
    assert str(payable(unit, minutes, notice)) == expected


@given(st.integers(min_value=1, max_value=1440))
def test_never_more_is_payable_than_was_planned(minutes: int) -> None:
    assert payable(Unit.HOUR, minutes, None) <= units_of_visit(Unit.HOUR, minutes)


def test_an_aborted_visit_counts_with_its_planned_units() -> None:
    assert units_of_visit(Unit.HOUR, 45) == Decimal("0.75")
    assert units_of_visit(Unit.SESSION, 180) == 1
