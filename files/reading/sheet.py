"""A .csv or .xlsx file as cells, whatever program wrote it; hostile and broken files get one clear sentence.

A workbook is parsed by a subprocess under resource limits (sheet_child.py); text is parsed here, in chunks.
"""

import json
import subprocess
import sys
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import python_calamine

from files.reading.cells import Cell, NoResult, is_empty
from files.reading.csv_text import E_MAIL, REMEDY, BrokenFile, KnownHeadings, read_csv
from rules.text import without_invisible

MEBIBYTE = 1024 * 1024
MOST_BYTES = 20 * MEBIBYTE
MOST_ROWS = 100_000
# As many as any spreadsheet has: more, blank ones counted, are no table.
MOST_LINES = 1_048_576
# Above the headings there may be a title and notes; the Care Quality Commission's download has four lines of them.
FARTHEST_HEADING = 15
CHILD_MEMORY = 1024 * MEBIBYTE
CHILD_SECONDS = 30
CHILD = Path(__file__).with_name("sheet_child.py")
PACKAGES = Path(python_calamine.__file__).parents[1]

__all__ = ["FARTHEST_HEADING", "Batch", "BrokenFile", "Grid", "pick_rows", "read_batches", "read_grid"]

OLD_EXCEL = b"\xd0\xcf\x11\xe0"

PARTS = f"Send it in parts of at most {MOST_ROWS:,} rows."
TOO_MANY_ROWS = f"The file has more than {MOST_ROWS:,} rows that hold something. {PARTS}"
TOO_MANY_BLANK = (
    f"The file has far more than {MOST_ROWS:,} rows, nearly all of them blank. Delete the blank rows below the table, "
    "save the file and try again."
)
EMPTY = "The file is empty. Choose a file with a row of headings and rows below it."
TOO_MUCH = (
    "The workbook takes too much memory or time to read. Copy the rows you need into a new workbook and try again."
)
PROTECTED = "The workbook is protected by a password. Save a copy without the password and try again."
DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and try again."

_COPY = "Copy its table into a new workbook, save that as .xlsx or .csv and try again."

# By the codes of sheet_child.py.
PROBLEMS = {
    "damaged": DAMAGED,
    "too much": TOO_MUCH,
    "protected": PROTECTED,
    "macros": "The workbook contains macros. Save it as an Excel workbook without macros (.xlsx) and try again.",
    "links": (
        "The workbook takes figures from other workbooks. Copy its cells, paste them as values into a new workbook "
        "and try again."
    ),
    "nested": (
        "The workbook has other files packed inside it. Copy the rows you need into a new workbook and try again."
    ),
    "document type": (
        "The workbook holds a definition that no spreadsheet program writes. Open it in a spreadsheet program, "
        "save it again as .xlsx, and try again."
    ),
    "rows": f"A sheet has more than {MOST_ROWS:,} rows that hold something. {PARTS}",
    "columns": "A sheet has more than 1,000 columns. Copy the columns you need into a new workbook and try again.",
    "long texts": "The workbook holds cells with very long texts. Shorten them and try again.",
    "formulas": (
        "The workbook holds formulas without a result. Open it in a spreadsheet program, save it and try again."
    ),
    "opendocument": "This is an OpenDocument file (.ods). Save it as .xlsx or .csv and try again.",
    "binary": "This is a binary Excel workbook (.xlsb). Save it as .xlsx or .csv and try again.",
    "word": f"This is a Word document, not an Excel workbook. {_COPY}",
    "text": f"This is a text document (.odt), not an Excel workbook. {_COPY}",
    "slides": f"This is a presentation, not an Excel workbook. {_COPY}",
    "numbers": "This is a Numbers spreadsheet. In Numbers, export it to Excel (.xlsx) or CSV and try again.",
    "archive": (
        "This is not an Excel workbook but a packed file, such as a .zip. Unpack it, choose the .xlsx or .csv in it "
        "and try again."
    ),
    "other": "This is not an Excel workbook. Save it as .xlsx or .csv and try again.",
}

# Files of old Office programs and of Outlook are of one kind, told apart by the names of their parts: what may hold
# others comes first.
_OLD = {
    name.encode("utf-16-le"): sentence
    for name, sentence in (
        ("EncryptedPackage", PROTECTED),
        ("__nameid_version1.0", f"{E_MAIL} {REMEDY}"),
        ("WordDocument", PROBLEMS["word"]),
        ("PowerPoint Document", PROBLEMS["slides"]),
    )
}

Grid = list[list[Cell]]


class Batch(NamedTuple):
    """Some rows of one sheet by column, from column A on; `first` is the number of the first of them, from 1.

    `days` is how much later than Excel's the calendar of the workbook begins, for numbers that stand for dates.
    """

    sheet: str
    first: int
    columns: Sequence[Sequence[Cell]]
    days: int = 0


def read_grid(content: bytes, sheet: str = "") -> Grid:
    """Return all rows of a .csv file or of a visible sheet of a workbook, row 1 first, blank rows kept.

    The sheet is the one called `sheet`, the first where that is empty. What the file is is told by its content, not
    its name. Raises BrokenFile.
    """
    grid: Grid = []
    for batch in read_batches(content, every_sheet=bool(sheet)):
        if batch.sheet not in ("", sheet or batch.sheet):
            continue
        grid.extend([[]] * (batch.first - 1 - len(grid)))
        grid.extend([None if cell == "" else cell for cell in row] for row in zip(*batch.columns, strict=True))
    return _without_blank_end(grid)


def pick_rows(content: bytes, wanted: Mapping[str, Container[int]]) -> dict[str, dict[int, list[Cell]]]:
    """Return some rows of a file by sheet and number: the wanted ones, and the first of each sheet for its headings.

    The sheet of a .csv file is called nothing. Only what is returned is kept in memory. Raises BrokenFile.
    """
    picked: dict[str, dict[int, list[Cell]]] = {name: {} for name in wanted}
    for batch in read_batches(content):
        if batch.sheet in wanted:
            for number, row in enumerate(zip(*batch.columns, strict=True), start=batch.first):
                if number <= FARTHEST_HEADING or number in wanted[batch.sheet]:
                    picked[batch.sheet][number] = [None if cell == "" else cell for cell in row]
    return picked


def read_batches(content: bytes, *, every_sheet: bool = True, known: KnownHeadings = lambda row: 0) -> Iterator[Batch]:
    """Yield the cells of a file a thousand rows or so at a time: of the visible sheets, or of the first of them.

    An empty cell is empty text, characters without width are dropped. `known` is as in `read_csv`. At most MOST_ROWS
    rows that hold something are read, and their headings; a thousand blank ones may be left out. Raises BrokenFile,
    also after some batches: nothing may be kept before the last has come.
    """
    if not content.strip():
        raise BrokenFile(EMPTY)
    if len(content) > MOST_BYTES:
        raise BrokenFile(f"The file is larger than {MOST_BYTES // MEBIBYTE} MB. Split it into smaller files.")
    if content.startswith(b"PK"):
        return _of_workbook(content, every_sheet)
    if content.startswith(OLD_EXCEL):
        raise BrokenFile(_why_not_old(content))
    return _of_text(content, known)


def _of_text(content: bytes, known: KnownHeadings) -> Iterator[Batch]:
    first, blank = 1, 0
    for rows in read_csv(content, known):
        last = first + len(rows) - 1
        blanks = sum(not any(map(str.strip, row)) for row in rows if not row or not row[0].strip())
        blank += blanks
        if last - blank > MOST_ROWS + 1:
            raise BrokenFile(TOO_MANY_ROWS)
        if last > MOST_LINES:
            raise BrokenFile(TOO_MANY_BLANK)
        if blanks < len(rows) or first == 1:
            yield Batch("", first, list(zip_longest(*rows, fillvalue="")) or [[""] * len(rows)])
        first = last + 1


def _of_workbook(content: bytes, every_sheet: bool) -> Iterator[Batch]:
    limits = [str(CHILD_MEMORY), str(CHILD_SECONDS), str(MOST_ROWS + 1), "all" if every_sheet else "first"]
    # -I and -S: nothing of the environment, the current folder or the portal is imported.
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", str(CHILD), str(PACKAGES), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(content)
        yield from _batches(child.stdout)
    finally:
        child.kill()
        if child.stdout is not None:
            child.stdout.close()
        child.wait()


def _batches(lines: Iterable[bytes]) -> Iterator[Batch]:
    sheet, days, kind = "", 0, ""
    for line in lines:
        kind, *rest = _read_line(line)
        if kind == "rows":
            yield Batch(sheet, rest[0], rest[1], days)
        elif kind == "sheet":
            sheet = rest[0]
        elif kind == "serials":
            days = rest[0]
        elif kind == "problem":
            raise BrokenFile(PROBLEMS[rest[0]])
    if kind != "end":
        # Killed by a resource limit, or aborted on an allocation that failed.
        raise BrokenFile(TOO_MUCH)


def _read_line(line: bytes) -> list[Any]:
    try:
        read: list[Any] = json.loads(line if line.isascii() else without_invisible(line.decode()))
    except ValueError:
        raise BrokenFile(TOO_MUCH) from None
    if b"\\u0000" in line and read[0] == "rows":
        values = _Untagged()
        read[2] = [[values[cell] if cell.__class__ is str else cell for cell in column] for column in read[2]]
    return read


class _Untagged(dict[str, Cell]):
    """Cache of the values of strings: those tagged with NUL are dates and formulas without a result."""

    def __missing__(self, text: str) -> Cell:
        cell: Cell = text
        if text.startswith("\0f"):
            cell = NoResult(text[2:])
        elif text.startswith("\0d"):
            with suppress(ValueError):
                cell = datetime.fromisoformat(text[2:])
        self[text] = cell
        return cell


def _why_not_old(content: bytes) -> str:
    old_excel = "This is the old Excel format (.xls). Save it as .xlsx or .csv and try again."
    return next((sentence for name, sentence in _OLD.items() if name in content), old_excel)


def _without_blank_end(grid: Grid) -> Grid:
    while grid and all(map(is_empty, grid[-1])):
        grid.pop()
    if not grid:
        raise BrokenFile(EMPTY)
    return grid
