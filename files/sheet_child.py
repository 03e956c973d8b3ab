"""Reads one workbook in a process of its own: `python sheet_child.py BYTES SECONDS ROWS`, workbook in, JSON lines out.

A hostile workbook can take all memory or abort the process that reads it; so it may have this process. Each line is one
row of the first visible sheet, from A1 on: text, numbers and truth values as themselves, a date as ["2017-10-16"].
"""

import datetime as dt
import io
import json
import resource
import sys
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

UNREADABLE = 3


def main(most_bytes: int, seconds: int, most_rows: int) -> int:
    """Read the workbook on standard input under these limits; UNREADABLE where it is damaged."""
    content = sys.stdin.buffer.read()
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sheet = _first_visible(CalamineWorkbook.from_filelike(io.BytesIO(content)))
        if sheet is not None:
            _write(sheet, most_rows)
    except (CalamineError, OSError, ValueError, IndexError):
        return UNREADABLE
    return 0


def _first_visible(workbook: CalamineWorkbook) -> CalamineSheet | None:
    for index, sheet in enumerate(workbook.sheets_metadata):
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet:
            return workbook.get_sheet_by_index(index)
    return None


def _write(sheet: CalamineSheet, most_rows: int) -> None:
    # Blank rows above the first cell come with the rows, blank columns before it do not.
    before: list[Any] = [None] * (sheet.start or (0, 0))[1]
    for number, row in enumerate(sheet.iter_rows()):
        if number > most_rows:
            break  # one row too many says that there are more
        sys.stdout.write(json.dumps(before + [_plain(cell) for cell in row]) + "\n")


def _plain(cell: Any) -> Any:
    if isinstance(cell, dt.datetime | dt.date):
        return [cell.isoformat()]
    if isinstance(cell, dt.timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60}:{minutes % 60:02}"
    if isinstance(cell, dt.time):
        return f"{cell:%H:%M}"
    return None if cell == "" else cell


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
