"""Workbooks that people fill in and send back: a template of a layout, and the rows of a file that need correcting.

Every text is written as text, also in the columns still empty: no spreadsheet turns a reference into a number, or what
begins with = + - @ into a formula.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from files.reading.cells import Cell, is_empty, read_text
from files.reading.table import MESSAGE, Layout
from files.writing.workbook import FONT, HEADING, open_workbook, write_text

FAULTY = {"bg_color": "#FBDAD7", "border": 1, "border_color": "#942514"}
NARROWEST, WIDEST = 9, 44


@dataclass(frozen=True)
class FaultyRow:
    """A row as it stood in its file, the places (from 0) of the cells that are wrong, and why in words."""

    cells: Sequence[Cell]
    faulty: frozenset[int]
    message: str


def write_template(layout: Layout) -> bytes:
    """Return a workbook with the headings of a layout, `*` at those that are needed, and a sheet that explains them."""
    target = io.BytesIO()
    with open_workbook(target) as book:
        sheet = book.add_worksheet(layout.name[:31])
        headings = [f"{column.title}*" if column.required else column.title for column in layout.columns]
        _headings(book, sheet, headings, [[] for _ in headings])
        help_sheet = book.add_worksheet("Help")
        _headings(book, help_sheet, ["Column", "Needed", "What it holds"], [headings, [], []])
        wrapped = book.add_format(FONT | {"text_wrap": True})
        help_sheet.set_column(2, 2, 90)
        for number, column in enumerate(layout.columns, start=1):
            for place, words in enumerate((column.title, "Yes" if column.required else "", column.note)):
                write_text(help_sheet, number, place, words, wrapped)
    return target.getvalue()


@dataclass(frozen=True)
class FaultySheet:
    """The rows of one sheet that need correcting, under its own headings."""

    name: str
    headings: Sequence[str]
    rows: Sequence[FaultyRow]


def write_correction(headings: Sequence[str], rows: Sequence[FaultyRow]) -> bytes:
    """Return a workbook of these rows with the faulty cells coloured and what is wrong in the last column."""
    return write_corrections([FaultySheet("Rows to correct", headings, rows)])


def write_corrections(sheets: Sequence[FaultySheet]) -> bytes:
    """Return a workbook of these sheets, each as `write_correction` writes one."""
    target = io.BytesIO()
    with open_workbook(target) as book:
        styles = {faulty: _styles(book, FAULTY if faulty else {}) for faulty in (True, False)}
        for sheet in sheets:
            _write_faulty(book, sheet, styles)
    return target.getvalue()


def _write_faulty(book: Any, faulty: FaultySheet, styles: Mapping[bool, dict[str, Any]]) -> None:
    width = max((place for place, heading in enumerate(faulty.headings, start=1) if heading.strip()), default=0)
    # Messages of an earlier correction file are dropped.
    places = [
        place for place, heading in enumerate(faulty.headings[:width]) if heading.strip().lower() != MESSAGE.lower()
    ]
    sheet = book.add_worksheet(_sheet_name(faulty.name, {each.name.lower() for each in book.worksheets()}))
    columns = [[read_text(row.cells[place]) for row in faulty.rows if place < len(row.cells)] for place in places]
    headings = [*(faulty.headings[place] for place in places), MESSAGE]
    _headings(book, sheet, headings, [*columns, ["m" * WIDEST]])
    for number, row in enumerate(faulty.rows, start=1):
        for column, place in enumerate(places):
            cell = row.cells[place] if place < len(row.cells) else None
            _write(sheet, number, column, cell, styles[place in row.faulty])
        _write(sheet, number, len(places), row.message, styles[False])
        # Cells beyond the headings stay beyond them: cut off, the row would be read as something else.
        for column, cell in enumerate(row.cells[width:], start=len(headings)):
            if not is_empty(cell):
                _write(sheet, number, column, cell, styles[True])


def _sheet_name(name: str, taken: set[str]) -> str | None:
    """Return a name as spreadsheets allow it, None for one of their own making."""
    allowed = "".join(letter for letter in name if letter.isprintable() and letter not in "[]:*?/\\'")[:31].strip()
    return allowed if allowed.lower() not in {"", "history", *taken} else None


def _headings(book: Any, sheet: Any, headings: Sequence[str], columns: Sequence[Sequence[str]]) -> None:
    style, text = book.add_format(HEADING), book.add_format(FONT | {"num_format": "@"})
    for place, (heading, values) in enumerate(zip(headings, columns, strict=True)):
        longest = max((len(value) for value in (heading, *values)), default=0)
        sheet.set_column(place, place, min(max(longest + 3, NARROWEST), WIDEST), text)
        write_text(sheet, 0, place, heading, style)
    sheet.freeze_panes(1, 0)
    if headings:
        sheet.autofilter(0, 0, 0, len(headings) - 1)


def _styles(book: Any, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": book.add_format(FONT | more | {"num_format": "@", "text_wrap": True}),
        "number": book.add_format(FONT | more),
        "date": book.add_format(FONT | more | {"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format(FONT | more | {"num_format": "dd/mm/yyyy hh:mm"}),
    }


def _write(sheet: Any, row: int, column: int, cell: Cell, styles: dict[str, Any]) -> None:
    if cell is None:
        sheet.write_blank(row, column, None, styles["text"])
    elif isinstance(cell, date):
        has_time = isinstance(cell, datetime) and (cell.hour or cell.minute)
        sheet.write_datetime(row, column, cell, styles["moment" if has_time else "date"])
    elif isinstance(cell, float):
        sheet.write_number(row, column, cell, styles["number"])
    else:
        # Newlines and spaces inside a comment are kept.
        text = cell.strip() if isinstance(cell, str) else read_text(cell)
        write_text(sheet, row, column, text, styles["text"])
