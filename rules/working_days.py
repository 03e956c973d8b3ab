"""Working days: Monday to Friday, no bank holiday in England and no closure day of the council (rules.md 1).

Every date that is counted in working days, or moved to one, is decided here. `closures` are the council's closure days
(policy: WD-1); a bank holiday proclaimed after the installed release of `holidays` is entered as one of them.
"""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import lru_cache

# The package imports a module for every country, whichever is asked for: 0.2 of the 2.4 s that importing the
# application takes, and 10 of its 131 MB, once, before the web workers are forked. `holidays.country_holidays` imports
# the same 300 modules, but in the first request of each worker.
from holidays.countries.united_kingdom import UnitedKingdom

from rules.words import counted

_DAY = timedelta(days=1)
_SATURDAY = 5


def why_not_working(day: date, closures: Collection[date]) -> str:
    """Return why a day is no working day ("Christmas Day", "weekend", "closure day of the council"), else ""."""
    if name := _bank_holidays(day.year).get(day):
        return name
    if day.weekday() >= _SATURDAY:
        return "weekend"
    return "closure day of the council" if day in closures else ""


def is_working_day(day: date, closures: Collection[date]) -> bool:
    """Return whether a day is a working day."""
    return not why_not_working(day, closures)


def next_working_day(day: date, closures: Collection[date]) -> date:
    """Return the first working day on or after a day."""
    while not is_working_day(day, closures):
        day += _DAY
    return day


def previous_working_day(day: date, closures: Collection[date]) -> date:
    """Return the last working day on or before a day."""
    while not is_working_day(day, closures):
        day -= _DAY
    return day


def add_working_days(day: date, count: int, closures: Collection[date]) -> date:
    """Return the working day that is so many after a day, or before it where `count` is negative.

    The day itself does not count; with a count of 0 it is the first working day on or after it.
    """
    if not count:
        return next_working_day(day, closures)
    for _ in range(abs(count)):
        day = next_working_day(day + _DAY, closures) if count > 0 else previous_working_day(day - _DAY, closures)
    return day


def working_days(count: int) -> str:
    """Write a count: "1 working day", "2 working days"."""
    return counted(count, "working day")


# Not the library's own cache, which a second thread reads while the first still fills it. Working out a year takes
# 0.16 ms, looking a day up in it 0.3 µs; the daily job, which asks some 100 times, would take 16 ms without.
@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> Mapping[date, str]:
    """Return the bank holidays in England in a year with their names; the library knows them from 1872 to 2100."""
    found = UnitedKingdom(subdiv="ENG", years=year)  # type: ignore[no-untyped-call]
    return {day: name.replace("(observed)", "(substitute day)") for day, name in found.items()}
