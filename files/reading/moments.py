"""What a cell says about when: moments, times of day and minutes, as London's clocks showed them."""

import re
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from files.reading.cells import Cell, Unreadable, is_empty, read_day, read_decimal, read_duration, read_text
from rules.aborted_visit import NotATime, read_time

LONDON: Final = ZoneInfo("Europe/London")
MOST_MINUTES = 7 * 24 * 60

_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - London's clocks, as spreadsheets have them
_SERIALS = (61.0, 109_575.0)
_DAY_FIRST = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4}) ([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
_YEAR_FIRST = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DAY_AND_TIME = re.compile(
    r"(.+?)(?:(?<=[0-9])T|[ ,]+)(?:at )?([0-9]{1,2}[:.][0-9]{2})(?:[:.][0-9]{2}(?:\.[0-9]+)?)?( *[ap]m)?", re.IGNORECASE
)
# The end of a day, as some write it.
END_OF_DAY = re.compile(r"24[:.]00(?:[:.]00)?")
_AT_END_OF_DAY = re.compile(rf"(.+?)(?:(?<=[0-9])T|[ ,]+){END_OF_DAY.pattern}")
_REMEDY = "Write day and time, such as 16/10/2017 09:30."


def read_moment(cell: Cell, later: int = 0) -> datetime | None:
    """Return a moment: a date cell with its time, text with the day first or the year first, or Excel's number.

    A moment with an offset from Greenwich becomes what London's clocks showed then. `later` is as in `read_day`.
    """
    if isinstance(cell, str):
        return _of_text(cell, later) if cell and not cell.isspace() else None
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if isinstance(cell, float):
        return _of_serial(cell, later)
    if cell is None:
        return None
    raise Unreadable("This is not a day and time.", _REMEDY)


def _of_text(cell: str, later: int) -> datetime:
    with suppress(ValueError, OverflowError):  # the 31st of February at 25:00 is no moment either
        if "24" in cell and (found := _AT_END_OF_DAY.fullmatch(cell.strip())):
            return datetime.combine(read_day(found[1], later) or date.max, time()) + timedelta(days=1)
        # The commonest format, parsed without read_day: saves 210 of 400 ms for 42,000 visits.
        if found := _DAY_FIRST.fullmatch(cell):
            return datetime.fromisoformat(f"{found[3]}-{found[2]}-{found[1]}T{found[4]}")
        text = read_text(cell)
        if text != cell:
            return _of_text(text, later)
        if _YEAR_FIRST.fullmatch(text):
            moment = datetime.fromisoformat(text).replace(microsecond=0)
            return moment.astimezone(LONDON).replace(tzinfo=None) if moment.tzinfo else moment
        if found := _DAY_AND_TIME.fullmatch(text):
            day = read_day(found[1], later)
            assert day is not None
            return datetime.combine(day, read_time(found[2] + (found[3] or "")))
    raise Unreadable("This is not a day and time.", _REMEDY)


def read_clock(cell: Cell) -> time | None:
    """Return a time of day: text such as 08:30, a cell with a time, or Excel's fraction of a day."""
    if is_empty(cell):
        return None
    if isinstance(cell, datetime):
        return cell.time()
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * 24 * 60)
        return time(minutes // 60, minutes % 60) if minutes < 24 * 60 else time()
    try:
        return read_time(re.sub(r"^([0-9]{1,2}:[0-9]{2}):[0-9]{2}$", r"\1", read_text(cell)))
    except NotATime:
        raise Unreadable("This is not a time.", "Write hours and minutes, such as 08:30.") from None


def read_minutes(cell: Cell) -> int | None:
    """Return whole minutes: 45, 45m, or 0:45 and 0h45."""
    if is_empty(cell):
        return None
    minutes = read_duration(read_text(cell))
    if minutes is None:
        minutes = read_decimal(cell)
    if minutes is None or minutes < 0 or minutes > MOST_MINUTES or minutes % 1:
        raise Unreadable("This is not a number of minutes.", "Write whole minutes, such as 45.")
    return int(minutes)


def _of_serial(number: float, later: int) -> datetime:
    if not _SERIALS[0] <= number < _SERIALS[1]:
        raise Unreadable("This is not a day and time.", _REMEDY)
    return _BEGIN + timedelta(days=later, seconds=round(number * 24 * 60 * 60))
