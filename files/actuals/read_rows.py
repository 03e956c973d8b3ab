"""Cells of actuals turned into typed rows, a column at a time."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

from files.actuals.columns import DAY_FIELDS, TEXTS, Field, Heading
from files.actuals.read_columns import ColumnReader, Unread, problem_of, shortened
from files.actuals.rows import NO_PROBLEMS, CellProblem, Skipped, SkippedRow, VisitRow, WeekRow
from files.reading.cells import Cell, NoResult, is_empty, read_text
from files.reading.sheet import Batch
from files.reading.table import LONGER_ROW_REMEDY, longer_row
from rules.problem_codes import Code
from rules.reported_words import reason_of_aborted, reason_within
from rules.text import visible
from rules.visit import Outcome

_TOTALS = re.compile(r"(grand|sub|overall)? *-?total(s|led)?|sum", re.IGNORECASE)
_TOTALS_BEGIN = ("", "total", "grand", "sub-t", "subto", "sub t", "overa", "sum")
# Between the cells of a row that was not split; so many, or it may be words.
_BETWEEN, FEWEST_BETWEEN = re.compile(r"[,;|\t]"), 2
_A_DAY = ("day", "week", "planned_start")
Problems = dict[int, tuple[CellProblem, ...]]


class RowReader:
    """Reads the rows of one sheet below its headings; `skipped` are those that were not read."""

    def __init__(self, heading: Heading, sheet: str, later: int) -> None:
        self._row: Any = heading.layout.row
        self._fields = heading.layout.fields
        self._places: Mapping[str, int] = heading.places
        self._width = heading.width
        self._sheet = sheet
        self._columns = {field.name: ColumnReader(field, later) for field in self._fields if field.name in self._places}
        self._blank: list[SkippedRow] = []
        self.skipped: list[SkippedRow] = []

    @property
    def dates(self) -> list[int]:
        """The places of the columns that say when a row is of."""
        return [self._places[name] for name in (*_A_DAY, "actual_start") if name in self._places]

    def read(self, batch: Batch, skip: int = 0) -> list[Any]:
        """Return the rows of a batch, without its first `skip`, without blank ones and totals."""
        cells = [column[skip:] for column in batch.columns] if skip else batch.columns
        height = len(cells[0]) if cells else 0
        values = {field.name: self._values(field, cells, height) for field in self._fields}
        dropped = self._dropped(values, cells)
        self._skip(dropped, batch.first + skip, height)
        problems = self._problems(values, dropped)
        problems |= self._beyond(cells, dropped) | self._unsplit(values, cells, dropped)
        if self._row is WeekRow:
            values["days"] = list(zip(*(values[name] for name in DAY_FIELDS), strict=True))
        if self._row is VisitRow:
            self._say_why(values, cells)
        named = self._row._fields[2:-1]
        numbers = range(batch.first + skip, batch.first + skip + height)
        found: Sequence[Any] = [problems.get(index, NO_PROBLEMS) for index in range(height)] if problems else ()
        named_values = (values[name] for name in named)
        filled = zip(numbers, repeat(self._sheet), *named_values, found or repeat(NO_PROBLEMS), strict=False)
        rows = map(self._row._make, filled)
        return [row for index, row in enumerate(rows) if index not in dropped] if dropped else list(rows)

    def check_month_first(self) -> None:
        """Raise BrokenFile where a column is written with the month first."""
        for column in self._columns.values():
            column.check_month_first()

    def _values(self, field: Field, cells: Sequence[Sequence[Cell]], height: int) -> list[Any]:
        column = self._columns.get(field.name)
        if column is None or self._places[field.name] >= len(cells):
            return ["" if field.kind in TEXTS else None] * height
        return column.read(cells[self._places[field.name]])

    def _dropped(self, values: Mapping[str, list[Any]], cells: Sequence[Sequence[Cell]]) -> dict[int, Skipped]:
        """Return why blank rows and totals are skipped, by index; looked for where there is no reference to a line."""
        lines, dropped = values["line"], {}
        suspects = {line for line in set(lines) if line.__class__ is str and line[:5].lower() in _TOTALS_BEGIN}
        persons: Sequence[Any] = values.get("person", ())
        days = next((values[name] for name in _A_DAY if name in values), ())
        for index in [index for index, line in enumerate(lines) if line in suspects] if suspects else ():
            if not lines[index] and persons and persons[index] and not is_totals(persons[index], days[index]):
                continue
            first = next((column[index] for column in cells if not is_empty(column[index])), None)
            if first is None:
                dropped[index] = Skipped.BLANK
            elif is_totals(first, days[index]):
                dropped[index] = Skipped.TOTALS
        return dropped

    def _skip(self, dropped: Mapping[int, Skipped], first: int, height: int) -> None:
        """Keep which rows were skipped; blank ones only once a row that holds something follows them."""
        if not dropped and not self._blank:
            return
        last = next((index for index in reversed(range(height)) if dropped.get(index) is not Skipped.BLANK), -1)
        found = [(index, SkippedRow(first + index, self._sheet, why)) for index, why in dropped.items()]
        if last >= 0:
            self.skipped += self._blank
            self._blank = []
        self.skipped += [row for index, row in found if index <= last]
        self._blank += [row for index, row in found if index > last]

    def _beyond(self, cells: Sequence[Sequence[Cell]], dropped: Mapping[int, Skipped]) -> Problems:
        """Return the problem of each row that has filled cells beyond the last heading: what stands where is unknown.

        It stands in the place of the row's other problems, which follow from it.
        """
        beyond: dict[int, list[str]] = defaultdict(list)
        for column in cells[self._width :]:
            for index, cell in enumerate(column) if column.count("") < len(column) else ():
                if not is_empty(cell) and index not in dropped:
                    beyond[index].append(visible(read_text(cell)))
        return {index: (_row_shape(texts),) for index, texts in beyond.items()}

    def _unsplit(
        self, values: Mapping[str, list[Any]], cells: Sequence[Sequence[Cell]], dropped: Mapping[int, Skipped]
    ) -> Problems:
        """Return the problem of each row that stands in its first cell as a whole, as some programs quote them.

        Looked for where the line is not named, or named with what stands between cells.
        """
        lines = values["line"]
        suspects = {line for line in set(lines) if not line or "," in line or ";" in line or "|" in line}
        found: Problems = {}
        for index in [index for index, line in enumerate(lines) if line in suspects] if suspects else ():
            first = cells[0][index]
            if index in dropped or not isinstance(first, str) or len(_BETWEEN.findall(first)) < FEWEST_BETWEEN:
                continue
            if all(is_empty(column[index]) for column in cells[1:]):
                found[index] = (_unsplit_row(visible(read_text(first))),)
        return found

    def _say_why(self, values: dict[str, list[Any]], cells: Sequence[Sequence[Cell]]) -> None:
        """Let the words of outcomes, such as "no reply", stand as the reasons of visits without one."""
        place = self._places.get("outcome", len(cells))
        words = cells[place] if place < len(cells) else ()
        within = {word: why for word in set(words) if isinstance(word, str) and (why := reason_within(word))}
        if within:
            values["reason"] = [
                reason or within.get(str(word), "") for reason, word in zip(values["reason"], words, strict=True)
            ]
        for index, outcome in enumerate(values["outcome"]) if Outcome.ABORTED in values["outcome"] else ():
            reason = values["reason"][index]
            if outcome == Outcome.ABORTED and isinstance(reason, str):
                values["reason"][index] = reason_of_aborted(reason) or reason

    def _problems(
        self, values: Mapping[str, list[Any]], dropped: Mapping[int, Skipped]
    ) -> dict[int, tuple[CellProblem, ...]]:
        """Return the problems of the rows by index, and put nothing where a value could not be read."""
        found: Problems = {}
        for name, column in self._columns.items():
            if not column.unread:
                continue
            for index, value in enumerate(values[name]):
                if value.__class__ is Unread:
                    values[name][index] = column.nothing
                    if index not in dropped and not _follows(name, value, values, index):
                        before, problem = found.get(index, NO_PROBLEMS), problem_of(column.field, value)
                        found[index] = before if problem in before else (*before, problem)
        return found


def _follows(name: str, value: Unread, values: Mapping[str, list[Any]], index: int) -> bool:
    """Say whether a week's total is a sum whose result is not stored: then the days say the same."""
    is_formula = isinstance(value.cell, NoResult) and value.cell.startswith("=")
    return name == "total" and is_formula and any(values[day][index] is not None for day in DAY_FIELDS)


def is_totals(cell: Cell, day: object) -> bool:
    """Say whether a cell says that its row is a sum: "Total", or "Total hours" where the row is of no day."""
    text = read_text(cell).rstrip(":. ")
    found = _TOTALS.match(text)
    if found is None:
        return False
    return found.end() == len(text) or (day is None and not text[found.end()].isalnum())


def _row_shape(texts: Sequence[str]) -> CellProblem:
    """Return the problem of a row that is longer than the headings."""
    shown = shortened(", ".join(texts))
    return CellProblem("", shown, Code.ROW_SHAPE, longer_row(len(texts)), LONGER_ROW_REMEDY)


def _unsplit_row(text: str) -> CellProblem:
    """Return the problem of a row that stands in one cell."""
    wrong = "All of this row stands in its first cell: it was not split into columns."
    remedy = "Take the quotation marks round the row away, or send the file as your system wrote it."
    return CellProblem("", shortened(text), Code.ROW_SHAPE, wrong, remedy)
