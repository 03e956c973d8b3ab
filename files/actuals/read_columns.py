"""Cells of one column of actuals turned into values: every distinct cell is read once."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from files.actuals.columns import TEXTS, Field, Kind
from files.actuals.rows import CellProblem
from files.reading.cells import Cell, NoResult, Unreadable, read_day, read_text, read_units, without_point_zero
from files.reading.csv_text import BrokenFile
from files.reading.days import TURNED, TurnedDates, first_and_second
from files.reading.moments import read_clock, read_minutes, read_moment
from rules.problem_codes import Code
from rules.reported_words import outcome_of, reason_of_aborted
from rules.text import LONGEST_COMMENT, UNSEEN, visible

LONGEST_REFERENCE = 100
MOST_REMEMBERED = 20_000
LONGEST_SHOWN = 60

_CODES = {
    Kind.DAY: Code.NOT_A_DATE,
    Kind.MOMENT: Code.NOT_A_DATE,
    Kind.CLOCK: Code.NOT_A_TIME,
    Kind.UNITS: Code.NOT_A_NUMBER,
}
_ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
# A whole number that went through a program as a number with a point: 48212.0.
MONTH_FIRST = (
    "The column “{}” is written with the month first: “{}”. Write the day first in all of the column, such as {}, and"
    " try again."
)


class Unread(NamedTuple):
    """A cell that could not be read, in the place of its value; `title` is its column's where that is another."""

    cell: Cell
    fault: Unreadable
    title: str = ""


class ColumnReader(dict[Cell, Any]):
    """Cache of the values of one column by cell; `unread` says whether any could not be read.

    Cells repeat: it saves 115 of 140 ms for a workbook of 10,000 rows.
    """

    def __init__(self, field: Field, later: int) -> None:
        super().__init__()
        self.field = field
        self.unread = False
        self.is_text = field.kind in TEXTS
        self._is_free = field.kind in (Kind.REFERENCE, Kind.NOTE)
        self._is_dates = field.kind in (Kind.DAY, Kind.MOMENT)
        self._day_first = False
        self._month_first = ""
        self._turned = TurnedDates()
        self.nothing = "" if self.is_text else None
        self._read = _reader(field.kind, later)

    def __missing__(self, cell: Any) -> Any:
        if cell.__class__ is Unread:  # out of a column that is put together from others
            self.unread = True
            return cell
        try:
            if cell.__class__ is not str or cell[:1] in "=#":
                _check_result(cell, self.is_text)
            value = self._read(cell)
            if self._is_dates and not self._day_first and cell.__class__ is str and value and value.day > 12:
                self._day_first = cell.lstrip()[:2] == f"{value.day}"
        except Unreadable as fault:
            value, self.unread = Unread(cell, fault), True
            if self._is_dates and isinstance(cell, str):
                self._look_for_month_first(cell.strip())
        if len(self) < MOST_REMEMBERED:
            self[cell] = value
        return value

    def _look_for_month_first(self, text: str) -> None:
        first, second = first_and_second(text) or (0, 0)
        self._day_first = self._day_first or first > 12
        if 1 <= first <= 12 < second <= 31:
            self._month_first = self._month_first or text

    def look_for_turned(self, cells: Sequence[Cell], types: Collection[type]) -> None:
        """Note days of some cells, of these types, that a spreadsheet may have taken for months."""
        if str in types and datetime in types:
            self._turned.note(set(cells))

    def check_month_first(self) -> None:
        """Raise BrokenFile where second places go above 12 and first places never do: the column is month first.

        So it is where a spreadsheet that expects the month first has turned round the days that it could.
        """
        if self._turned:
            raise BrokenFile(TURNED.format(self.field.title), Code.MONTH_FIRST)
        if self._month_first and not self._day_first:
            text = self._month_first
            first, second = first_and_second(text) or (1, 1)
            year = re.split("[/.-]", text)[2].split()[0]
            wrong = MONTH_FIRST.format(self.field.title, shortened(visible(text)), f"{second}/{first:02}/{year}")
            raise BrokenFile(wrong, Code.MONTH_FIRST)

    def read(self, cells: Sequence[Cell]) -> list[Any]:
        """Return the values of these cells, an `Unread` where there is none."""
        types = set(map(type, cells))
        # References are mostly distinct: one check of them all saves 13 of 37 ms for 10,000 rows, 50 of 115 for 42,000.
        if self._is_free and types == {str} and len(set(cells)) > len(cells) / 2 and self._is_plain(cells):
            return list(cells)
        if self._is_dates:
            self.look_for_turned(cells, types)
        if bool in types:
            # As a key of the cache, True is equal to 1.
            cells = [read_text(cell) if isinstance(cell, bool) else cell for cell in cells]
        return list(map(self.__getitem__, cells))

    def _is_plain(self, cells: Sequence[Any]) -> bool:
        """Say whether these strings need no cleaning: printable, no spaces but single ones inside, not too long."""
        joined = "|".join(cells)
        if not joined.isprintable() or joined[:1] == " " or joined[-1:] == " ":
            return False
        if ".0" in joined and self.field.kind is Kind.REFERENCE:
            return False
        longest = LONGEST_COMMENT if self.field.kind is Kind.NOTE else LONGEST_REFERENCE
        return not any(spaces in joined for spaces in ("  ", "| ", " |")) and max(map(len, cells)) <= longest


def problem_of(field: Field, unread: Unread) -> CellProblem:
    """Return the problem of a cell that could not be read."""
    shown = visible(read_text(unread.cell))
    code = unread.fault.code or _CODES.get(
        field.kind, Code.NOT_A_NUMBER if field.kind is Kind.MINUTES else Code.NOT_TEXT
    )
    return CellProblem(unread.title or field.title, shortened(shown), code, str(unread.fault), unread.fault.remedy)


def shortened(text: str) -> str:
    """Return as much of what stands in a cell as a message shows."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _reader(kind: Kind, later: int) -> Callable[[Cell], Any]:
    readers: dict[Kind, Callable[[Cell], Any]] = {
        Kind.REFERENCE: _read_reference,
        Kind.NOTE: _read_note,
        Kind.DAY: partial(read_day, later=later),
        Kind.MOMENT: partial(read_moment, later=later),
        Kind.CLOCK: read_clock,
        Kind.UNITS: read_units,
        Kind.MINUTES: read_minutes,
        Kind.OUTCOME: _read_outcome,
        Kind.WHY_ABORTED: _read_why_aborted,
    }
    return readers[kind]


def _check_result(cell: Cell, is_text: bool) -> None:
    """Refuse a formula without a result; text that looks like one too, where it can be nothing else."""
    if isinstance(cell, NoResult) or (not is_text and isinstance(cell, str) and cell.startswith(("=", *_ERRORS))):
        if cell.startswith("#"):
            wrong = f"The formula in this cell gives the error {cell.strip()[:10]}."
            raise Unreadable(wrong, "Put the value itself into the cell.", Code.FORMULA)
        wrong = "This cell holds a formula without a result."
        remedy = "Open the file in a spreadsheet program and save it, or put the value itself into the cell."
        raise Unreadable(wrong, remedy, Code.FORMULA)


def _read_reference(cell: Cell) -> str:
    text = read_text(without_point_zero(cell))
    _check_text(text, LONGEST_REFERENCE)
    return text


def _read_outcome(cell: Cell) -> str:
    text = _read_reference(cell)
    return outcome_of(text) or text


def _read_why_aborted(cell: Cell) -> str:
    text = _read_reference(cell)
    return reason_of_aborted(text) or text


def _read_note(cell: Cell) -> str:
    """Return a comment with its own spaces and newlines, as somebody wrote it."""
    text = read_text(cell) if not isinstance(cell, str) else cell.replace("\r\n", "\n").replace("\r", "\n").strip()
    _check_text(text, LONGEST_COMMENT)
    return text


def _check_text(text: str, longest: int) -> None:
    if UNSEEN.search(text):
        raise Unreadable("This text holds characters that cannot be seen.", "Type it again.", Code.NOT_TEXT)
    if len(text) > longest:
        remedy = f"Shorten it to {longest} characters."
        raise Unreadable(f"This text has {len(text):,} characters.", remedy, Code.TOO_LONG)
