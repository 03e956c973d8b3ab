"""The tables of one sheet: the first, and what stands below it under headings of its own."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from files.actuals.heading_rows import Above, keys_of, next_headings, row_of
from files.actuals.rows import Skipped, SkippedRow
from files.reading.cells import Cell, is_empty, read_text
from files.reading.sheet import Batch
from rules.text import visible
from rules.words import counted, plural

MOST_NAMED = 8


class Reader(Protocol):
    """What reads the rows below some headings."""

    @property
    def dates(self) -> Sequence[int]:
        """The places of the columns that say when a row is of."""

    def read(self, batch: Batch, skip: int = 0) -> list[Any]:
        """Return the rows of a batch, without its first `skip`."""


class TableReading(NamedTuple):
    """What reads the rows of a table, and where they are put."""

    reader: Reader
    into: list[Any]


class OtherTable:
    """A table below the first whose rows are not read: the row of its headings, these, and how many rows it has."""

    def __init__(self, sheet: str, row: int, cells: Sequence[Cell]) -> None:
        self.sheet, self.row, self.rows = sheet, row, 0
        self._headings = [visible(read_text(cell))[:60] for cell in cells if not is_empty(cell)]

    @property
    def notice(self) -> str:
        """The sentence that says that it was not read."""
        where = f" of the sheet “{self.sheet}”" if self.sheet else ""
        return (
            f"Row {self.row}{where} begins another table, with the headings {named(self._headings)}. Its"
            f" {counted(self.rows, 'row')} {plural(self.rows, 'was', 'were')} not read: send it as a file of its own."
        )


class SheetTables:
    """Reads a sheet: the rows below its headings, and those below the same headings further down.

    `begin` returns what reads the table below a row of headings, None where they are not those of the first table.
    `others` are such tables, `skipped` their rows and each row of headings that stands below the first.
    """

    def __init__(
        self, first: TableReading, headings: Sequence[Cell], begin: Callable[[Batch], TableReading | None]
    ) -> None:
        self._first = first
        self._now: TableReading | None = first
        self._begin = begin
        self._above = Above(keys_of(headings), first.reader.dates, begun=False)
        self.others: list[OtherTable] = []
        self.skipped: list[SkippedRow] = []

    def read(self, batch: Batch, skip: int) -> None:
        """Read the rows of a batch, without its first `skip`."""
        at, height = skip, len(batch.columns[0]) if batch.columns else 0
        while at < height:
            found = next_headings(batch, at, self._above)
            stop = height if found is None else found
            self._take(_part(batch, at, stop))
            if found is not None:
                self._turn(batch.sheet, batch.first + found, row_of(batch, found), batch.days)
            at = stop + 1

    def _take(self, part: Batch) -> None:
        if self._now is not None:
            rows = self._now.reader.read(part)
            self._now.into.extend(rows)
            self._above = self._above._replace(begun=self._above.begun or bool(rows))
            return
        other = self.others[-1]
        for number, cells in enumerate(zip(*part.columns, strict=True), start=part.first):
            if not all(map(is_empty, cells)):
                other.rows += 1
                self.skipped.append(SkippedRow(number, part.sheet, Skipped.OTHER_TABLE, other.row))

    def _turn(self, sheet: str, number: int, cells: Sequence[Cell], days: int) -> None:
        """Go on with the table that begins below a row of headings."""
        is_first = keys_of(cells) == self._above.keys
        self._now = self._first if is_first else self._begin(Batch(sheet, number, [[cell] for cell in cells], days))
        if self._now is None:
            self.others.append(OtherTable(sheet, number, cells))
            self.skipped.append(SkippedRow(number, sheet, Skipped.OTHER_TABLE, number))
        else:
            self._above = self._above._replace(dates=self._now.reader.dates)
            self.skipped.append(SkippedRow(number, sheet, Skipped.HEADINGS))


def named(words: Sequence[str]) -> str:
    """Return headings in quotation marks, those beyond a few counted."""
    shown = ", ".join(f"“{word}”" for word in words[:MOST_NAMED])
    return shown if len(words) <= MOST_NAMED else f"{shown} and {len(words) - MOST_NAMED:,} more"


def _part(batch: Batch, start: int, stop: int) -> Batch:
    """Return some rows of a batch; the batch itself where that is all of them."""
    if not start and stop == len(batch.columns[0]):
        return batch
    return batch._replace(first=batch.first + start, columns=[column[start:stop] for column in batch.columns])
