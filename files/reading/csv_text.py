"""Separated text as rows, whatever its encoding, delimiter and newlines, decoded in chunks."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice

from charset_normalizer import from_bytes

from rules.problem_codes import Code
from rules.text import without_invisible

BATCH = 1_000
CHUNK = 1024 * 1024
MOST_COLUMNS = 1_000
SOME = 65_536
MOST_AT_ONCE = 2_000_000  # characters of a batch
DELIMITERS = ",;\t|"
# Says how much of a row of cells is headings that somebody looks for; 0 where none is.
KnownHeadings = Callable[[Sequence[str]], int]

# How programs write text that spreadsheets must not make a number of: ="0048210".
AS_TEXT = re.compile('="([^"]*)"')
AS_TEXT_BEGINS = (b'="', '="'.encode("utf-16-le"), '="'.encode("utf-16-be"))

HEAD = 4096
MOST_LINES_ABOVE = 16
UTF_8 = "utf-8-sig"
# What programs in Britain write besides Unicode and Windows-1252; cp850 is that of a DOS window.
OTHER_ENCODINGS = ("mac_roman", "cp850")
FEWEST_TO_TELL = 10
CLEARLY_WORSE = 0.04  # of a score from 0 to 1; a euro sign alone costs up to 0.033
NOT_ASCII = re.compile(rb"[\x80-\xff]")
MOST_SAMPLED = 4096
AROUND = 100

# Signatures, in lower case, of other formats that people rename to .csv.
OTHER_KINDS = (
    (b"%pdf", "This is a PDF document."),
    (b"<!doctype html", "This is a web page."),
    (b"<html", "This is a web page."),
    (b"<table", "This is a web page."),
    (b"<?xml", "This is an XML file."),
    (b"{\\rtf", "This is a text document (.rtf)."),
)
E_MAIL = "This is an e-mail. Save the file attached to it first."
# What files begin with that no text does; pictures that phones take are photographs to whoever sends them.
OTHER_BEGINNINGS = (
    (re.compile(rb"\xff\xd8\xff|.{4}ftyp(?:hei[cx]|hevc|mif1|avif)", re.DOTALL), "This is a photograph, not a table."),
    (
        re.compile(rb"\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF.{4}WEBP|II\*\0|MM\0\*|BM.{4}\0{4}", re.DOTALL),
        "This is a picture, not a table.",
    ),
    # Its header names who and when; only a header has both kinds of lines.
    (re.compile(rb"[A-Za-z-]+: [^\0]*?\n(?:MIME-Version|Message-ID): ", re.IGNORECASE), E_MAIL),
    (re.compile(rb"\x1f\x8b|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07"), "This is a packed file. Unpack it first."),
)
NEITHER = "This is neither a .csv file nor an .xlsx workbook."
REMEDY = "Save the table as .csv or .xlsx and try again."
TOO_LONG = f"The lines are far too long for a table. {REMEDY}"


class BrokenFile(ValueError):
    """A file that cannot be read; its text is the sentence the person reads: what is wrong and what to do."""

    def __init__(self, message: str, code: Code = Code.BROKEN_FILE) -> None:
        super().__init__(message)
        self.code = code


def read_csv(content: bytes, known: KnownHeadings = lambda row: 0, remedy: str = REMEDY) -> Iterator[list[list[str]]]:
    """Yield the rows of separated text, a thousand or so at a time. Raises BrokenFile.

    The delimiter is the one by which the most headings are `known`; where none is, the one that splits it best.
    `remedy` is what to do about a file that is no text.
    """
    encoding = _encoding(content, remedy)
    _check_lines(content)
    head = without_invisible(content[:20_000].decode(encoding, "ignore"))
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    if told := re.match("sep=(.)\r?\n?", head):
        lines.readline()
    guarded, delimiter = _Lines(lines), told[1] if told else _delimiter(head, known)
    rows = csv.reader(chain.from_iterable(guarded), delimiter=delimiter, strict=True)
    as_text = any(each in content for each in AS_TEXT_BEGINS)
    try:
        while batch := list(islice(rows, BATCH)):
            if max(map(len, batch)) > MOST_COLUMNS:
                raise BrokenFile(f"A row has more than {MOST_COLUMNS:,} columns. {REMEDY}")
            yield [list(map(_said_as_text, row)) for row in batch] if as_text else batch
            guarded.count = 0
    except csv.Error:
        line = _line_of_fault(content, encoding, delimiter)
        raise BrokenFile(
            f"The quotation marks that begin in line {line} do not match. Save the file again from a spreadsheet."
        ) from None


def _said_as_text(cell: str) -> str:
    found = AS_TEXT.fullmatch(cell)
    return found[1] if found else cell


def _line_of_fault(content: bytes, encoding: str, delimiter: str) -> int:
    """Return the line in which the first row begins that cannot be read: where it breaks off may be at the end."""
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    rows, line = csv.reader(lines, delimiter=delimiter, strict=True), 1
    with suppress(csv.Error):
        for _ in rows:
            line = rows.line_num + 1
    return line


class _Lines:
    """Iterates over the lines of a file in chunks; a row that never ends is refused before it fills the memory."""

    def __init__(self, lines: io.TextIOWrapper) -> None:
        self._lines = lines
        self.count = 0

    def __iter__(self) -> Iterator[list[str]]:
        while lines := self._lines.readlines(SOME):
            self.count += sum(map(len, lines))
            if self.count >= MOST_AT_ONCE:
                raise BrokenFile(TOO_LONG)
            yield lines if all(map(str.isascii, lines)) else list(map(without_invisible, lines))


def _check_lines(content: bytes) -> None:
    place = 0
    while len(content) - place > MOST_AT_ONCE:
        end = place + MOST_AT_ONCE
        place = max(content.rfind(b"\n", place, end), content.rfind(b"\r", place, end)) + 1
        if not place:
            raise BrokenFile(TOO_LONG)


def _encoding(content: bytes, remedy: str) -> str:
    """Return the encoding of the text. Raises BrokenFile where it is no text."""
    head = content[:HEAD]
    start = head.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    others = (kind for begins, kind in OTHER_BEGINNINGS if begins.match(head))
    if kind := next(chain(others, (kind for begins, kind in OTHER_KINDS if start.startswith(begins))), ""):
        raise BrokenFile(f"{kind} {remedy}")
    unicode = _unicode(head)
    if _decodes(content, unicode):
        return unicode
    if unicode == UTF_8:
        for encoding in _likely_encodings(content):
            if _decodes(content, encoding):
                return encoding
    raise BrokenFile(f"{NEITHER} {remedy}")


def _unicode(head: bytes) -> str:
    """Return the encoding of a text that is Unicode: UTF-16 by its byte order mark or, as in English, its zeros."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [head[first:200:2].count(0) > len(head[:200]) / 3 for first in (0, 1)]
    return "utf-16-be" if zeros[0] and not zeros[1] else "utf-16-le" if zeros[1] else UTF_8


def _likely_encodings(content: bytes) -> list[str]:
    """Return encodings of a text that is not Unicode, the likeliest first.

    English text scores nearly the same in all of them, so Windows-1252 goes first unless it is clearly worse, and
    where few letters are not ASCII it goes first in any case.
    """
    sample = _sample(content)
    # Byte A4 is the euro sign in ISO-8859-15, and in Windows-1252 a sign that nobody types. Only the latter has 80-9F.
    western = "iso8859_15" if b"\xa4" in sample and not re.search(rb"[\x80-\x9f]", sample) else "cp1252"
    encodings = [western, *OTHER_ENCODINGS]
    matches = from_bytes(sample, steps=1, chunk_size=MOST_SAMPLED, cp_isolation=encodings, preemptive_behaviour=False)
    best = min((match.chaos for match in matches), default=0.0)
    scored = [match for match in matches if match.chaos <= best + CLEARLY_WORSE]
    likely = {encoding for match in scored for encoding in match.could_be_from_charset}
    few = len(NOT_ASCII.findall(sample)) < FEWEST_TO_TELL
    return [encoding for encoding in encodings if encoding in likely or (few and encoding == western)] or [western]


def _sample(content: bytes) -> bytes:
    """Return what stands around the first bytes that are not ASCII: the rest is the same in every encoding."""
    pieces, size, place = [], 0, 0
    while size < MOST_SAMPLED and (found := NOT_ASCII.search(content, place)):
        pieces.append(content[max(place, found.start() - AROUND) : found.start() + AROUND])
        size, place = size + len(pieces[-1]), found.start() + AROUND
    return b"\n".join(pieces)[:MOST_SAMPLED]


def _decodes(content: bytes, encoding: str) -> bool:
    """Say whether bytes are text in an encoding: all decode, and few of the first are control characters."""
    text = content[:HEAD].decode(encoding, "ignore")
    if sum(letter < " " and letter not in "\t\r\n\f\v" for letter in text) > len(text) / 20:
        return False
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for place in range(0, len(content), CHUNK):
            decoder.decode(content[place : place + CHUNK], final=place + CHUNK >= len(content))
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(head: str, known: KnownHeadings) -> str:
    """Return the delimiter by which the most headings are known, else the one that splits the first lines into most
    cells, by the median: comments may hold others."""
    lines = [line for line in head.splitlines()[:MOST_LINES_ABOVE] if line.strip()]

    def fit(delimiter: str) -> tuple[int, int, int]:
        rows = list(csv.reader(lines, delimiter=delimiter))
        counts = sorted(map(len, rows)) or [0]
        return max(map(known, rows), default=0), counts[(len(counts) - 1) // 2], counts[-1]

    return max(DELIMITERS, key=fit)
