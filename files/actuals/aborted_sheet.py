"""The sheet Aborted visits of the Actuals workbook: what is recorded already, and room for new ones (files.md 1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from string import ascii_uppercase
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
    choice_of,
    protect_and_print,
    put_headings,
    put_samples,
)
from files.actuals.help_sheets import ABORTED_REASONS
from files.actuals.poured_rows import number_cell, text_cell, time_cell

_WIDTHS = (
    ("CPLI", 11), ("Date", 12), ("Planned start", 10), ("Planned minutes", 10), ("Told at", 17), ("Arrived at", 10),
    ("Waited minutes", 10), ("Who was informed", 24), ("Reason", 13), ("Comment", 40),
)  # fmt: skip
ABORTED_COLUMNS = tuple(heading for heading, _width in _WIDTHS)
_LETTERS = tuple(ascii_uppercase[: len(ABORTED_COLUMNS)])
# So many rows for new visits have lists and checks.
VISIT_ROWS = 2_000
_FIRST_DAY = date(2000, 1, 1)

_FORMATS = (TEXT, DAY, CLOCK, MINUTES, MOMENT, CLOCK, MINUTES, TEXT, TEXT, TEXT)
VISIT_STYLES: Mapping[str, Style] = {
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


def frame_aborted(book: Any, recorded: int, period: tuple[date, date]) -> None:
    sheet = book.add_worksheet("Aborted visits")
    put_headings(book, sheet, _WIDTHS, free=_FORMATS)
    put_samples(book, sheet, VISIT_STYLES)
    sheet.freeze_panes(1, 1)
    last = recorded + VISIT_ROWS
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


def visit_cells(number: int, visit: AbortedLine, style: Mapping[str, str]) -> str:
    at = [f"{letter}{number}" for letter in _LETTERS]
    return "".join(
        [
            text_cell(at[0], style["text"], visit.line),
            time_cell(at[1], style["date"], visit.day),
            time_cell(at[2], style["clock"], visit.planned_start),
            number_cell(at[3], style["minutes"], visit.planned_minutes),
            time_cell(at[4], style["moment"], visit.told_at),
            time_cell(at[5], style["clock"], visit.arrived_at),
            number_cell(at[6], style["minutes"], visit.waited_minutes),
            text_cell(at[7], style["text"], visit.informed),
            text_cell(at[8], style["text"], visit.reason),
            text_cell(at[9], style["comment"], visit.comment),
        ]
    )
