"""Weeks begin on Monday, periods are four of them counted from the anchor, and dates are written in full."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.period import (
    NotADate,
    PeriodDates,
    date_range,
    monday_of,
    period_dates,
    period_number,
    plan_period,
    read_date,
    short_date,
    uk_date,
    weeks_of,
)

ANCHOR = date(2017, 10, 16)
days = st.dates(min_value=date(2000, 1, 3), max_value=date(2100, 1, 1))
weeks = st.integers(min_value=1, max_value=13)


@pytest.mark.parametrize(
    ("number", "start", "end"),
    [
        (0, date(2017, 10, 16), date(2017, 11, 12)),
        (1, date(2017, 11, 13), date(2017, 12, 10)),
        (-1, date(2017, 9, 18), date(2017, 10, 15)),
    ],
)
def test_periods_are_four_weeks_from_the_anchor(number: int, start: date, end: date) -> None:
    assert period_dates(number, ANCHOR, 4) == (start, end)


@given(days, weeks)
def test_a_day_is_in_the_period_of_its_number(day: date, length: int) -> None:
    start, end = period_dates(period_number(day, ANCHOR, length), ANCHOR, length)
    assert start <= day <= end


@given(st.integers(min_value=-200, max_value=1000), weeks)
def test_periods_tile_the_calendar(number: int, length: int) -> None:
    start, end = period_dates(number, ANCHOR, length)
    assert start.weekday() == 0
    assert (end - start).days == 7 * length - 1
    assert period_dates(number + 1, ANCHOR, length)[0] == end + timedelta(days=1)


@given(days)
def test_the_monday_of_a_day_is_at_most_six_days_before_it(day: date) -> None:
    assert monday_of(day).weekday() == 0
    assert 0 <= (day - monday_of(day)).days <= 6


def test_a_period_has_four_mondays() -> None:
    mondays = [date(2017, 10, 16), date(2017, 10, 23), date(2017, 10, 30), date(2017, 11, 6)]
    assert weeks_of(*period_dates(0, ANCHOR, 4)) == mondays


def test_weeks_include_those_only_partly_covered() -> None:
    assert weeks_of(date(2017, 10, 18), date(2017, 10, 23)) == [date(2017, 10, 16), date(2017, 10, 23)]


def test_dates_the_wrong_way_round_hold_no_weeks() -> None:
    assert weeks_of(date(2017, 10, 18), date(2017, 10, 17)) == []


def test_a_new_period_comes_with_its_deadlines() -> None:
    assert plan_period(0, ANCHOR, 4, 15) == PeriodDates(
        number=0,
        start=date(2017, 10, 16),
        end=date(2017, 11, 12),
        submit_by=date(2017, 11, 27),
        amend_by=date(2017, 11, 27),
        finalise_on=date(2017, 11, 28),
        pay_on=date(2017, 12, 4),
    )


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=0, max_value=60))
def test_payment_is_on_a_monday_at_least_a_week_after_submitting_closes(number: int, submit_by_days: int) -> None:
    period = plan_period(number, ANCHOR, 4, submit_by_days)
    assert period.pay_on.weekday() == 0
    assert 7 <= (period.pay_on - period.submit_by).days <= 13
    assert period.end <= period.submit_by <= period.amend_by < period.finalise_on <= period.pay_on


def test_dates_are_written_in_words() -> None:
    assert uk_date(date(2017, 10, 16)) == "16 October 2017"
    assert short_date(date(2017, 11, 9)) == "9 Nov"


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        (date(2017, 10, 16), date(2017, 11, 12), "16 October to 12 November 2017"),
        (date(2017, 11, 6), date(2017, 11, 12), "6 to 12 November 2017"),
        (date(2017, 12, 11), date(2018, 1, 7), "11 December 2017 to 7 January 2018"),
        (date(2017, 11, 6), date(2017, 11, 6), "6 November 2017"),
    ],
)
def test_a_range_says_no_month_or_year_twice(start: date, end: date, written: str) -> None:
    assert date_range(start, end) == written


@pytest.mark.parametrize(
    "typed",
    ["16/10/2017", "16/10/17", "16-10-2017", "16.10.2017", "2017-10-16", " 16 October 2017 ", "16 oct 2017"],
)
def test_dates_are_read_as_people_type_them(typed: str) -> None:
    assert read_date(typed) == date(2017, 10, 16)


@pytest.mark.parametrize(
    "typed", ["", "10/16/2017", "31/02/2017", "16/10-2017", "16 Octember 2017", "tomorrow", "0000-01-01", "1/1/1/17"]
)
def test_a_date_that_cannot_be_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NotADate, match="such as 16/10/2017"):
        read_date(typed)


@given(days)
def test_a_written_date_reads_as_itself(day: date) -> None:
    assert read_date(uk_date(day)) == read_date(day.isoformat()) == day
