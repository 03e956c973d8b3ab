"""Dates as people and systems write them in files: day first or year first, never month first."""

import re
from collections.abc import Iterable
from datetime import date, datetime

from rules.period import MONTHS, read_date

_SLASHED = re.compile(r"(?:[A-Za-z]{3,9}\.?,? +)?([0-9]{1,2})[/.-]([0-9]{1,2})[/.-](?:[0-9]{4}|[0-9]{2})(?![0-9])")
# Other systems export dates as timestamps of midnight.
_MIDNIGHT = re.compile(
    r"(?:(?<=[0-9])T|[ ,]+)(?:0?0[:.]00(?:[:.]00(?:\.0+)?)?(?: *Z|\+00:?00)?|12:00(?::00)? *[aA]\.?[mM]\.?)$"
)
_WEEKDAY = re.compile(r"(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,? +", re.IGNORECASE)
_IN_WORDS = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)?[ ./-]*([A-Za-z]{3,9})\.?,?[ ./-]*([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.]([0-9]{1,2})[/.]([0-9]{1,2})|((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
TURNED = (
    "In the column “{}” all dates up to the 12th are dates, and all later ones are text: a spreadsheet that expects the"
    " month first has taken days for months. Open the file that your system wrote, and have the column read day first."
)
_MONTHS = 12
_FEWEST = 2
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WrongWeekday(ValueError):
    """The name of a day before a date is not that of the date; carries the date."""

    def __init__(self, day: date) -> None:
        super().__init__(f"{day} is another day of the week")
        self.day = day


def read_written_day(text: str) -> date:
    """Return the date that text holds: 16/10/2017, 16-Oct-17, Mon 16/10/2017, 2017/10/16, 20171016, midnight behind it.

    Raises NotADate, and WrongWeekday where the name of a day before it contradicts it.
    """
    bare = _MIDNIGHT.sub("", text)
    named = _WEEKDAY.match(bare)
    day = _read(bare[named.end() :] if named else bare)
    if named and named[1][:3].lower() != _DAYS[day.weekday()]:
        raise WrongWeekday(day)
    return day


def _read(text: str) -> date:
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()[:3] if found[1] else found.groups()[3:]
        return read_date(f"{year}-{month}-{day}")
    if (found := _IN_WORDS.fullmatch(text)) and (month_name := _month(found[2])):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        return read_date(f"{found[1]} {month_name} {year}")
    return read_date(text)


def _month(word: str) -> str:
    """Return the name of the month that a word is, or begins as: Oct, Sept, october."""
    return next((name for name in MONTHS if name.lower().startswith(word.lower())), "")


class TurnedDates:
    """Tells whether a spreadsheet has taken days for months in a column that was text with the day first.

    What it could read so became dates, none after the 12th: 11/10/2017 the 10th of November. What it could not stayed
    text, none before the 13th. One or two of either could be chance.
    """

    def __init__(self) -> None:
        self._texts: set[tuple[int, int]] = set()
        self._dates: set[date] = set()
        self._is_mixed = False

    def note(self, cells: Iterable[object]) -> None:
        """Note cells of the column."""
        for cell in cells:
            if isinstance(cell, str) and (found := first_and_second(cell)):
                self._is_mixed = self._is_mixed or found[0] <= _MONTHS
                self._texts.add(found)
            elif isinstance(cell, datetime):
                self._is_mixed = self._is_mixed or cell.day > _MONTHS
                self._dates.add(cell.date())

    def __bool__(self) -> bool:
        return not self._is_mixed and min(len(self._texts), len(self._dates)) >= _FEWEST


def first_and_second(text: str) -> tuple[int, int] | None:
    """Return the first two figures of a date such as 16/10/2017, None where it is written in another way."""
    found = _SLASHED.match(text)
    return (int(found[1]), int(found[2])) if found else None
