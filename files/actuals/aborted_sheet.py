"""The sheet Aborted visits of the Actuals workbook: what is recorded already, and room for new ones (files.md 1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from files.actuals.formats import (
    CLOCK,
    COMMENT_CHECK,
    DAY,
    GREY,
    MINUTES,
    MOMENT,
    TEXT,
    Style,
    Value,
    add_formats,
    choice_of,
    fit_height,
    protect_and_print,
    put,
    put_headings,
)
from files.actuals.help_sheets import ABORTED_REASONS

_WIDTHS = (
    ("CPLI", 11), ("Date", 12), ("Planned start", 10), ("Planned minutes", 10), ("Told at", 17), ("Arrived at", 10),
    ("Waited minutes", 10), ("Who was informed", 24), ("Reason", 13), ("Comment", 40),
)  # fmt: skip
ABORTED_COLUMNS = tuple(heading for heading, _width in _WIDTHS)
# Rows for new visits that have validations.
VISIT_ROWS = 2_000
_FIRST_DAY = date(2000, 1, 1)

_FORMATS = (TEXT, DAY, CLOCK, MINUTES, MOMENT, CLOCK, MINUTES, TEXT, TEXT, TEXT)
_VISIT_STYLES: Mapping[str, Style] = {
    "text": GREY | TEXT,
    "date": GREY | DAY,
    "clock": GREY | CLOCK,
    "moment": GREY | MOMENT,
    "minutes": GREY | MINUTES,
    "comment": GREY | TEXT | {"text_wrap": True},
}


@dataclass(frozen=True, slots=True)
class AbortedLine:
    """An aborted visit that is recorded already; times are those of London."""

    line: str
    day: date
    planned_start: time
    planned_minutes: int
    told_at: datetime | None
    arrived_at: time | None
    waited_minutes: int
    informed: str
    reason: str
    comment: str


def write_aborted(book: Any, recorded: Sequence[AbortedLine], period: tuple[date, date]) -> None:
    """Add the sheet with the visits recorded already, locked, and cells for new ones below them."""
    sheet = book.add_worksheet("Aborted visits")
    put_headings(book, sheet, _WIDTHS, free=_FORMATS)
    style = add_formats(book, _VISIT_STYLES)
    for number, visit in enumerate(recorded, start=1):
        _write_visit(sheet, number, visit, style)
    sheet.freeze_panes(1, 1)
    last = len(recorded) + VISIT_ROWS
    for place, check in enumerate(_visit_checks(period)):
        if check:
            sheet.data_validation(1, place, last, place, check)
    protect_and_print(sheet, "Aborted visits")


def _visit_checks(period: tuple[date, date]) -> list[Style | None]:
    """Return what each column of the aborted visits is checked with, in order."""
    minutes = {
        "validate": "integer",
        "criteria": "between",
        "minimum": 0,
        "maximum": 1440,
        "error_title": "Not a number of minutes",
        "error_message": "Write whole minutes, such as 45.",
    }
    clock = {
        "validate": "time",
        "criteria": "between",
        "minimum": time(0),
        "maximum": time(23, 59, 59),
        "error_title": "Not a time",
        "error_message": "Write hours and minutes, such as 07:30.",
    }
    day = {
        "validate": "date",
        "criteria": "between",
        "minimum": period[0],
        "maximum": period[1],
        "error_type": "warning",
        "error_title": "Not a date of this period",
        "error_message": "Write day, month and year, such as 16/10/2017. This date is outside the period of the file.",
    }
    told = {
        "validate": "date",
        "criteria": ">=",
        "value": _FIRST_DAY,
        "error_title": "Not a date and time",
        "error_message": "Write date and time, such as 16/10/2017 06:45, or leave the cell empty.",
    }
    return [None, day, clock, minutes, told, clock, minutes, None, choice_of(ABORTED_REASONS), COMMENT_CHECK]


def _write_visit(sheet: Any, number: int, visit: AbortedLine, style: Mapping[str, Any]) -> None:
    cells: Sequence[tuple[Value, str]] = (
        (visit.line, "text"),
        (visit.day, "date"),
        (visit.planned_start, "clock"),
        (visit.planned_minutes, "minutes"),
        (visit.told_at, "moment"),
        (visit.arrived_at, "clock"),
        (visit.waited_minutes, "minutes"),
        (visit.informed, "text"),
        (visit.reason, "text"),
        (visit.comment, "comment"),
    )
    for column, (value, name) in enumerate(cells):
        put(sheet, number, column, value, style[name])
    fit_height(sheet, number, visit.comment)
