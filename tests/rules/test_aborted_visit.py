"""An aborted visit is paid in part, unless the provider was told in good time."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.aborted_visit import NotATime, explain, left_of_plan, payable_part, read_time, units_of_visit
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


@pytest.mark.parametrize(
    ("unit", "payable", "notice", "sentence"),
    [
        (Unit.HOUR, "0.50", timedelta(hours=3), "30 minutes are paid: told 3 hours before, rule AV-1 of 1 April 2026."),
        (Unit.HOUR, "0.33", None, "20 minutes are paid: you were not told, rule AV-1 of 1 April 2026."),
        (
            Unit.HOUR,
            "0",
            timedelta(hours=24, minutes=1),
            "Nothing is paid: told 24 hours 1 minute before, rule AV-1 of 1 April 2026.",
        ),
        (
            Unit.SESSION,
            "0.50",
            timedelta(minutes=-5),
            "0.50 session is paid: told after the planned start, rule AV-1 of 1 April 2026.",
        ),
        (Unit.HOUR, "0.02", timedelta(0), "1 minute is paid: told 0 minutes before, rule AV-1 of 1 April 2026."),
    ],
)
def test_what_is_paid_is_said_with_its_rule(unit: Unit, payable: str, notice: timedelta | None, sentence: str) -> None:
    assert explain(unit, Decimal(payable), notice, code="AV-1", valid_from=date(2026, 4, 1)) == sentence


def test_a_rule_the_portal_came_with_has_no_date() -> None:
    assert explain(Unit.HOUR, Decimal("0.50"), None, code="AV-1") == (
        "30 minutes are paid: you were not told, rule AV-1."
    )


@given(st.integers(min_value=1, max_value=30))
def test_the_minutes_said_are_the_minutes_planned(minutes: int) -> None:
    part = payable_part(Unit.HOUR, minutes, None, 30, Decimal("0.50"), 24)
    assert explain(Unit.HOUR, part, None, code="AV-1").startswith(f"{minutes} minute")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8:30", time(8, 30)),
        ("08.30", time(8, 30)),
        ("0830", time(8, 30)),
        ("8 am", time(8)),
        ("12am", time(0)),
        ("12:15 pm", time(12, 15)),
        ("8:30PM", time(20, 30)),
        (" 23:59 ", time(23, 59)),
    ],
)
def test_a_time_is_read_as_people_type_it(typed: str, meant: time) -> None:
    assert read_time(typed) == meant


@pytest.mark.parametrize("typed", ["24:00", "45", "8:75", "13pm", "0am", "soon", "8:30:00", "٨:٣٠"])
def test_what_is_no_time_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NotATime, match="Enter hours and minutes, such as 08:30"):
        read_time(typed)


@pytest.mark.parametrize(
    ("planned", "visits", "step", "left"),
    [("1", "0.75", "0.25", "0.25"), ("1", "0.33", "0.25", "0.50"), ("1", "1.5", "0.25", "0"), ("3", "1", "1", "2"),
     ("0.33", "0", "0.25", "0.33")],
)  # fmt: skip
def test_the_plan_less_its_visits_is_in_whole_steps_and_never_below_nothing(
    planned: str, visits: str, step: str, left: str
) -> None:
    assert left_of_plan(Decimal(planned), Decimal(visits), Decimal(step)) == Decimal(left)


def test_a_fraction_above_one_pays_no_more_than_the_unit() -> None:
    assert payable_part(Unit.SESSION, 60, None, 30, Decimal("1.50"), 24) == 1
