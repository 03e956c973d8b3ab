"""Cells of actuals turned into typed rows, a column at a time: every distinct cell of a column is read once."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from files.actuals.columns import DAY_FIELDS, Field, Heading, Kind
from files.actuals.rows import NO_PROBLEMS, CellProblem, WeekRow
from files.reading.cells import Cell, NoResult, Unreadable, is_empty, read_day, read_text, read_units
from files.reading.moments import read_clock, read_minutes, read_moment
from files.reading.sheet import Batch
from files.reading.table import plain
from rules.text import LONGEST_COMMENT, UNSEEN, visible

LONGEST_REFERENCE = 100
MOST_REMEMBERED = 20_000
LONGEST_SHOWN = 60

_CODES = {Kind.DAY: "not-a-date", Kind.MOMENT: "not-a-date", Kind.CLOCK: "not-a-time", Kind.UNITS: "not-a-number"}
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
_TOTALS = ("total", "totals", "grandtotal")
_TOTALS_BEGIN = ("", "total", "grand")
_NO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class Unread(NamedTuple):
    """A cell that could not be read, in the place of its value."""

    cell: Cell
    fault: Unreadable


class ColumnReader(dict[Cell, Any]):
    """Cache of the values of one column by cell; `unread` says whether any could not be read.

    Cells repeat: it saves 115 of 140 ms for a workbook of 10,000 rows.
    """

    def __init__(self, field: Field, later: int) -> None:
        super().__init__()
        self.field = field
        self.unread = False
        self.is_text = field.kind in (Kind.REFERENCE, Kind.NOTE)
        self.nothing = "" if self.is_text else None
        self._read = _reader(field.kind, later)

    def __missing__(self, cell: Cell) -> Any:
        try:
            if cell.__class__ is not str or cell[:1] in "=#":
                _check_result(cell, self.is_text)
            value = self._read(cell)
        except Unreadable as fault:
            value, self.unread = Unread(cell, fault), True
        if len(self) < MOST_REMEMBERED:
            self[cell] = value
        return value

    def read(self, cells: Sequence[Cell]) -> list[Any]:
        """Return the values of these cells, an `Unread` where there is none."""
        types = set(map(type, cells))
        # References are mostly distinct: one check of them all saves 13 of 37 ms for 10,000 rows, 50 of 115 for 42,000.
        if self.is_text and types == {str} and len(set(cells)) > len(cells) / 2 and self._is_plain(cells):
            return list(cells)
        if bool in types:
            # As a key of the cache, True is equal to 1.
            cells = [read_text(cell) if isinstance(cell, bool) else cell for cell in cells]
        return list(map(self.__getitem__, cells))

    def _is_plain(self, cells: Sequence[Any]) -> bool:
        """Say whether these strings need no cleaning: printable, no spaces but single ones inside, not too long."""
        joined = "|".join(cells)
        if not joined.isprintable() or joined[:1] == " " or joined[-1:] == " ":
            return False
        longest = LONGEST_COMMENT if self.field.kind is Kind.NOTE else LONGEST_REFERENCE
        return not any(spaces in joined for spaces in ("  ", "| ", " |")) and max(map(len, cells)) <= longest


class RowReader:
    """Reads the rows of one sheet below its headings."""

    def __init__(self, heading: Heading, sheet: str, later: int) -> None:
        self._row: Any = heading.layout.row
        self._fields = heading.layout.fields
        self._places: Mapping[str, int] = heading.places
        self._sheet = sheet
        self._columns = {field.name: ColumnReader(field, later) for field in self._fields if field.name in self._places}

    def read(self, batch: Batch, skip: int = 0) -> list[Any]:
        """Return the rows of a batch, without its first `skip`, without blank ones and totals."""
        cells = [column[skip:] for column in batch.columns] if skip else batch.columns
        height = len(cells[0]) if cells else 0
        values = {field.name: self._values(field, cells, height) for field in self._fields}
        dropped = self._dropped(values, cells)
        problems = self._problems(values, dropped)
        if self._row is WeekRow:
            values["days"] = list(zip(*(values[name] for name in DAY_FIELDS), strict=True))
        named = self._row._fields[2:-1]
        numbers = range(batch.first + skip, batch.first + skip + height)
        found: Sequence[Any] = [problems.get(index, NO_PROBLEMS) for index in range(height)] if problems else ()
        named_values = (values[name] for name in named)
        filled = zip(numbers, repeat(self._sheet), *named_values, found or repeat(NO_PROBLEMS), strict=False)
        rows = map(self._row._make, filled)
        return [row for index, row in enumerate(rows) if index not in dropped] if dropped else list(rows)

    def _values(self, field: Field, cells: Sequence[Sequence[Cell]], height: int) -> list[Any]:
        column = self._columns.get(field.name)
        if column is None or self._places[field.name] >= len(cells):
            return ["" if field.kind in (Kind.REFERENCE, Kind.NOTE) else None] * height
        return column.read(cells[self._places[field.name]])

    def _dropped(self, values: Mapping[str, list[Any]], cells: Sequence[Sequence[Cell]]) -> set[int]:
        """Return the indexes of blank rows and totals, looked for where there is no reference to a line."""
        lines, dropped = values["line"], set()
        suspects = {line for line in set(lines) if line.__class__ is str and line[:5].lower() in _TOTALS_BEGIN}
        persons: Sequence[Any] = values.get("person", ())
        for index in [index for index, line in enumerate(lines) if line in suspects] if suspects else ():
            if not lines[index] and persons and persons[index] and plain(persons[index]) not in _TOTALS:
                continue
            first = next((column[index] for column in cells if not is_empty(column[index])), None)
            if first is None or plain(first) in _TOTALS:
                dropped.add(index)
        return dropped

    def _problems(self, values: Mapping[str, list[Any]], dropped: set[int]) -> dict[int, tuple[CellProblem, ...]]:
        """Return the problems of the rows by index, and put nothing where a value could not be read."""
        found: dict[int, tuple[CellProblem, ...]] = {}
        for name, column in self._columns.items():
            if not column.unread:
                continue
            for index, value in enumerate(values[name]):
                if value.__class__ is Unread:
                    values[name][index] = column.nothing
                    if index not in dropped and not _follows(name, value, values, index):
                        found[index] = (*found.get(index, NO_PROBLEMS), _problem(column.field, value))
        return found


def _follows(name: str, value: Unread, values: Mapping[str, list[Any]], index: int) -> bool:
    """Say whether a week's total is a sum whose result is not stored: then the days say the same."""
    is_formula = isinstance(value.cell, NoResult) and value.cell.startswith("=")
    return name == "total" and is_formula and any(values[day][index] is not None for day in DAY_FIELDS)


def _problem(field: Field, unread: Unread) -> CellProblem:
    shown = visible(read_text(unread.cell))
    code = unread.fault.code or _CODES.get(field.kind, "not-a-number" if field.kind is Kind.MINUTES else "not-text")
    value = shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}…"
    return CellProblem(field.title, value, code, str(unread.fault), unread.fault.remedy)


def _reader(kind: Kind, later: int) -> Callable[[Cell], Any]:
    readers: dict[Kind, Callable[[Cell], Any]] = {
        Kind.REFERENCE: _read_reference,
        Kind.NOTE: _read_note,
        Kind.DAY: partial(read_day, later=later),
        Kind.MOMENT: partial(read_moment, later=later),
        Kind.CLOCK: read_clock,
        Kind.UNITS: read_units,
        Kind.MINUTES: read_minutes,
    }
    return readers[kind]


def _check_result(cell: Cell, is_text: bool) -> None:
    """Refuse a formula without a result; text that looks like one too, where it can be nothing else."""
    if isinstance(cell, NoResult) or (not is_text and isinstance(cell, str) and cell.startswith(("=", *_ERRORS))):
        if cell.startswith("#"):
            wrong = f"The formula in this cell gives the error {cell.strip()[:10]}."
            raise Unreadable(wrong, "Put the value itself into the cell.", "formula")
        wrong = "This cell holds a formula without a result."
        remedy = "Open the file in a spreadsheet program and save it, or put the value itself into the cell."
        raise Unreadable(wrong, remedy, "formula")


def _read_reference(cell: Cell) -> str:
    text = _NO_WIDTH.sub("", read_text(cell)).strip()
    _check_text(text, LONGEST_REFERENCE)
    return text


def _read_note(cell: Cell) -> str:
    """Return a comment with its own spaces and newlines, as somebody wrote it."""
    text = read_text(cell) if not isinstance(cell, str) else cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    _check_text(text, LONGEST_COMMENT)
    return text


def _check_text(text: str, longest: int) -> None:
    if UNSEEN.search(text):
        raise Unreadable("This text holds characters that cannot be seen.", "Type it again.", "not-text")
    if len(text) > longest:
        remedy = f"Shorten it to {longest} characters."
        raise Unreadable(f"This text has {len(text):,} characters.", remedy, "too-long")
