"""A list of records as a file: CSV or Excel, exactly what the page showed, safe to open (files.md, opening)."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import xlsxwriter

from files.writing.workbook import write_text

LINES_AT_ONCE = 500
# Rows of a sheet, less the headings.
MOST_IN_EXCEL = 1_048_575
# A CSV cell that begins with one of these is evaluated as a formula.
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def plain(text: str) -> str:
    """Return text that no spreadsheet runs as a formula."""
    return f"'{text}" if text.startswith(RUN_BY_SPREADSHEETS) else text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Yield headings and rows as CSV in UTF-8 that Excel recognises; dates as dd/mm/yyyy, figures as they are."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    yield text.getvalue().encode("utf-8-sig")
    coming = iter(rows)
    while batch := list(islice(coming, LINES_AT_ONCE)):
        text.seek(0)
        text.truncate()
        writer.writerows([_word(value) for value in row] for row in batch)
        yield text.getvalue().encode()


def write_xlsx(file: IO[bytes], title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write headings and rows as a workbook of one sheet: real dates and figures, references as text.

    At most MOST_IN_EXCEL rows; they are written as they come and not kept in memory.
    """
    options = {"constant_memory": True, "remove_timezone": True, "strings_to_formulas": False}
    workbook = xlsxwriter.Workbook(file, options)
    sheet = workbook.add_worksheet("".join(letter for letter in title if letter not in "[]:*?/\\")[:31])
    bold = workbook.add_format({"bold": True})
    formats = {
        datetime: workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        date: workbook.add_format({"num_format": "dd/mm/yyyy"}),
        Decimal: workbook.add_format({"num_format": "#,##0.00##"}),
        str: workbook.add_format(),
    }
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, max(12, min(len(heading) + 4, 40)))
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            _put(sheet, (number, column), value, formats)
    workbook.close()


def _put(sheet: Any, place: tuple[int, int], value: Any, formats: dict[type, Any]) -> None:
    if isinstance(value, date):
        sheet.write_datetime(*place, value, formats[type(value)])
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        sheet.write_number(*place, value, formats.get(type(value)))
    elif value not in (None, ""):
        text = ("Yes" if value else "No") if isinstance(value, bool) else str(value)
        write_text(sheet, *place, text, formats[str])


def _word(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    # A negative number begins with a minus and is no formula.
    return str(value) if isinstance(value, int | Decimal) else plain(str(value))
