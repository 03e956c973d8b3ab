"""Rows of a large sheet, poured as XML into a workbook that XlsxWriter has made (styles, lists, checks, protection).

XlsxWriter spends most of its time on cells, one object each, and it takes a text such as `<r>…</r>` for XML of its own.
So it writes a sheet's frame: the headings and, in row 2, one empty cell of each format. Here that row is read for the
numbers of the formats and replaced by the rows, which go into the file as they come.
"""

import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import IO, NamedTuple

ROWS_AT_ONCE = 100
POINTS_A_LINE = 13
MOST_LINES = 20
_EXCEL_BEGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a day in a spreadsheet has no time zone
_SECONDS_IN_A_DAY = 86_400
_SAMPLES = re.compile(r'<row r="2".*?</row>', re.DOTALL)
_STYLE = re.compile(r' s="([0-9]+)"')
_DIMENSION = re.compile("<dimension[^>]*/>")
# What cannot stand in the file as it is: marks of XML, what only an escape can hold, and what looks like an escape.
_SPECIAL = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class Row(NamedTuple):
    """The cells of a row, and how many lines of text it is high."""

    cells: str
    lines: int = 1


def text_cell(place: str, style: str, text: str) -> str:
    """Return a cell that is text whatever it begins with; an empty one where there is none."""
    if not text:
        return blank_cell(place, style)
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{escaped(text)}</t></is></c>'


def number_cell(place: str, style: str, number: Decimal | int | None) -> str:
    """Return a cell that is a number; an empty one where there is none."""
    return blank_cell(place, style) if number is None else f'<c r="{place}" s="{style}"><v>{number:f}</v></c>'


def time_cell(place: str, style: str, moment: date | datetime | time | None) -> str:
    """Return a cell that is a day, a time of day, or both; an empty one where there is none."""
    if moment is None:
        return blank_cell(place, style)
    if isinstance(moment, time):
        since = datetime.combine(_EXCEL_BEGIN, moment) - _EXCEL_BEGIN
    elif isinstance(moment, datetime):
        since = moment - _EXCEL_BEGIN
    else:
        since = datetime.combine(moment, time()) - _EXCEL_BEGIN
    seconds = since.seconds / _SECONDS_IN_A_DAY
    return f'<c r="{place}" s="{style}"><v>{since.days + seconds if seconds else since.days}</v></c>'


def formula_cell(place: str, style: str, formula: str, result: Decimal) -> str:
    """Return a cell that is worked out, with its result for readers that work nothing out."""
    return f'<c r="{place}" s="{style}"><f>{escaped(formula)}</f><v>{result:f}</v></c>'


def blank_cell(place: str, style: str) -> str:
    """Return an empty cell, which has a format only."""
    return f'<c r="{place}" s="{style}"/>'


def lines_of(text: str, characters: int) -> int:
    """Return how many lines a text takes in a column so many characters wide, at most MOST_LINES."""
    return min(sum(max(1, -(-len(part) // characters)) for part in text.split("\n")), MOST_LINES)


@lru_cache(maxsize=4096)
def escaped(text: str) -> str:
    """Return text as it stands in the file: readers turn `_x000D_` back into the character of that number."""
    return _SPECIAL.sub(lambda found: _NAMED.get(found[0], f"_x{ord(found[0]):04X}_"), text)


def style_numbers(frame: zipfile.ZipFile, sheet: str) -> list[str]:
    """Return the numbers of the formats in row 2 of a sheet of the frame, in the order of its columns."""
    samples = _SAMPLES.search(frame.read(_part(sheet)).decode())
    return _STYLE.findall(samples[0]) if samples else []


def pour(frame: zipfile.ZipFile, target: IO[bytes], sheets: Mapping[str, Iterable[Row]]) -> None:
    """Write the frame into `target`; each named sheet ("sheet1") gets its rows, cell by cell, in place of row 2."""
    poured = {_part(sheet): rows for sheet, rows in sheets.items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as book:
        for part in frame.infolist():
            if part.filename in poured:
                with book.open(part.filename, "w") as sheet:
                    _pour_sheet(sheet, frame.read(part).decode(), poured[part.filename])
            else:
                book.writestr(part.filename, frame.read(part))


def _pour_sheet(sheet: IO[bytes], frame: str, rows: Iterable[Row]) -> None:
    samples = _SAMPLES.search(frame)
    if samples is None:
        raise ValueError("The frame has no row 2 to put rows in place of.")
    # How far the sheet reaches is told by its rows; readers do without a word of it before them.
    sheet.write(_DIMENSION.sub("", frame[: samples.start()]).encode())
    numbered = (f'<row r="{number}"{_height(row.lines)}>{row.cells}</row>' for number, row in enumerate(rows, start=2))
    while some := "".join(islice(numbered, ROWS_AT_ONCE)):
        sheet.write(some.encode())
    sheet.write(frame[samples.end() :].encode())


def _height(lines: int) -> str:
    # Not every program makes a row as high as its text.
    return f' ht="{POINTS_A_LINE * lines}" customHeight="1"' if lines > 1 else ""


def _part(sheet: str) -> str:
    return f"xl/worksheets/{sheet}.xml"
