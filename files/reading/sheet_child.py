"""Parses one workbook in a subprocess: workbook on stdin, JSON lines on stdout.

    python -I -S sheet_child.py PACKAGES BYTES SECONDS ROWS all|first

A hostile workbook can exhaust the memory of its parser or crash it, so it is parsed here, under resource limits. This
file imports nothing of the portal but sheet_numbers.py, and little else, to start quickly. A line is one of

    ["sheet", name]                 a visible sheet begins, the first of them or each
    ["rows", first, columns]        cells by column, from A on, the first of them in row `first`
    ["serials", days]               how many days later than Excel's its calendar begins
    ["problem", code]               it is not read: why
    ["end"]

Strings, numbers and booleans stand for themselves, the empty string for an empty cell. A string that begins with NUL,
which XML cannot hold, is tagged by its next letter: d2017-10-16 is a date, f#REF! a formula without a result.
"""

import datetime as dt
import io
import json
import re
import resource
import signal
import sys
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

# Started with -I, a script does not find its own siblings.
sys.path.append(str(Path(__file__).parents[2]))

from files.reading.sheet_numbers import PLACE, NumbersAsDates, clock_of, column_of, sheet_paths

MOST_PARTS = 2_000
MOST_UNPACKED = 256 * 1024 * 1024
MOST_RATIO = 250
MOST_COLUMNS = 1_000
MOST_IN_BATCH = 8 * 1024 * 1024
BATCH = 1_000
HEAD = 4096
# A part that other programs write, and the kind of file it tells.
OTHER_PARTS = {
    "xl/workbook.bin": "binary", "word/document.xml": "word",
    "ppt/presentation.xml": "slides", "index/document.iwa": "numbers",
}  # fmt: skip

# A formula without a value, with or without a namespace prefix.
NO_VALUE = rb"<%sf(?:\s[^>]{0,400})?(?:/>|>([^<]*)</%sf>)\s*(?:</%sc>|<%sv\s*/>|<%sv\s*>\s*</%sv>)"
LONGEST_TAG = 400
LONGEST_CELL = 40_000
LONGEST_TEXT = 256 * 1024

Faults = dict[int, dict[int, str]]


class ChildProblem(Exception):
    """The workbook is not read; the code says why."""


def main(most_bytes: int, seconds: float, most_rows: int, every: bool) -> None:
    """Read the workbook on standard input under these limits."""
    _limit(most_bytes, seconds)
    try:
        content = sys.stdin.buffer.read()
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            _check(packed, len(content))
            _say("serials", _days_later(packed))
            _sheets(content, packed, most_rows, every)
        _say("end")
    except ChildProblem as problem:
        _say("problem", str(problem))
    except MemoryError:
        _say("problem", "too much")
    except Exception:  # noqa: BLE001 - whatever a reader stumbles over, the workbook is damaged
        _say("problem", "damaged")


def _limit(most_bytes: int, seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    processor = int(seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    signal.setitimer(signal.ITIMER_REAL, 2 * seconds)  # it ends even where it only waits


def _say(*line: Any) -> None:
    _write(json.dumps(line, default=_plain, ensure_ascii=False))


def _say_rows(first: int, columns: Sequence[Sequence[Any]], numbers: NumbersAsDates) -> None:
    met = False

    def plain(cell: Any) -> Any:
        nonlocal met
        met = met or numbers.is_small(cell)
        return "" if met else _plain(cell)

    text = json.dumps(("rows", first, columns), default=plain, ensure_ascii=False)
    if met:
        columns = [numbers.plain_column(column, first, place) for place, column in enumerate(columns)]
        text = json.dumps(("rows", first, columns), default=_plain, ensure_ascii=False)
    _write(text)


def _write(text: str) -> None:
    line = text.encode()
    if len(line) > MOST_IN_BATCH:
        raise ChildProblem("long texts")
    sys.stdout.buffer.write(line + b"\n")


def _plain(cell: Any) -> Any:
    """Return JSON for the types it lacks: dates, times, and formulas without a result."""
    if isinstance(cell, dt.datetime):
        return f"\0d{(cell + dt.timedelta(microseconds=500_000)).replace(microsecond=0).isoformat()}"
    if isinstance(cell, dt.date):
        return f"\0d{cell.isoformat()}"
    if isinstance(cell, dt.timedelta):
        return clock_of(cell.total_seconds())
    return f"\0f{cell.text}"


class _NoResult:
    def __init__(self, text: str) -> None:
        self.text = text


def _check(packed: zipfile.ZipFile, size: int) -> None:
    """Refuse by the ZIP directory alone what must not be unpacked, then by the first bytes of each part."""
    parts = packed.infolist()
    names = [part.filename.lower() for part in parts]
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > max(size, 100_000) * MOST_RATIO:
        raise ChildProblem("too much")
    if any(part.flag_bits & 1 for part in parts):
        raise ChildProblem("protected")
    if "xl/workbook.xml" not in names:
        raise ChildProblem(_other_kind(packed, names))
    if any("vbaproject" in name for name in names):
        raise ChildProblem("macros")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise ChildProblem("links")
    if len(set(names)) < len(names):
        raise ChildProblem("damaged")
    for part in parts:
        _check_beginning(packed, part)


def _other_kind(packed: zipfile.ZipFile, names: list[str]) -> str:
    kind = packed.read("mimetype")[:200] if "mimetype" in names else b""
    if b"opendocument" in kind:
        return "slides" if b"presentation" in kind else "opendocument" if b"spreadsheet" in kind else "text"
    if told := next((OTHER_PARTS[name] for name in OTHER_PARTS if name in names), ""):
        return told
    # What an office program writes says so in its first part.
    return "other" if "[content_types].xml" in names else "archive"


def _check_beginning(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    with packed.open(part) as opened:
        head = opened.read(HEAD)
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ChildProblem("nested")
    if part.filename.lower().endswith((".xml", ".rels", ".vml")):
        # A DOCTYPE can only precede the first element; without its NULs, UTF-16 is matched by the same patterns.
        before = re.split(rb"<[A-Za-z_]", head.replace(b"\0", b""), maxsplit=1)
        if b"<!DOCTYPE" in before[0].upper() or b"<!ENTITY" in before[0].upper():
            raise ChildProblem("document type")
        if len(before) == 1 and part.file_size > HEAD:
            raise ChildProblem("damaged")


def _days_later(packed: zipfile.ZipFile) -> int:
    is_1904 = re.search(rb"\bdate1904\s*=\s*[\"'](?:1|true|on)[\"']", packed.read("xl/workbook.xml"))
    return 1462 if is_1904 else 0


def _sheets(content: bytes, packed: zipfile.ZipFile, most_rows: int, every: bool) -> None:
    # Imported late: a file refused by its ZIP directory does not pay for loading the parser.
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    for part in packed.infolist():
        if part.filename.lower() == "xl/sharedstrings.xml":
            _check_texts(packed.read(part))
    faults = {part.filename: _faults(packed.read(part), most_rows) for part in _sheet_parts(packed)}
    paths = sheet_paths(packed) if any(faults.values()) else {}
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    later = _days_later(packed)
    for index, known in enumerate(workbook.sheets_metadata):
        if known.visible == SheetVisibleEnum.Visible and known.typ == SheetTypeEnum.WorkSheet:
            _say("sheet", known.name)
            numbers = NumbersAsDates(packed, known.name, later)
            _rows(workbook.get_sheet_by_index(index), faults.get(paths.get(known.name, ""), {}), most_rows, numbers)
            if not every:
                return


def _sheet_parts(packed: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [part for part in packed.infolist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part.filename)]


def _check_texts(xml: bytes) -> None:
    """Refuse strings so long that parsing them would take several times their size."""
    for place in range(0, len(xml) - LONGEST_TEXT, LONGEST_TEXT):
        if xml.find(b"<", place, place + LONGEST_TEXT) < 0:
            raise ChildProblem("long texts")


def _faults(xml: bytes, most_rows: int) -> Faults:
    """Return row -> column -> text of the formulas without a result, which calamine returns as empty cells."""
    _check_texts(xml)
    root = re.search(rb"<(\w+:|)worksheet\b", xml[:HEAD])
    prefix = root[1] if root else b""
    if xml.count(b"</%srow>" % prefix) > most_rows and _filled(xml, prefix) > most_rows:
        raise ChildProblem("rows")
    faults: Faults = {}
    if b"<%sf" % prefix in xml:
        for found in re.finditer(NO_VALUE.replace(b"%s", prefix), xml):
            before = xml.rfind(b"<%sc" % prefix, max(0, found.start() - LONGEST_TAG), found.start())
            tag = xml[before : found.start()]
            # With t="str" the empty string is a result.
            if not re.search(rb"\bt\s*=\s*[\"']str[\"']", tag):
                _note(faults, tag, "=" + (found[1] or b"").decode("utf-8", "replace")[:200])
    for error in (b't="e"', b"t='e'") if b"='" in xml[:HEAD] else (b't="e"',):
        place = xml.find(error)
        while place >= 0:
            _note_error(faults, xml, place, prefix)
            place = xml.find(error, place + len(error))
    return faults


def _filled(xml: bytes, prefix: bytes) -> int:
    """Return how many rows have a cell with a value."""
    end, begin, filled = b"</%srow>" % prefix, 0, 0
    while (place := xml.find(end, begin)) >= 0:
        filled += xml.find(b"</%sc>" % prefix, begin, place) >= 0
        begin = place + len(end)
    return filled


def _note_error(faults: Faults, xml: bytes, place: int, prefix: bytes) -> None:
    """Note the cell whose tag says at this place that it holds an error, if it is a cell's tag."""
    begin = xml.rfind(b"<%sc " % prefix, max(0, place - LONGEST_TAG), place)
    end = xml.find(b"</%sc>" % prefix, place, place + LONGEST_CELL)
    tag = xml[begin : xml.find(b">", place, place + LONGEST_TAG)]
    if begin >= 0 and end >= 0 and b">" not in tag:
        value = re.search(rb"v>([^<]{0,20})</", xml[place:end])
        _note(faults, tag, value[1].decode("utf-8", "replace") if value else "#REF!")


def _note(faults: Faults, tag: bytes, text: str) -> None:
    place = PLACE.search(tag)
    if place is None:
        raise ChildProblem("formulas")
    faults.setdefault(int(place[2]), {})[column_of(place[1])] = text


def _rows(sheet: Any, faults: Faults, most_rows: int, numbers: NumbersAsDates) -> None:
    left = (sheet.start or (0, 0))[1]
    if left + (sheet.width or 0) > MOST_COLUMNS:
        raise ChildProblem("columns")
    # calamine pads blank rows above the first cell, but not blank columns before it.
    rows, first, filled = iter(_with_faults(sheet, left, faults) if faults else sheet.iter_rows()), 1, 0
    counts = (sheet.total_height or 0) > most_rows
    while batch := list(islice(rows, BATCH)):
        if counts:
            # A space in row 150,000 makes no long table: only what is filled counts.
            now = sum(row.count("") < len(row) for row in batch)
            filled += now
            if filled > most_rows:
                raise ChildProblem("rows")
            if not now and first > 1:
                first += len(batch)
                continue
        before = [[""] * len(batch)] * (0 if faults else left)
        _say_rows(first, [*before, *zip_longest(*batch, fillvalue="")], numbers)
        first += len(batch)


def _with_faults(sheet: Any, left: int, faults: Faults) -> Iterator[list[Any]]:
    number = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        yield _patched([""] * left + row, faults.get(number))
    for beyond in range(number + 1, max(faults) + 1):
        yield _patched([], faults.get(beyond))


def _patched(row: list[Any], faults: dict[int, str] | None) -> list[Any]:
    for column, text in (faults or {}).items():
        row += [""] * (column + 1 - len(row))
        row[column] = _NoResult(text)
    return row


if __name__ == "__main__":
    sys.path.append(sys.argv[1])
    main(int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "all")
