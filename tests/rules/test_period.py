"""Weeks begin on Monday, periods are four of them counted from the anchor, and dates are written in full."""

from dataclasses import replace
from datetime import date, time, timedelta

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
    uk_clock,
    uk_date,
    weekday_date,
    weeks_of,
    why_deadlines_moved,
    why_moved,
)
from rules.working_days import add_working_days, is_working_day

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
    assert plan_period(0, ANCHOR, 4, 15, 2, ()) == PeriodDates(
        number=0,
        start=date(2017, 10, 16),
        end=date(2017, 11, 12),
        submit_by=date(2017, 11, 27),
        amend_by=date(2017, 11, 27),
        finalise_on=date(2017, 11, 28),
        pay_on=date(2017, 12, 4),
    )


def planned(number: int, *closures: date, submit_by_days: int = 15) -> PeriodDates:
    return plan_period(number, ANCHOR, 4, submit_by_days, 2, closures)


def deadlines(period: PeriodDates) -> tuple[date, date, date, date]:
    return period.submit_by, period.amend_by, period.finalise_on, period.pay_on


def test_a_period_that_closes_at_christmas_closes_and_pays_after_it() -> None:
    # Fifteen days after 10 December is Christmas Day, and the Monday a week later New Year's Day.
    period = planned(1)
    assert deadlines(period) == (date(2017, 12, 27), date(2017, 12, 27), date(2017, 12, 28), date(2018, 1, 2))
    assert why_deadlines_moved(period, 15, 2, ()) == {
        "submit_by": "moved from Monday 25 December: Christmas Day",
        "amend_by": "moved from Monday 25 December: Christmas Day",
        "pay_on": "moved from Monday 1 January: the bank needs 2 working days",
    }


def test_a_pay_day_on_a_bank_holiday_moves_to_the_working_day_before() -> None:
    # Submitting closes 22 days after 8 April 2018, on Monday 30 April; the Monday after is May Day.
    period = plan_period(1, date(2018, 2, 12), 4, 22, 2, ())
    assert deadlines(period) == (date(2018, 4, 30), date(2018, 4, 30), date(2018, 5, 1), date(2018, 5, 4))
    assert why_deadlines_moved(period, 22, 2, ()) == {"pay_on": "moved from Monday 7 May: May Day"}


def test_a_deadline_on_a_weekend_moves_to_monday() -> None:
    period = planned(0, submit_by_days=13)
    assert deadlines(period)[:3] == (date(2017, 11, 27), date(2017, 11, 27), date(2017, 11, 28))
    assert why_deadlines_moved(period, 13, 2, ())["submit_by"] == "moved from Saturday 25 November: weekend"


def test_changes_that_close_on_a_friday_are_not_finalised_before_they_closed() -> None:
    period = planned(0, submit_by_days=19)
    assert (period.amend_by, period.finalise_on) == (date(2017, 12, 1), date(2017, 12, 4))
    assert why_deadlines_moved(period, 19, 2, ())["finalise_on"] == "moved from Saturday 2 December: weekend"


def test_closure_days_move_every_deadline_and_leave_the_bank_its_days() -> None:
    closures = [date(2017, 12, 27), date(2017, 12, 28), date(2017, 12, 29)]
    period = planned(1, *closures)
    assert deadlines(period) == (date(2018, 1, 2), date(2018, 1, 2), date(2018, 1, 3), date(2018, 1, 5))
    assert planned(0, date(2017, 12, 4)).pay_on == date(2017, 12, 1)
    moved = why_deadlines_moved(planned(0, date(2017, 12, 4)), 15, 2, [date(2017, 12, 4)])
    assert moved == {"pay_on": "moved from Monday 4 December: closure day of the council"}


def test_a_deadline_that_staff_moved_says_nothing_unless_it_is_no_working_day() -> None:
    moved = replace(planned(1), submit_by=date(2017, 12, 21), amend_by=date(2017, 12, 21), pay_on=date(2017, 12, 26))
    reasons = why_deadlines_moved(moved, 15, 2, ())
    assert reasons == {"pay_on": "not a working day (Boxing Day)"}


@pytest.mark.parametrize(
    ("nominal", "moved", "reason"),
    [
        (date(2021, 12, 25), date(2021, 12, 29), "moved from Saturday 25 December: Christmas Day"),
        (date(2021, 12, 25), date(2021, 12, 24), "moved from Saturday 25 December: Christmas Day"),
        (date(2021, 12, 25), date(2021, 12, 30), ""),
        (date(2021, 12, 20), date(2021, 12, 20), ""),
        (date(2021, 12, 20), date(2021, 12, 21), ""),
    ],
)
def test_a_date_says_why_it_moved_where_the_calendar_moved_it(nominal: date, moved: date, reason: str) -> None:
    assert why_moved(nominal, moved, ()) == reason


@given(
    st.integers(min_value=0, max_value=500),
    st.integers(min_value=0, max_value=60),
    st.integers(min_value=0, max_value=5),
    st.frozensets(st.dates(min_value=date(2017, 10, 1), max_value=date(2019, 12, 31)), max_size=30),
)
def test_deadlines_are_working_days_in_order_with_the_banks_days_before_payment(
    number: int, submit_by_days: int, bank_days: int, closures: frozenset[date]
) -> None:
    period = plan_period(number, ANCHOR, 4, submit_by_days, bank_days, closures)
    assert all(is_working_day(day, closures) for day in deadlines(period))
    assert period.end < period.submit_by == period.amend_by < period.finalise_on <= period.pay_on
    assert period.pay_on >= add_working_days(period.finalise_on, bank_days, closures)
    assert period.submit_by >= period.end + timedelta(days=submit_by_days)


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=0, max_value=60))
def test_payment_is_on_a_monday_at_least_a_week_after_submitting_closes_unless_that_is_a_bank_holiday(
    number: int, submit_by_days: int
) -> None:
    period = planned(number, submit_by_days=submit_by_days)
    nominal = period.end + timedelta(days=submit_by_days)
    monday = nominal + timedelta(days=7 + -nominal.weekday() % 7)
    assert period.pay_on == monday or not is_working_day(monday, ())


def test_dates_are_written_in_words() -> None:
    assert uk_date(date(2017, 10, 16)) == "16 October 2017"
    assert short_date(date(2017, 11, 9)) == "9 Nov"
    assert weekday_date(date(2017, 12, 25)) == "Monday 25 December"


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
    "typed",
    [
        "",
        "10/16/2017",
        "31/02/2017",
        "16/10-2017",
        "16 Octember 2017",
        "tomorrow",
        "0000-01-01",
        "1/1/1/17",
        "31/12/9999",
        "0001-01-01",
        "1 January 2200",
    ],
)
def test_a_date_that_cannot_be_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(NotADate, match="such as 16/10/2017"):
        read_date(typed)


@given(days)
def test_a_written_date_reads_as_itself(day: date) -> None:
    assert read_date(uk_date(day)) == read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    ("moment", "words"),
    [(time(0, 5), "12:05am"), (time(9, 14), "9:14am"), (time(12, 40), "12:40pm"), (time(23, 59), "11:59pm")],
)
def test_a_time_of_day_reads_alike_wherever_it_stands(moment: time, words: str) -> None:
    assert uk_clock(moment) == words
