"""Separated text as rows, whatever its code, its delimiter and its newlines, read a little at a time."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from itertools import chain, islice

BATCH = 1_000
CHUNK = 1024 * 1024
MOST_COLUMNS = 1_000
SOME = 65_536
MOST_AT_ONCE = 2_000_000  # characters of a batch
DELIMITERS = ",;\t"

# What a file begins with, in small letters, that is called .csv and is none.
OTHER_KINDS = (
    (b"%pdf", "This is a PDF document."),
    (b"<!doctype html", "This is a web page."),
    (b"<html", "This is a web page."),
    (b"<?xml", "This is an XML file."),
    (b"{\\rtf", "This is a text document (.rtf)."),
)
NEITHER = "This is neither a .csv file nor an .xlsx workbook."
REMEDY = "Save the table as .csv or .xlsx and try again."
TOO_LONG = f"The lines are far too long for a table. {REMEDY}"


class BrokenFile(ValueError):
    """A file that cannot be read; its text is the sentence the person reads: what is wrong and what to do."""


def read_csv(content: bytes) -> Iterator[list[list[str]]]:
    """Yield the rows of separated text, a thousand or so at a time. Raises BrokenFile."""
    code = _code(content)
    _check_lines(content)
    head = content[:20_000].decode(code, "ignore")
    lines = io.TextIOWrapper(io.BytesIO(content), code, newline="")
    if told := re.match("sep=(.)\r?\n?", head):
        lines.readline()
    guarded = _Lines(lines)
    rows = csv.reader(chain.from_iterable(guarded), delimiter=told[1] if told else _delimiter(head), strict=True)
    try:
        while batch := list(islice(rows, BATCH)):
            if max(map(len, batch)) > MOST_COLUMNS:
                raise BrokenFile(f"A row has more than {MOST_COLUMNS:,} columns. {REMEDY}")
            yield batch
            guarded.count = 0
    except csv.Error:
        raise BrokenFile(
            f"The quotation marks in line {rows.line_num} do not match. Save the file again from a spreadsheet."
        ) from None


class _Lines:
    """The lines of a file, some at a time; a row that never ends is refused before it is held."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[list[str]]:
        while lines := self._lines.readlines(SOME):
            self.count += sum(map(len, lines))
            if self.count >= MOST_AT_ONCE:
                raise BrokenFile(TOO_LONG)
            yield lines


def _check_lines(content: bytes) -> None:
    place = 0
    while len(content) - place > MOST_AT_ONCE:
        end = place + MOST_AT_ONCE
        place = max(content.rfind(b"\n", place, end), content.rfind(b"\r", place, end)) + 1
        if not place:
            raise BrokenFile(TOO_LONG)


def _code(content: bytes) -> str:
    """Return the code the text is written in. Raises BrokenFile where it is no text."""
    head = content[:4096]
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for beginning, kind in OTHER_KINDS:
        if start.startswith(beginning):
            raise BrokenFile(f"{kind} {REMEDY}")
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codes = ["utf-16"]
    elif head[1:200:2].count(0) > len(head[:200]) / 3:
        codes = ["utf-16-le"]
    elif head[0:200:2].count(0) > len(head[:200]) / 3:
        codes = ["utf-16-be"]
    else:
        codes = ["utf-8-sig", "cp1252"]
    for code in codes:
        if _is_written_in(code, content):
            return code
    raise BrokenFile(f"{NEITHER} {REMEDY}")


def _is_written_in(code: str, content: bytes) -> bool:
    text = content[:4096].decode(code, "ignore")
    if sum(letter < " " and letter not in "\t\r\n\f\v" for letter in text) > len(text) / 20:
        return False
    decoder = codecs.getincrementaldecoder(code)()
    try:
        for place in range(0, len(content), CHUNK):
            decoder.decode(content[place : place + CHUNK], final=place + CHUNK >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: str) -> str:
    """Return the delimiter that cuts most of the first lines into most cells; a text may hold any number of another."""
    lines = [line for line in head.splitlines()[:12] if line.strip()]

    def cells(delimiter: str) -> tuple[int, int]:
        counts = sorted(len(line) for line in csv.reader(lines, delimiter=delimiter)) or [0]
        return counts[(len(counts) - 1) // 2], counts[-1]

    return max(DELIMITERS, key=cells)
