"""The calendar: service weeks, payment periods with their deadlines, and how dates are written (rules.md 1)."""

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class PeriodDates:
    """One payment period: first and last day, both inclusive, and the deadlines that staff may edit."""

    number: int
    start: date
    end: date
    submit_by: date
    amend_by: date
    finalise_on: date
    pay_on: date


def monday_of(day: date) -> date:
    """Return the Monday of the service week a day belongs to."""
    return day - timedelta(days=day.weekday())


def period_number(day: date, anchor: date, weeks: int) -> int:
    """Return the number of the period a day belongs to; the anchor Monday begins period 0, earlier days are negative."""
    return (day - anchor).days // (7 * weeks)


def period_dates(number: int, anchor: date, weeks: int) -> tuple[date, date]:
    """Return the first and the last day of a period, both inclusive."""
    start = anchor + number * weeks * WEEK
    return start, start + weeks * WEEK - DAY


def weeks_of(start: date, end: date) -> list[date]:
    """Return the Mondays of every service week that has a day from `start` to `end`; none where `end` is earlier."""
    if end < start:
        return []
    first = monday_of(start)
    return [first + index * WEEK for index in range((monday_of(end) - first).days // 7 + 1)]


def plan_period(number: int, anchor: date, weeks: int, submit_by_days: int) -> PeriodDates:
    """Return a period with the deadlines it is created with; staff edit them afterwards (Christmas moves them).

    Submitting closes `submit_by_days` after the period's end; changes close the same day; scheduled payments are
    finalised the day after; and payment is on the first Monday at least a week after submitting closes.
    """
    start, end = period_dates(number, anchor, weeks)
    submit_by = end + timedelta(days=submit_by_days)
    week_later = submit_by + WEEK
    return PeriodDates(
        number=number,
        start=start,
        end=end,
        submit_by=submit_by,
        amend_by=submit_by,
        finalise_on=submit_by + DAY,
        pay_on=week_later + timedelta(days=-week_later.weekday() % 7),
    )


def uk_date(day: date) -> str:
    """Write a date in full: "16 October 2017". The names of months never depend on the machine's language."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Write a date where the year is clear from what stands around it: "9 Nov"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def date_range(start: date, end: date) -> str:
    """Write two dates without saying a month or year twice: "6 to 12 November 2017", "16 October to 12 November 2017"."""
    if start == end:
        return uk_date(start)
    if start.year != end.year:
        return f"{uk_date(start)} to {uk_date(end)}"
    if start.month != end.month:
        return f"{start.day} {MONTHS[start.month - 1]} to {uk_date(end)}"
    return f"{start.day} to {uk_date(end)}"
