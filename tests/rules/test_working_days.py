"""A working day is Monday to Friday, no bank holiday in England, and no day on which the council is closed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.working_days import (
    add_working_days,
    is_working_day,
    next_working_day,
    previous_working_day,
    why_not_working,
    working_days,
)

NONE: tuple[date, ...] = ()
BETWEEN_THE_YEARS = (date(2017, 12, 27), date(2017, 12, 28), date(2017, 12, 29))
DAY = timedelta(days=1)

days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))
counts = st.integers(min_value=-30, max_value=30)
closed = st.frozensets(st.dates(min_value=date(2017, 1, 1), max_value=date(2018, 12, 31)), max_size=20)
near = st.dates(min_value=date(2017, 1, 1), max_value=date(2018, 12, 31))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2017, 12, 22), ""),
        (date(2017, 12, 23), "weekend"),
        (date(2017, 12, 24), "weekend"),
        (date(2017, 12, 25), "Christmas Day"),
        (date(2017, 12, 26), "Boxing Day"),
        (date(2017, 12, 27), ""),
        (date(2017, 12, 31), "weekend"),
        (date(2018, 1, 1), "New Year's Day"),
        (date(2018, 1, 2), ""),
        (date(2018, 3, 29), ""),
        (date(2018, 3, 30), "Good Friday"),
        (date(2018, 4, 2), "Easter Monday"),
        (date(2018, 4, 3), ""),
        (date(2018, 5, 7), "May Day"),
        (date(2018, 5, 28), "Spring Bank Holiday"),
        (date(2018, 8, 27), "Late Summer Bank Holiday"),
    ],
)
def test_bank_holidays_and_weekends_are_no_working_days(day: date, reason: str) -> None:
    assert why_not_working(day, NONE) == reason
    assert is_working_day(day, NONE) is not bool(reason)


def test_new_years_eve_is_a_working_day_unless_it_is_on_a_weekend() -> None:
    assert is_working_day(date(2018, 12, 31), NONE)
    assert not is_working_day(date(2017, 12, 31), NONE)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2017, 1, 2), "New Year's Day (substitute day)"),  # the first was a Sunday
        (date(2016, 12, 27), "Christmas Day (substitute day)"),  # Christmas was on Sunday, Boxing Day on Monday
        (date(2021, 12, 27), "Christmas Day (substitute day)"),  # Saturday and Sunday
        (date(2021, 12, 28), "Boxing Day (substitute day)"),
        (date(2021, 12, 25), "Christmas Day"),
    ],
)
def test_a_bank_holiday_on_a_weekend_has_a_substitute_day(day: date, reason: str) -> None:
    assert why_not_working(day, NONE) == reason


@pytest.mark.parametrize("day", [date(2018, 1, 2), date(2018, 3, 19), date(2018, 7, 12), date(2018, 8, 6)])
def test_bank_holidays_of_scotland_and_northern_ireland_are_working_days_in_england(day: date) -> None:
    assert is_working_day(day, NONE)


def test_one_that_was_proclaimed_once_is_known() -> None:
    assert why_not_working(date(2023, 5, 8), NONE) == "Coronation of Charles III"
    assert is_working_day(date(2022, 5, 30), NONE)  # the Spring Bank Holiday of 2022 was in June


def test_a_closure_day_of_the_council_is_no_working_day() -> None:
    assert why_not_working(date(2017, 12, 28), BETWEEN_THE_YEARS) == "closure day of the council"
    assert why_not_working(date(2017, 12, 25), [date(2017, 12, 25)]) == "Christmas Day"


def test_the_next_working_day_is_the_day_itself_where_it_is_one() -> None:
    assert next_working_day(date(2017, 11, 20), NONE) == date(2017, 11, 20)
    assert previous_working_day(date(2017, 11, 20), NONE) == date(2017, 11, 20)


def test_christmas_2017_is_left_for_the_27th_or_the_22nd() -> None:
    for day in (23, 24, 25, 26):
        assert next_working_day(date(2017, 12, day), NONE) == date(2017, 12, 27)
        assert previous_working_day(date(2017, 12, day), NONE) == date(2017, 12, 22)
    assert next_working_day(date(2017, 12, 25), BETWEEN_THE_YEARS) == date(2018, 1, 2)
    assert previous_working_day(date(2018, 1, 1), BETWEEN_THE_YEARS) == date(2017, 12, 22)


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2017, 11, 17), 1, date(2017, 11, 20)),
        (date(2017, 11, 18), 1, date(2017, 11, 20)),
        (date(2017, 11, 20), 2, date(2017, 11, 22)),
        (date(2017, 11, 20), 0, date(2017, 11, 20)),
        (date(2017, 11, 18), 0, date(2017, 11, 20)),
        (date(2017, 12, 22), 2, date(2017, 12, 28)),
        (date(2017, 12, 29), 1, date(2018, 1, 2)),
        (date(2018, 3, 29), 2, date(2018, 4, 4)),  # over Easter
        (date(2017, 12, 4), -2, date(2017, 11, 30)),
        (date(2018, 1, 2), -2, date(2017, 12, 28)),
        (date(2017, 12, 3), -1, date(2017, 12, 1)),
    ],
)
def test_working_days_are_counted_without_the_day_itself(day: date, count: int, found: date) -> None:
    assert add_working_days(day, count, NONE) == found


def test_closure_days_are_not_counted() -> None:
    assert add_working_days(date(2017, 12, 22), 2, BETWEEN_THE_YEARS) == date(2018, 1, 3)
    assert add_working_days(date(2018, 1, 3), -2, BETWEEN_THE_YEARS) == date(2017, 12, 22)


def test_a_count_of_working_days_in_words() -> None:
    assert (working_days(1), working_days(2)) == ("1 working day", "2 working days")


@given(days)
def test_the_next_working_day_is_one_not_before_and_none_lies_between(day: date) -> None:
    found = next_working_day(day, NONE)
    assert is_working_day(found, NONE)
    assert found >= day
    assert not any(is_working_day(day + index * DAY, NONE) for index in range((found - day).days))


@given(days)
def test_the_previous_working_day_is_one_not_after_and_none_lies_between(day: date) -> None:
    found = previous_working_day(day, NONE)
    assert is_working_day(found, NONE)
    assert found <= day
    assert not any(is_working_day(found + index * DAY, NONE) for index in range(1, (day - found).days + 1))


@given(near, counts, closed)
def test_a_sum_is_a_working_day_on_the_side_it_was_counted_to(day: date, count: int, closures: frozenset[date]) -> None:
    found = add_working_days(day, count, closures)
    assert is_working_day(found, closures)
    assert found >= day if count >= 0 else found < day


@given(near, near, counts, closed)
def test_adding_never_changes_the_order_of_days(one: date, other: date, count: int, closures: frozenset[date]) -> None:
    first, second = sorted((one, other))
    assert add_working_days(first, count, closures) <= add_working_days(second, count, closures)


@given(near, counts, closed)
def test_one_working_day_more_is_a_later_day(day: date, count: int, closures: frozenset[date]) -> None:
    assert add_working_days(day, count, closures) < add_working_days(day, count + 1, closures) or (
        # From no working day, 0 and 1 are both the first one after it.
        count == 0 and not is_working_day(day, closures)
    )


@given(near, counts, closed)
def test_counting_back_returns_to_the_working_day_it_began_on(day: date, count: int, closures: frozenset[date]) -> None:
    start = next_working_day(day, closures)
    assert add_working_days(add_working_days(start, count, closures), -count, closures) == start
