"""What every workbook is made with: it is written row by row, and its text stays text."""

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import IO, Any

import xlsxwriter

FONT = {"font_name": "Arial", "font_size": 10, "valign": "top"}
HEADING = FONT | {"bold": True, "bg_color": "#173F5F", "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"}


@contextmanager
def open_workbook(target: IO[bytes]) -> Iterator[Any]:
    """Give an XlsxWriter workbook that is written into an open file when the block ends.

    Cells of a sheet have to be written row by row, downwards: only the current row is held in memory. The rows before
    it wait in a temporary folder, which is removed even where the block fails.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with TemporaryDirectory() as folder, xlsxwriter.Workbook(target, options | {"tmpdir": folder}) as book:
        yield book


def write_text(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write a cell that is text whatever it begins with; an empty one where there is none."""
    if not text:
        sheet.write_blank(row, column, None, style)
    elif text[:3] == "<r>" and text.endswith("</r>"):
        # XlsxWriter would take this for the XML of a rich string and write it unescaped; as a real one it is escaped.
        sheet.write_rich_string(row, column, style, text[:1], style, text[1:], style)
    else:
        sheet.write_string(row, column, text, style)
