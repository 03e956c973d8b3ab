"""Numbers of a sheet that its parser takes for times and days, because of the format of their cells.

Part of the subprocess that parses a workbook (sheet_child.py): it imports nothing of the portal.
"""

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from typing import Any

PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
# Numbers of the built-in formats that show dates; the others of theirs show hours alone.
DATE_FORMATS = {*range(14, 18), 22, *range(27, 32), *range(34, 37), *range(50, 55), 57, 58}
_TAG = rb"<(?:\w+:)?%s\b[^>]*>"
_CELL = rb"<(?:\w+:)?c\s[^>]*\bs\s*=\s*[\"'](?:%s)[\"'][^>]*>"
_FORMAT_ID = re.compile(rb"numFmtId\s*=\s*[\"'](\d+)")
_FORMAT_CODE = re.compile(rb"formatCode\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
# What of a format is no code: texts in quotation marks, escaped letters, colours and languages, gaps.
_WORDS_OF_FORMAT = re.compile(r"&quot;.*?&quot;|\"[^\"]*\"|\\.|\[[^\]]*\]|_.")


def clock_of(seconds: float) -> str:
    """Return seconds as hours and minutes, to the nearest minute."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


class NumbersAsDates:
    """Small numbers that calamine makes times and days of 1900, because of the format of their cells.

    A number is a number whatever its format: 0.25 shown as a date is 0.25. It is a clock where the format is one of
    hours. Which cells are shown as dates is looked for in the XML of the sheet, and only where there is such a value.
    """

    def __init__(self, packed: zipfile.ZipFile, name: str, later: int) -> None:
        self._packed, self._name, self._later = packed, name, later
        self._places: set[tuple[int, int]] | None = None
        self._first_year = 1904 if later else 1900

    def is_small(self, cell: Any) -> bool:
        """Say whether a value is a time, or a day of the first three years of the calendar."""
        return isinstance(cell, dt.time) or (isinstance(cell, dt.date) and 0 <= cell.year - self._first_year < 3)

    def plain_column(self, column: Sequence[Any], first: int, place: int) -> Sequence[Any]:
        """Return a column, whose first cell is in row `first`, with its small numbers as what they are."""
        return [
            self._plain(cell, row, place) if self.is_small(cell) else cell for row, cell in enumerate(column, first)
        ]

    def _plain(self, cell: Any, row: int, column: int) -> Any:
        """Return the number of a cell shown as a date, hours and minutes of one shown as a clock."""
        if isinstance(cell, dt.time):
            days = 0
        else:
            day = cell.date() if isinstance(cell, dt.datetime) else cell
            # Day 60 of Excel's calendar is 29 February 1900, which never was.
            days = (day - dt.date(1899, 12, 30)).days - self._later
            days -= not self._later and days < 61
        clock = cell if isinstance(cell, dt.time | dt.datetime) else dt.time()
        seconds = clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6
        if self._places is None:
            self._places = self._find()
        return round(days + seconds / 86400, 6) if (row, column) in self._places else clock_of(days * 86400 + seconds)

    def _find(self) -> set[tuple[int, int]]:
        names = {name.lower(): name for name in self._packed.namelist()}
        part = sheet_paths(self._packed).get(self._name, "")
        if part not in self._packed.namelist() or "xl/styles.xml" not in names:
            return set()
        styles = _date_styles(self._packed.read(names["xl/styles.xml"]))
        if not styles:
            return set()
        cells = re.finditer(_CELL % b"|".join(b"%d" % style for style in styles), self._packed.read(part))
        found = (PLACE.search(each[0]) for each in cells)
        return {(int(place[2]), column_of(place[1])) for place in found if place}


def _date_styles(xml: bytes) -> list[int]:
    """Return the numbers of the cell styles that show a number as a date, not as hours alone."""
    formats = {}
    for tag in re.findall(_TAG % b"numFmt", xml):
        number, code = _FORMAT_ID.search(tag), _FORMAT_CODE.search(tag)
        if number and code:
            formats[int(number[1])] = _shows_date((code[1] or code[2] or b"").decode("utf-8", "replace"))
    cells = re.search(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", xml, re.DOTALL)
    used = [_FORMAT_ID.search(tag) for tag in re.findall(_TAG % b"xf", cells[0])] if cells else []
    numbers = [int(each[1]) if each else 0 for each in used]
    return [place for place, number in enumerate(numbers) if formats.get(number, number in DATE_FORMATS)]


def _shows_date(code: str) -> bool:
    bare = _WORDS_OF_FORMAT.sub("", code.split(";")[0]).lower()
    return "d" in bare or "y" in bare or "mmm" in bare


def sheet_paths(packed: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    import html

    def attributes(tag: bytes) -> dict[str, str]:
        found = re.findall(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag.decode("utf-8", "replace"))
        return {name.split(":")[-1]: html.unescape(one or other) for name, one, other in found}

    related = re.findall(rb"<(?:\w+:)?Relationship\s[^>]*>", packed.read("xl/_rels/workbook.xml.rels"))
    targets = {tag.get("Id", ""): tag.get("Target", "") for tag in map(attributes, related)}
    sheets = []
    for tag in re.findall(rb"<(?:\w+:)?sheet\s[^>]*>", packed.read("xl/workbook.xml")):
        # r:id and sheetId both end in an id.
        found = re.search(rb"\bid\s*=\s*[\"']([^\"']*)", tag.replace(b"sheetId", b""))
        sheets.append((attributes(tag).get("name", ""), targets.get(found[1].decode() if found else "", "")))
    return {name: target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}" for name, target in sheets}


def column_of(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + letter - 64
    return column - 1
