"""A line's plan of a week and of a day follow from its kind, its quantities and its dates."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.money import round2
from rules.plan import (
    NO_DAYS,
    UNIT_WORDS,
    LinePlan,
    SevenDays,
    active_days,
    plan_of_day,
    plan_of_week,
    plan_throughout,
    step_of,
    unit_words,
    week_in_words,
)
from rules.states import PlanKind, Unit

MONDAY = date(2017, 11, 6)
ONE_TO_SEVEN: SevenDays = (Decimal(1), Decimal(2), Decimal(3), Decimal(4), Decimal(5), Decimal(6), Decimal(7))
quantities = st.decimals(min_value=0, max_value=24, places=2)


def timetabled(days: SevenDays, start: date = date(2017, 1, 1), end: date | None = None) -> LinePlan:
    return plan_throughout(PlanKind.TIMETABLED, Unit.HOUR, days, Decimal(0), start, end)


def weekly(quantity: str, start: date = date(2017, 1, 1), end: date | None = None) -> LinePlan:
    return plan_throughout(PlanKind.WEEKLY, Unit.HOUR, NO_DAYS, Decimal(quantity), start, end)


def test_a_timetabled_week_is_the_sum_of_its_days() -> None:
    assert plan_of_week(timetabled(ONE_TO_SEVEN), MONDAY) == 28


@pytest.mark.parametrize(
    ("unit", "units", "words"),
    [
        (Unit.HOUR, "6.5", "6.50 hours a week"),
        (Unit.NIGHT, "1", "1.00 night a week"),
        (Unit.WEEK, "1", "every week"),
    ],
)
def test_what_is_planned_of_a_week_reads_as_people_say_it(unit: Unit, units: str, words: str) -> None:
    assert week_in_words(unit, Decimal(units)) == words


def test_both_ends_of_a_line_are_inclusive() -> None:
    line = timetabled(ONE_TO_SEVEN, start=date(2017, 11, 8), end=date(2017, 11, 10))
    assert active_days(line, MONDAY) == [date(2017, 11, 8), date(2017, 11, 9), date(2017, 11, 10)]
    assert plan_of_week(line, MONDAY) == 3 + 4 + 5


def test_a_week_outside_the_line_has_no_plan() -> None:
    assert plan_of_week(timetabled(ONE_TO_SEVEN, end=date(2017, 11, 5)), MONDAY) == 0
    assert plan_of_week(weekly("10", start=date(2017, 11, 13)), MONDAY) == 0


def test_a_weekly_plan_is_shared_by_active_days_and_rounded_half_up() -> None:
    assert plan_of_week(weekly("10", start=date(2017, 11, 8)), MONDAY) == Decimal("7.14")
    assert plan_of_week(weekly("10"), MONDAY) == 10


def test_the_plan_of_a_day_of_a_weekly_line_is_an_unrounded_seventh() -> None:
    assert plan_of_day(weekly("10"), MONDAY) == Decimal(10) / 7
    assert plan_of_day(weekly("10", start=date(2017, 11, 7)), MONDAY) == 0


@given(st.tuples(*[quantities] * 7), st.integers(min_value=-3, max_value=10), st.integers(min_value=-3, max_value=10))
def test_a_timetabled_week_is_what_its_days_add_up_to(days: SevenDays, first: int, last: int) -> None:
    line = timetabled(days, MONDAY + timedelta(days=first), MONDAY + timedelta(days=last))
    by_day = sum(plan_of_day(line, MONDAY + timedelta(days=index)) for index in range(7))
    assert plan_of_week(line, MONDAY) == by_day


@given(quantities, st.integers(min_value=0, max_value=6))
def test_a_weekly_plan_never_exceeds_its_quantity(quantity: Decimal, late: int) -> None:
    line = weekly(str(quantity), start=MONDAY + timedelta(days=late))
    assert plan_of_week(line, MONDAY) == round2(quantity * (7 - late) / 7) <= quantity


@pytest.mark.parametrize("unit", [Unit.VISIT, Unit.SESSION, Unit.DAY, Unit.NIGHT, Unit.MEAL, Unit.EACH])
def test_everything_but_hours_is_entered_whole(unit: Unit) -> None:
    assert step_of(unit, Decimal("0.25")) == 1


def test_hours_are_entered_in_the_step_of_policy() -> None:
    assert step_of(Unit.HOUR, Decimal("0.25")) == Decimal("0.25")


def test_weeks_have_no_step_because_nobody_enters_them() -> None:
    with pytest.raises(ValueError, match="not entered"):
        step_of(Unit.WEEK, Decimal("0.25"))


def test_words_follow_their_quantity() -> None:
    assert unit_words(Unit.HOUR, Decimal("1.00")) == "hour"
    assert unit_words(Unit.HOUR, Decimal("1.25")) == "hours"
    assert unit_words(Unit.SESSION, Decimal(0)) == "sessions"
    assert set(UNIT_WORDS) == set(Unit)
