"""The Actuals workbook: a period's weeks as a file that people fill in and send back (files.md 1).

Every text is a text cell: what begins with = + - @ is never run as a formula, and comes back as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import IO, Any, TypeAlias

from xlsxwriter.utility import xl_col_to_name

from files.actuals.aborted_sheet import ABORTED_COLUMNS, AbortedLine, write_aborted
from files.actuals.columns import DAY_PLANS
from files.actuals.formats import (
    COMMENT_CHECK,
    COMMENT_WIDTH,
    DAY,
    FREE,
    GREY,
    TEXT,
    UNITS,
    Style,
    add_formats,
    choice_of,
    fit_height,
    protect_and_print,
    put,
    put_headings,
)
from files.actuals.help_sheets import WEEK_REASONS, write_help, write_reasons
from files.writing.workbook import open_workbook, write_text
from rules.money import NOTHING
from rules.period import DAY_NAMES
from rules.plan import unit_words
from rules.states import Unit

__all__ = [
    "ABORTED_COLUMNS", "COLUMNS", "AbortedLine", "SheetLine", "write_actuals_workbook"
]  # fmt: skip

# Heading and width in characters, in order.
_WIDTHS = (
    ("Row key", 5), ("Service", 22), ("CPLI", 11), ("Person ref", 11), ("Person", 9), ("Element", 20), ("Unit", 9),
    ("Week starting", 12), ("Planned", 9), *((name, 6) for name in DAY_PLANS), *((name, 7) for name in DAY_NAMES),
    ("Week total", 9), ("Reason", 13),
    ("Comment", COMMENT_WIDTH), ("Rate", 12), ("Status", 12), ("Message", 34),
)  # fmt: skip
COLUMNS = tuple(heading for heading, _width in _WIDTHS)
WEEK, PLANNED, MONDAY_PLAN, MONDAY, TOTAL, REASON, COMMENT, RATE, STATUS, MESSAGE = map(
    COLUMNS.index,
    ("Week starting", "Planned", DAY_PLANS[0], "Mon", "Week total", "Reason", "Comment", "Rate", "Status", "Message"),
)
_LETTERS = tuple(map(xl_col_to_name, range(len(COLUMNS))))
_WEEK_STYLES: Mapping[str, Style] = {
    "text": TEXT,
    "faint": TEXT | {"font_color": "#8A9399", "font_size": 8},
    "date": DAY,
    "units": UNITS,
    "plan": UNITS | {"font_color": "#5F6B72", "bg_color": "#F2F4F5"},
    # A week that nobody has started shows no total until a day is filled in.
    "units_if_any": {"num_format": "0.00;-0.00;"},
    "rate": {"num_format": "£#,##0.00##", "align": "left", "indent": 1},
    "free_units": FREE | UNITS,
    "free_text": FREE | TEXT,
    "free_comment": FREE | TEXT | {"text_wrap": True},
    "closed": GREY | UNITS,
    "message": TEXT | {"text_wrap": True, "font_color": "#942514"},
}
# Unit, step, planned quantities off it, whether the line is planned by the week, its plan in words; and first row and
# column, last row and column.
_Checked: TypeAlias = tuple[Unit, Decimal, tuple[Decimal, ...], bool, str]
_Area: TypeAlias = tuple[int, int, int, int]
_MOST_AREAS = 100
# A check of Excel has at most 255 characters: a plan of more odd quantities is checked by the portal alone.
_MOST_OFF_STEP = 4


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One line's week as a row: `days` and `total` are units, None where nothing is stored.

    `open_days` are the days on which something can be entered; `step` is the unit's, `off_step` are planned
    quantities that are not on it: they can be written all the same; `rate` is pounds, or words where
    the week has two; `plan` says the line's plan by day; `day_plan` are its units, None outside the line.
    """

    key: str
    service: str
    line: str
    person_reference: str
    person: str
    element: str
    unit: Unit
    week: date
    planned: Decimal
    day_plan: Sequence[Decimal | None]
    weekly: bool
    open_days: Sequence[bool]
    days: Sequence[Decimal | None]
    total: Decimal | None
    reason: str
    comment: str
    rate: Decimal | str
    status: str
    step: Decimal
    off_step: tuple[Decimal, ...]
    plan: str


def write_actuals_workbook(
    target: IO[bytes],
    rows: Sequence[SheetLine],
    aborted: Sequence[AbortedLine],
    *,
    organisation: str,
    period: tuple[date, date],
    period_words: str,
) -> None:
    """Write the workbook of a period into an open file; `aborted` are the visits recorded already."""
    with open_workbook(target) as book:
        # No author: the file carries nobody's name.
        book.set_properties({"title": f"Actuals, {period_words}", "company": organisation})
        sheet, style = begin_weeks(book, rows, f"{organisation}, {period_words}")
        for number, row in enumerate(rows, start=1):
            _write_week(sheet, number, row, style)
        write_aborted(book, aborted, period)
        write_reasons(book)
        write_help(book)


def begin_weeks(book: Any, rows: Sequence[SheetLine], title: str) -> tuple[Any, dict[str, Any]]:
    """Add the sheet Actuals with all but its rows; return it, and the formats of its cells by name."""
    sheet = book.add_worksheet("Actuals")
    put_headings(book, sheet, _WIDTHS)
    last = max(len(rows), 1)
    sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
    sheet.freeze_panes(1, COLUMNS.index("Element"))
    for (unit, step, off_step, weekly, plan), areas in _areas(rows):
        first = areas[0]
        cell = f"{_LETTERS[first[1]]}{first[0] + 1}"
        check = _check_of_units(unit, step, off_step, cell, plan, days=7 if weekly else 1)
        sheet.data_validation(*first, check | {"other_cells": areas[1:]})
    sheet.data_validation(1, REASON, last, REASON, choice_of(WEEK_REASONS))
    sheet.data_validation(1, COMMENT, last, COMMENT, COMMENT_CHECK)
    protect_and_print(sheet, title)
    sheet.print_area(0, 1, last, len(COLUMNS) - 2)
    return sheet, add_formats(book, _WEEK_STYLES)


def _areas(rows: Sequence[SheetLine]) -> Iterator[tuple[_Checked, list[_Area]]]:
    """Return the cells that quantities are written into, those together that are checked in one way."""
    found: dict[_Checked, list[_Area]] = {}
    first = 1
    for kind, run in groupby(rows, lambda row: (row.unit, row.step, row.off_step, row.weekly, row.plan)):
        last = first + sum(1 for _row in run) - 1
        columns = (TOTAL, TOTAL) if kind[3] else (MONDAY, MONDAY + 6)
        found.setdefault(kind, []).append((first, columns[0], last, columns[1]))
        first = last + 1
    for kind, areas in found.items():
        for place in range(0, len(areas), _MOST_AREAS):
            yield kind, areas[place : place + _MOST_AREAS]


def _check_of_units(
    unit: Unit, step: Decimal, off_step: tuple[Decimal, ...], first: str, plan: str, *, days: int
) -> Style:
    """Return what a quantity is checked with: a number from 0, on its step or planned, no more hours than there are."""
    # MOD of a decimal step is never exactly 0 in Excel, so compare in whole ten-thousandths.
    cell = f"ROUND({first}*10000,0)"
    good = [f"MOD({cell},{int(step * 10000)})=0", *(f"{cell}={int(each * 10000)}" for each in off_step)]
    rules = [f"ISNUMBER({first})", f"{first}>=0"]
    if len(off_step) <= _MOST_OFF_STEP:
        rules.append(f"OR({','.join(good)})" if off_step else good[0])
    if unit is Unit.HOUR:
        rules.append(f"{first}<={24 * days}")
    words = unit_words(unit, Decimal(0))
    example = f"Write {words} in steps of {step.normalize():f}, such as {(1 + step).normalize():f}"
    if step == 1:
        example = f"Write whole {words}, such as 2"
    most = f", at most {24 * days}" if unit is Unit.HOUR else ""
    return {
        "validate": "custom",
        "value": f"=AND({','.join(rules)})",
        "input_title": "Planned",
        "input_message": plan[:255],
        "error_title": f"Not a quantity of {words}",
        "error_message": f"{example}{most}. Write 0 where nothing was delivered.",
    }


def _write_week(sheet: Any, number: int, row: SheetLine, style: Mapping[str, Any]) -> None:
    write_text(sheet, number, 0, row.key, style["faint"])
    words = (row.service, row.line, row.person_reference, row.person, row.element, row.unit)
    for column, word in enumerate(words, start=1):
        write_text(sheet, number, column, word, style["text"])
    sheet.write_datetime(number, WEEK, row.week, style["date"])
    sheet.write_number(number, PLANNED, row.planned, style["units"])
    for column, units in enumerate(row.day_plan, start=MONDAY_PLAN):
        put(sheet, number, column, units, style["plan"])
    for column, (is_open, units) in enumerate(zip(row.open_days, row.days, strict=True), start=MONDAY):
        put(sheet, number, column, units, style["free_units" if is_open and not row.weekly else "closed"])
    _write_total(sheet, number, row, style)
    write_text(sheet, number, REASON, row.reason, style["free_text"])
    write_text(sheet, number, COMMENT, row.comment, style["free_comment"])
    put(sheet, number, RATE, row.rate, style["rate" if isinstance(row.rate, Decimal) else "text"])
    write_text(sheet, number, STATUS, row.status, style["text"])
    sheet.write_blank(number, MESSAGE, None, style["message"])
    fit_height(sheet, number, row.comment)


def _write_total(sheet: Any, number: int, row: SheetLine, style: Mapping[str, Any]) -> None:
    if row.weekly:
        put(sheet, number, TOTAL, row.total, style["free_units" if any(row.open_days) else "closed"])
        return
    days = f"{_LETTERS[MONDAY]}{number + 1}:{_LETTERS[MONDAY + 6]}{number + 1}"
    # With a cached value, for readers that do not calculate: what the days add up to.
    given = [units for units in row.days if units is not None]
    sheet.write_formula(
        number, TOTAL, f"=SUM({days})", style["units" if given else "units_if_any"], sum(given, NOTHING)
    )
