"""Visits as a provider's own system recorded them, rolled up to the units of a day (files.md 2; rules AC-2, AC-3)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rules.money import NOTHING, round2
from rules.states import Unit

LONDON = ZoneInfo("Europe/London")


class Outcome(StrEnum):
    """What became of a visit."""

    DELIVERED = "DELIVERED"
    ABORTED = "ABORTED"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


class CountedVisit(NamedTuple):
    """A visit that was delivered, by one carer, with what its minutes count for; `begins` is when it was planned.

    `carer` is whatever tells the visits of two carers at once apart: their own names, or slots; empty where nothing
    does.
    """

    ref: str
    carer: str
    begins: datetime | None
    counted: int


def rounded_minutes(minutes: int, nearest: int, tolerance: int) -> int:
    """Return the minutes of a visit rounded to the nearest so many, a half up.

    Minutes of `tolerance` beyond the half are let pass before it is rounded up: with 15 and 0, 38 minutes are 45 and
    37 are 30; with 15 and 5, it takes 43 minutes to be 45. Raises ValueError for minutes below 0.
    """
    if minutes < 0 or nearest < 1 or tolerance < 0:
        raise ValueError("minutes and tolerance are not below 0, and what is rounded to is at least 1")
    whole, rest = divmod(minutes, nearest)
    return (whole + (2 * (rest - tolerance) >= nearest)) * nearest


def minutes_between(start: datetime, end: datetime) -> int:
    """Return the whole minutes that passed between two times on London's clocks; below 0 where the end comes first.

    In the night the clocks go back, an hour is shown twice: of what a time in it can mean, the shortest visit is taken
    that does not end before it began. A time in the hour left out in spring was on no clock: it is read as if it
    had been, so that a visit from 01:30 to 02:30 is an hour.
    """
    passed = end - start
    plain = passed.days * 24 * 60 + passed.seconds // 60
    if not _clocks_change(start) and not _clocks_change(end):
        return plain
    if _was_left_out(start) or _was_left_out(end):
        return plain
    readings = [_passed(first, last) for first in _meanings(start) for last in _meanings(end)]
    return min((minutes for minutes in readings if minutes >= 0), default=max(readings))


def units_of_counted(visits: Sequence[CountedVisit], unit: Unit) -> Decimal:
    """Return what the delivered visits of one line and day come to in the line's unit; their minutes have been rounded.

    Hours: the minutes of each visit and carer, added. Days and nights: one where there was any visit. Other units: the
    number of visits, two carers who go together being at one. Raises ValueError for the unit week, which is never
    entered.
    """
    if unit is Unit.HOUR:
        return hours_of(sum([visit.counted for visit in visits]))
    if unit is Unit.WEEK:
        raise ValueError("weeks are not entered by providers")
    return NOTHING + (min(1, len(visits)) if unit in (Unit.DAY, Unit.NIGHT) else _how_many(visits))


@lru_cache
def hours_of(minutes: int) -> Decimal:
    """Return minutes as hours of two places."""
    return round2(Decimal(minutes) / 60)


def _how_many(visits: Iterable[CountedVisit]) -> int:
    """Return how many visits there were: carers who are told apart, at the same time, are at one."""
    return len({(visit.begins, "" if visit.carer else visit.ref) for visit in visits})


def _clocks_change(moment: datetime) -> bool:
    """Say whether it is the last Sunday of March or October."""
    return moment.day >= 25 and moment.month in (3, 10) and moment.weekday() == 6


def _was_left_out(moment: datetime) -> bool:
    there = moment.replace(tzinfo=LONDON)
    return _in_utc(there).astimezone(LONDON).replace(tzinfo=None) != moment


def _meanings(moment: datetime) -> set[datetime]:
    return {_in_utc(moment.replace(tzinfo=LONDON, fold=fold)) for fold in (0, 1)}


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def _passed(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds() // 60)
