"""What a cell of a sheet says: dates, decimals, amounts, references; the same whether it came as text or as a value.

A cell is text, a number, a truth value, a date or nothing. Each reader returns the value, None for an empty cell, and
raises `Unreadable` with the sentence for the person who has to put it right.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import TypeAlias

from files.reading.days import WrongWeekday, read_written_day
from rules.number import Duration, NotANumber, read_number
from rules.period import WEEKDAYS, NotADate, is_near, uk_date
from rules.problem_codes import Code

Cell: TypeAlias = str | float | bool | date | datetime | None

# Day 60 of Excel's calendar is 29 February 1900, which never was; everything from March 1900 on counts from here.
_EXCEL_BEGIN = date(1899, 12, 30)
_SERIALS = range(61, 109_575)  # 1 March 1900 to the end of 2199

# Hours, minutes and seconds of 1:30, 0:45:00; 1h30, 1 hr 30, 1 hour 30 minutes; 2h; 45m, 45 min.
_DURATIONS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<hours>[0-9]{1,3}):(?P<minutes>[0-9]{2})(?::(?P<seconds>[0-9]{2}))?",
        r"(?P<hours>[0-9]{1,3}) *(?:h|hrs?|hours?)\.?,? *(?:and +)?(?P<minutes>[0-9]{2}|[0-9]{1,2}(?= *m))"
        r"(?: *(?:m|mins?|minutes?)\.?)?",
        r"(?P<hours>[0-9]{1,3}) *(?:h|hrs?)\.?",
        r"(?P<alone>[0-9]{1,3}) *(?:m|mins?|minutes?)\.?",
    )
)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
# A point between thousands, as in much of Europe, is clear where a comma stands behind it.
_POINTED = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})+,[0-9]+")
_EITHER = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}")
_POINT_ZERO = re.compile(r"([0-9]+)\.0+")
_TOO_MANY = 100_000
_HUNDREDTH = Decimal("0.01")
# What people write for nothing: it could be 0, or that nobody knows.
_NOTHINGS = frozenset({"-", "–", "—", "nil", "none", "n/a", "na", "n.a.", "x", "?"})
_FOR_NOTHING = "Write 0 where there was nothing, or remove the row."
_ALONE = "Write the number alone, such as 1.5, without a unit or a currency."
_YES, _NO = ("yes", "y", "true", "1"), ("no", "n", "false", "0")


class Unreadable(ValueError):
    """A cell does not hold what its column needs: the text says what is wrong, `remedy` what to do.

    `code` names what is wrong where that is more than the column's own "not a date", "not a number".
    """

    def __init__(self, message: str, remedy: str, code: Code | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy
        self.code = code


class NoResult(str):
    """A cell whose formula has no result: the text is its error, such as #REF!, or the formula where none is stored."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        # A string with the same characters is not the same cell, also as a key of a cache.
        return isinstance(other, NoResult) and str.__eq__(self, other)

    __hash__ = str.__hash__


def is_empty(cell: Cell) -> bool:
    """Say whether a cell holds nothing, or nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_text(cell: Cell) -> str:
    """Return a cell as text, its spaces made plain; a reference that Excel made 48210.0 is 48210."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return f"{cell:%d/%m/%Y}" if not (cell.hour or cell.minute) else f"{cell:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return " ".join(str(cell).split())


def without_point_zero(cell: Cell) -> Cell:
    """Return a reference as it was before a program made a number of it: 48210.0 is 48210."""
    found = _POINT_ZERO.fullmatch(cell.strip()) if isinstance(cell, str) and ".0" in cell else None
    return found[1] if found else cell


def read_day(cell: Cell, later: int = 0) -> date | None:
    """Return a date: a date cell, text with the day first or the year first, or Excel's number of a day.

    `later` is how many days later than Excel's the calendar of the workbook begins.
    """
    if is_empty(cell):
        return None
    if isinstance(cell, date):
        day = cell.date() if isinstance(cell, datetime) else cell
        if is_near(day):
            return day
    text = re.sub(r"^([0-9]+)\.0+$", r"\1", read_text(cell))
    if re.fullmatch(r"[0-9]{2,6}", text) and int(text) in _SERIALS:
        return _EXCEL_BEGIN + timedelta(days=int(text) + later)
    try:
        return read_written_day(text)
    except WrongWeekday as wrong:
        name = WEEKDAYS[wrong.day.weekday()]
        raise Unreadable(
            f"{uk_date(wrong.day)} is a {name}.",
            "Correct the date, or the name of the day before it.",
            Code.CONTRADICTION,
        ) from None
    except NotADate:
        raise Unreadable("This is not a date.", "Write day, month and year, such as 16/10/2017.") from None


def read_decimal(cell: Cell) -> Decimal | None:
    """Return a quantity: 1.5, 1,5, 1:30 and 1h30 are all one and a half. Units and signs of currency are refused.

    So is 1,250, which could be a thousand and more or one and a quarter.
    """
    if is_empty(cell):
        return None
    if isinstance(cell, date):
        raise Unreadable("This is a date, not a number.", "Write a number, such as 1.5.")
    if isinstance(cell, bool):
        raise Unreadable("This is not a number.", "Write a number, such as 1.5.")
    if isinstance(cell, float):
        return _of_float(cell)
    text = read_text(cell).replace("\N{MINUS SIGN}", "-")
    if (minutes := read_duration(text)) is not None:
        return Duration((minutes / 60).quantize(_HUNDREDTH))
    if _EITHER.fullmatch(text):
        whole, part = (read_number(text.replace(",", mark)).normalize() for mark in ("", "."))
        wrong = f"This could be {whole:f} or {part:f}."
        raise Unreadable(wrong, f"Write {whole:f} or {part:f}, without a comma.", Code.AMBIGUOUS_NUMBER)
    if _POINTED.fullmatch(text):
        text = text.replace(".", "")
    if _THOUSANDS.fullmatch(text) and text.count(",") + text.count(".") > 1:
        return read_number(text.replace(",", ""))
    try:
        return read_number(text.replace(",", "."))
    except NotANumber:
        remedy = _FOR_NOTHING if text.casefold() in _NOTHINGS else _ALONE
        raise Unreadable("This is not a number.", remedy) from None


def read_duration(text: str) -> Decimal | None:
    """Return the minutes of a duration: 1:30, 0:45:00, 1h30, 1 hr 30, 2h, 45m; None where the text is none.

    Raises Unreadable where its minutes or seconds go past 59.
    """
    if ":" not in text and not text[-1:].isalpha() and "h" not in text.lower():
        return None
    found = next((each for pattern in _DURATIONS if (each := pattern.fullmatch(text))), None)
    if found is None:
        return None
    parts = {name: int(part) for name, part in found.groupdict().items() if part}
    hours, minutes, seconds = (parts.get(name, 0) for name in ("hours", "minutes", "seconds"))
    if minutes > 59 or seconds > 59:
        remedy = f"Write hours and minutes, such as 1:30, or did you mean {hours}.{minutes:02}?"
        raise Unreadable("Minutes go up to 59.", remedy)
    return Decimal(60 * hours + minutes + parts.get("alone", 0)) + Decimal(seconds) / 60


def read_units(cell: Cell) -> Decimal | None:
    """Return a quantity of care: as `read_decimal`, neither below 0 nor more than any line could hold."""
    units = read_decimal(cell)
    if units is not None and units < 0:
        raise Unreadable("A quantity cannot be below 0.", "Enter 0 where nothing was delivered.", Code.NEGATIVE)
    if units is not None and units >= _TOO_MANY:
        raise Unreadable("This number is far too large.", "Write the units that were delivered, such as 1.5.")
    return units


def read_money(cell: Cell) -> Decimal | None:
    """Return an amount in pounds: 1234.5, 1,234.50 and £1,234.50 are the same. Any other currency is refused."""
    if is_empty(cell) or not isinstance(cell, str):
        return read_decimal(cell)
    text = cell.strip().removeprefix("£").replace(" ", "")
    if re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", text):
        text = text.replace(",", "")
    try:
        return read_number(text)
    except NotANumber:
        raise Unreadable("This is not an amount in pounds.", "Write the amount alone, such as 19.68.") from None


def read_yes_no(cell: Cell) -> bool | None:
    """Return whether a cell says yes or no."""
    if is_empty(cell):
        return None
    word = read_text(cell).lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable("This is neither yes nor no.", "Write Yes or No, or leave the cell empty.")


def read_phone(cell: Cell) -> str:
    """Return a telephone number with the 0 that spreadsheets take from its front."""
    text = read_text(cell)
    digits = text.replace(" ", "")
    return f"0{text}" if re.fullmatch(r"[1-9][0-9]{8,9}", digits) else text


def _of_float(number: float) -> Decimal:
    # As a float 19.68 is 19.679999… and 0.1 + 0.2 is 0.30000000000000004; spreadsheets round to 15 digits.
    if not isfinite(number):
        raise Unreadable("This is not a number.", "Write a number, such as 1.5.")
    return Decimal(f"{number:.15g}") if not number.is_integer() else Decimal(int(number))
