"""The calendar: service weeks, payment periods with their deadlines, and how dates are written (rules.md 1)."""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from rules.working_days import (
    add_working_days,
    next_working_day,
    previous_working_day,
    why_not_working,
    working_days,
)

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_NAMES = tuple(name[:3] for name in WEEKDAYS)
WEEK = timedelta(days=7)
DAY = timedelta(days=1)
# What stands where something goes on until further notice.
NO_END = "no end date"

YEARS = range(1900, 2200)
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_IN_WORDS = re.compile(r"([0-9]{1,2}) +([A-Za-z]{3,9}) +([0-9]{4})")


class NotADate(NotUnderstood):
    """A typed date cannot be read."""


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


@lru_cache(maxsize=4_096)
def monday_of(day: date) -> date:
    """Return the Monday of the service week a day belongs to.

    Remembered: a month of visits asks about the same 28 days 42,000 times (saves 25 of 1,200 ms, make bench).
    """
    return day - timedelta(days=day.weekday())


def period_number(day: date, anchor: date, weeks: int) -> int:
    """Return the number of the period a day belongs to: the anchor Monday begins period 0, before it is below 0."""
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


def nominal_deadlines(end: date, submit_by_days: int) -> tuple[date, date]:
    """Return when submitting closes and payment is made for a period with this end, if every day were a working day.

    Submitting closes so many days after the end; payment is on the first Monday at least a week after that.
    """
    submit_by = end + timedelta(days=submit_by_days)
    week_later = submit_by + WEEK
    return submit_by, week_later + timedelta(days=-week_later.weekday() % 7)


def plan_period(
    number: int, anchor: date, weeks: int, submit_by_days: int, bank_days: int, closures: Collection[date]
) -> PeriodDates:
    """Return a period with the deadlines it is created with, all of them working days; staff edit them afterwards.

    Submitting and changes close on the next working day, payment is on the one before. Scheduled payments are finalised
    on the first working day after changes close, never earlier, for providers may query them until then; so payment
    is never less than `bank_days` working days after that, whatever Christmas does.
    """
    start, end = period_dates(number, anchor, weeks)
    submit_by, pay_on = nominal_deadlines(end, submit_by_days)
    submit_by = next_working_day(submit_by, closures)
    finalise_on = add_working_days(submit_by, 1, closures)
    first_pay_day = add_working_days(finalise_on, bank_days, closures)
    return PeriodDates(
        number=number,
        start=start,
        end=end,
        submit_by=submit_by,
        amend_by=submit_by,
        finalise_on=finalise_on,
        pay_on=max(previous_working_day(pay_on, closures), first_pay_day),
    )


def why_moved(nominal: date, moved: date, closures: Collection[date]) -> str:
    """Return why a date is not on its nominal day: "moved from Monday 25 December: Christmas Day".

    Empty where it is, or where it is no neighbouring working day either: then somebody moved it for their own reasons.
    """
    reason = why_not_working(nominal, closures)
    if not reason or moved not in (previous_working_day(nominal, closures), next_working_day(nominal, closures)):
        return ""
    return f"moved from {weekday_date(nominal)}: {reason}"


def why_deadlines_moved(
    period: PeriodDates, submit_by_days: int, bank_days: int, closures: Collection[date]
) -> dict[str, str]:
    """Return by the name of a deadline why it is not on its nominal day, or that staff put it on no working day."""
    submit_by, pay_on = nominal_deadlines(period.end, submit_by_days)
    nominal = {
        "submit_by": submit_by, "amend_by": submit_by, "finalise_on": period.amend_by + DAY, "pay_on": pay_on
    }  # fmt: skip
    first_pay_day = add_working_days(period.finalise_on, bank_days, closures)
    reasons = {}
    for name, day in nominal.items():
        stands = getattr(period, name)
        if reason := why_not_working(stands, closures):
            reasons[name] = f"not a working day ({reason})"
        elif name == "pay_on" and day < stands == first_pay_day:
            reasons[name] = f"moved from {weekday_date(day)}: the bank needs {working_days(bank_days)}"
        elif reason := why_moved(day, stands, closures):
            reasons[name] = reason
    return reasons


def uk_date(day: date) -> str:
    """Write a date in full: "16 October 2017". The names of months never depend on the machine's language."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def uk_clock(moment: datetime | time) -> str:
    """Write a time of day as a page says when something happened: "9:14am", "12:40pm"."""
    return f"{moment.hour % 12 or 12}:{moment:%M}{'am' if moment.hour < 12 else 'pm'}"


def weekday_date(day: date) -> str:
    """Write a date with its weekday where the year is clear: "Monday 25 December"."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def short_date(day: date) -> str:
    """Write a date where the year is clear from what stands around it: "9 Nov"."""
    return f"{day.day} {MONTHS[day.month - 1][:3]}"


def date_range(start: date, end: date) -> str:
    """Write two dates, no month or year twice: "6 to 12 November 2017", "16 October to 12 November 2017"."""
    if start == end:
        return uk_date(start)
    if start.year != end.year:
        return f"{uk_date(start)} to {uk_date(end)}"
    if start.month != end.month:
        return f"{start.day} {MONTHS[start.month - 1]} to {uk_date(end)}"
    return f"{start.day} to {uk_date(end)}"


def days_from(first: date, last: date | None) -> str:
    """Write days of which the last may not be known: "9 to 18 November 2026", "from 9 November 2026, …"."""
    return f"from {uk_date(first)}, no last day yet" if last is None else date_range(first, last)


def is_near(day: date) -> bool:
    """Say whether a day is one that somebody alive, or a contract, can be about: each has a day before and after it."""
    return day.year in YEARS


def read_date(text: str) -> date:
    """Read a date as people type it: "16/10/2017", "16-10-17", "2017-10-16", "16 October 2017"; never month first.

    A year of two digits is in this century. Raises NotADate for anything else, for a day no month has, and for one that
    no agreement is about, such as the 31/12/9999 that other systems write for no end date.
    """
    typed = text.strip()
    parts: tuple[str, str, str] | None = None
    if found := _YEAR_FIRST.fullmatch(typed):
        parts = (found[1], found[2], found[3])
    elif found := _DAY_FIRST.fullmatch(typed):
        parts = (found[4] if len(found[4]) == 4 else f"20{found[4]}", found[3], found[1])
    elif found := _IN_WORDS.fullmatch(typed):
        parts = (found[3], str(_month_number(found[2])), found[1])
    with suppress(ValueError):  # the 31st of February is no date either
        if parts and is_near(day := date(int(parts[0]), int(parts[1]), int(parts[2]))):
            return day
    shown = typed if len(typed) <= 20 else f"{typed[:20]}…"
    remedy = "Enter a day, month and year, such as 16/10/2017."
    raise NotADate(Problem(Code.NOT_A_DATE, f"“{shown}” is not a date.", remedy))


def _month_number(word: str) -> int:
    """Return 1 to 12 for a month's name or its first three letters, 0 for any other word."""
    names = [month.lower() for month in MONTHS]
    short = [name[:3] for name in names]
    lowered = word.lower()
    return (names.index(lowered) if lowered in names else short.index(lowered) if lowered in short else -1) + 1
