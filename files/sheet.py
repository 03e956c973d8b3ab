"""A .csv or .xlsx file as rows of cells, whatever program wrote it; hostile and broken files get one clear sentence."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from files.cells import Cell, is_empty

MEBIBYTE = 1024 * 1024
MOST_BYTES = 20 * MEBIBYTE
MOST_ROWS = 100_000
MOST_UNPACKED = 400 * MEBIBYTE
MOST_RATIO = 250
MOST_PARTS = 2_000
CHILD_MEMORY = 1024 * MEBIBYTE
CHILD_SECONDS = 30
CHILD = Path(__file__).with_name("sheet_child.py")

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DELIMITERS = ",;\t"

Grid = list[list[Cell]]


class BrokenFile(ValueError):
    """A file that cannot be read; its text is the sentence the person reads: what is wrong and what to do."""


def read_grid(content: bytes) -> Grid:
    """Return all rows of a .csv file or of the first visible sheet of a workbook, row 1 first, blank rows kept.

    What it is is told by its content, not its name. Raises BrokenFile.
    """
    if not content.strip():
        raise BrokenFile("The file is empty. Choose a file with a row of headings and rows below it.")
    if len(content) > MOST_BYTES:
        raise BrokenFile(f"The file is larger than {MOST_BYTES // MEBIBYTE} MiB. Split it into smaller files.")
    if content.startswith(b"PK"):
        return _without_blank_end(_of_workbook(content))
    if content.startswith(OLD_EXCEL):
        raise BrokenFile(_why_not_old(content))
    return _without_blank_end(_of_text(content))


def _of_text(content: bytes) -> Iterator[list[Cell]]:
    text = _decode(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for number, line in enumerate(lines, start=1):
            _count(number)
            yield [cell or None for cell in line]
    except csv.Error:
        raise BrokenFile(
            f"The quotation marks in line {lines.line_num} do not match. Save the file again from a spreadsheet."
        ) from None


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        codes = ["utf-16"]
    elif b"\x00" in content[:200]:
        codes = ["utf-16-le" if content[1:2] == b"\x00" else "utf-16-be"]
    else:
        codes = ["utf-8-sig", "cp1252"]
    for code in codes:
        try:
            text = content.decode(code)
        except UnicodeDecodeError:
            continue
        if not any(character < " " and character not in "\t\r\n\f\v" for character in text[:2000]):
            return text
    raise BrokenFile("This is neither a .csv file nor an .xlsx workbook. Save it as one of these and try again.")


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts the first lines into most cells."""
    head = text[:20_000].splitlines()[:12]

    def cells(delimiter: str) -> int:
        return max((len(line) for line in csv.reader(head, delimiter=delimiter)), default=0)

    return max(DELIMITERS, key=cells)


def _of_workbook(content: bytes) -> Iterator[list[Cell]]:
    if problem := _why_not_workbook(content):
        raise BrokenFile(problem)
    limits = [str(CHILD_MEMORY), str(CHILD_SECONDS), str(MOST_ROWS + 1)]
    try:
        # -I: nothing of the environment or the current folder is imported.
        child = subprocess.run(
            [sys.executable, "-I", str(CHILD), *limits], input=content, capture_output=True, timeout=2 * CHILD_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise BrokenFile(TOO_MUCH) from None
    if child.returncode == 3:
        raise BrokenFile(DAMAGED)
    if child.returncode != 0:
        raise BrokenFile(TOO_MUCH)
    for number, line in enumerate(io.BytesIO(child.stdout), start=1):
        _count(number)
        yield [datetime.fromisoformat(cell[0]) if isinstance(cell, list) else cell for cell in _cells(line)]


DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and try again."
TOO_MUCH = (
    "The workbook takes too much memory or time to read. Copy the rows you need into a new workbook and try again."
)


def _cells(line: bytes) -> list[Cell | list[str]]:
    # Whole numbers too: a number has one type here, as it has in a spreadsheet.
    cells: list[Cell | list[str]] = json.loads(line, parse_int=float)
    return cells


def _why_not_workbook(content: bytes) -> str:
    """Return why a packed file is not read, from its directory alone; empty where it may be unpacked."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return DAMAGED
    names = {part.filename.lower() for part in parts}
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > max(len(content), 100_000) * MOST_RATIO:
        return TOO_MUCH
    if any(part.flag_bits & 1 for part in parts):
        return PROTECTED
    if any("vbaproject" in name for name in names):
        return "The workbook contains macros. Save it as an Excel workbook without macros (.xlsx) and try again."
    if "xl/workbook.xml" not in names:
        return "This is not an Excel workbook. Save it as .xlsx or .csv and try again."
    return ""


PROTECTED = "The workbook is protected by a password. Save a copy without the password and try again."


def _why_not_old(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return PROTECTED
    return "This is the old Excel format (.xls). Save it as .xlsx or .csv and try again."


def _count(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise BrokenFile(f"The file has more than {MOST_ROWS:,} rows. Split it into smaller files.")


def _without_blank_end(rows: Iterable[list[Cell]]) -> Grid:
    grid = list(rows)
    while grid and all(map(is_empty, grid[-1])):
        grid.pop()
    if not grid:
        raise BrokenFile("The file is empty. Choose a file with a row of headings and rows below it.")
    return grid
