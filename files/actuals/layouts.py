"""A file of actuals, recognised by its headings: the portal's workbook or one of three layouts of own systems."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

from files.actuals.columns import ABORTED, LAYOUTS, Heading, explain_no_layout, known_headings, recognise
from files.actuals.heading_rows import HeadingRow, find_heading_row, row_of
from files.actuals.matched import MatchedReader, layout_of
from files.actuals.own_table import OwnTable, summarise
from files.actuals.read_rows import RowReader
from files.actuals.rows import (
    AbortedRow,
    ActualsFile,
    ActualsRow,
    CellProblem,
    DayRow,
    LayoutName,
    Skipped,
    SkippedRow,
    TotalRow,
    VisitRow,
    WeekRow,
)
from files.actuals.sheet_tables import SheetTables, TableReading, named
from files.reading.cells import is_empty, read_text
from files.reading.sheet import MOST_ROWS, TOO_MANY_ROWS, Batch, BrokenFile, read_batches
from rules.column_guess import known_words
from rules.column_match import ColumnMatching, fingerprint
from rules.refusal import Problem, Refused
from rules.words import plural

__all__ = [
    "NO_MATCHES",
    "AbortedRow",
    "ActualsFile",
    "ActualsRow",
    "CellProblem",
    "DayRow",
    "LayoutName",
    "Skipped",
    "SkippedRow",
    "TotalRow",
    "Unmatched",
    "VisitRow",
    "WeekRow",
    "read_actuals_file",
]

FIELD = "file"
# The portal's own sheets that hold no figures.
OWN_SHEETS = ("reasons", "help")
NO_MATCHES: Mapping[str, ColumnMatching] = MappingProxyType({})


class Unmatched(Refused):
    """The file is a table of the sender's own: nobody has said yet what its columns, or some of its words, are."""

    def __init__(self, problem: Problem, table: OwnTable) -> None:
        super().__init__(problem)
        self.table = table


def read_actuals_file(
    filename: str,
    content: bytes,
    seen: Callable[[int], None] = lambda rows: None,
    matches: Mapping[str, ColumnMatching] = NO_MATCHES,
) -> ActualsFile:
    """Return the rows of a file of actuals: of all its visible sheets that follow one layout.

    What the file is is told by its content; `filename` is only said back. A cell that cannot be read is a problem of
    its row. `seen` is told how many rows were read so far. `matches` say by the fingerprint of its headings how a table
    of the sender's own is read. Raises Refused, field `file`, with one sentence where the file as a whole is of no use,
    and Unmatched where it would be once somebody matches its columns, or new words in them.
    """
    reading = _Reading(matches)
    try:
        for batch in read_batches(content, known=_known):
            reading.take(batch)
            seen(reading.count)
        if reading.is_unmatched:
            raise BrokenFile(explain_no_layout(reading.strangers))
        return reading.finish()
    except BrokenFile as problem:
        shown = filename if len(filename) <= 80 else f"{filename[:80]}…"
        wrong = f"{shown}: {problem}" if shown.strip() else str(problem)
        said = Problem(problem.code, wrong, field=FIELD)
        table = _own_table(content, reading) if reading.is_unmatched else None
        raise (Unmatched(said, table) if table else Refused(said)) from None


def _known(cells: Sequence[str]) -> int:
    """Return how many headings of a layout or, by half, of the usual systems stand in a row of cells."""
    return 2 * known_headings(cells) + known_words(cells)


def _own_table(content: bytes, reading: "_Reading") -> OwnTable | None:
    """Return the sender's own table of a file, None where it has none; of several sheets the first with one."""
    first = reading.unmatched_sheet
    return None if first is None else summarise(read_batches(content, known=_known), first)


class _Reading:
    """What has been read of a file so far, sheet by sheet."""

    def __init__(self, matches: Mapping[str, ColumnMatching] = NO_MATCHES) -> None:
        self._rows: list[Any] = []
        self._aborted: list[AbortedRow] = []
        self._layout: LayoutName | None = None
        self._sheet: str | None = None
        self._tables: SheetTables | None = None
        self._every_table: list[SheetTables] = []
        self._skipped: list[SkippedRow] = []
        self._readers: list[RowReader | MatchedReader] = []
        self._notices: list[str] = []
        self.strangers: list[Batch] = []
        self._matches = matches
        self._matched = ""

    @property
    def count(self) -> int:
        """How many rows were read so far."""
        return len(self._rows) + len(self._aborted)

    @property
    def unmatched_sheet(self) -> str | None:
        """The first sheet with a table that nobody has matched, or with words in it that nobody has."""
        of_words = (each.sheet for each in self._readers if isinstance(each, MatchedReader) and each.new_words)
        of_tables = (batch.sheet for batch in self.strangers if find_heading_row(batch))
        return next(chain(of_words, of_tables if self._layout is None else ()), None)

    @property
    def is_unmatched(self) -> bool:
        """Whether the file is of no use before somebody has matched a table of it."""
        return self.unmatched_sheet is not None

    def take(self, batch: Batch) -> None:
        """Read the next rows of a file."""
        skip = 0
        if batch.sheet != self._sheet:
            self._sheet, self._tables = batch.sheet, None
            heading = recognise(batch)
            own = None if heading else self._own_headings(batch)
            first = self._begin_matched(batch, own) if own else self._begin(batch, heading)
            at = heading.row if heading else own.row if own else 0
            if first is not None:
                skip = at + 1
                self._skipped += _above(batch, at)
                self._tables = SheetTables(first, row_of(batch, at), self._begin_below)
                self._every_table.append(self._tables)
        if self._tables is not None:
            self._tables.read(batch, skip)
            if self.count > MOST_ROWS:
                raise BrokenFile(TOO_MANY_ROWS)

    def finish(self) -> ActualsFile:
        """Return all that was read. Raises BrokenFile where that is nothing."""
        if self._layout is None:
            raise BrokenFile(explain_no_layout(self.strangers))
        for reader in self._readers:
            reader.check_month_first()
            self._skipped += reader.skipped
        for tables in self._every_table:
            self._skipped += tables.skipped
            self._notices += [other.notice for other in tables.others]
        if not self._rows and not self._aborted:
            raise BrokenFile("There are no rows below the headings. Fill in the file and try again.")
        self._notices += [
            f"The sheet “{batch.sheet}” was not read: its headings are not those of {self._layout} actuals."
            for batch in self.strangers
        ]
        return ActualsFile(
            self._layout, self._rows, self._aborted, self._notices, self.count, self._skipped, self._matched
        )

    def _own_headings(self, batch: Batch) -> HeadingRow | None:
        """Return the headings of a table of the sender's own that is matched; a file is read by one match, or by none.

        None where it is not matched.
        """
        heading = find_heading_row(batch) if self._matches else None
        known = fingerprint(heading.keys) if heading else ""
        if known not in self._matches or (self._layout is not None and self._matched != known):
            return None
        self._matched = known
        return heading

    def _begin_matched(self, batch: Batch, heading: HeadingRow) -> TableReading:
        matching = self._matches[self._matched]
        self._layout = layout_of(matching)
        reader = MatchedReader(heading, matching, batch.sheet, batch.days)
        self._readers.append(reader)
        return TableReading(reader, self._rows)

    def _begin(self, batch: Batch, heading: Heading | None) -> TableReading | None:
        """Return what reads a sheet, None where it is not read."""
        if heading is None or not (self._goes_with(heading) or self._may_begin(heading)):
            if batch.sheet.strip().lower() not in OWN_SHEETS and not _is_blank(batch):
                self.strangers.append(batch)
            return None
        layout = next((each for each, known in LAYOUTS.items() if heading.layout is known), None)
        if layout is not None or self._layout is None:
            self._layout = layout or LayoutName.WORKBOOK
        return self._reading(batch, heading)

    def _begin_below(self, row: Batch) -> TableReading | None:
        """Return what reads a table below the first of a sheet, None where it is another than that."""
        if self._matched:
            own = HeadingRow(0, [read_text(column[0]) for column in row.columns])
            return self._begin_matched(row, own) if fingerprint(own.keys) == self._matched else None
        heading = recognise(row)
        return self._reading(row, heading) if heading and self._goes_with(heading) else None

    def _goes_with(self, heading: Heading) -> bool:
        """Say whether rows below some headings are of the layout that the file has, or of its aborted visits.

        A file of visits has its aborted ones among them.
        """
        if heading.layout is ABORTED:
            return self._layout is not LayoutName.VISITS
        return self._layout is None or heading.layout is LAYOUTS[self._layout]

    def _may_begin(self, heading: Heading) -> bool:
        """Say whether a file that has no rows yet can be of another layout than it seemed."""
        is_visits = heading.layout is LAYOUTS[LayoutName.VISITS]
        return not self._rows and heading.layout is not ABORTED and not (is_visits and self._aborted)

    def _reading(self, batch: Batch, heading: Heading) -> TableReading:
        self._notice(batch.sheet, heading)
        reader = RowReader(heading, batch.sheet, batch.days)
        self._readers.append(reader)
        return TableReading(reader, self._aborted if heading.layout is ABORTED else self._rows)

    def _notice(self, sheet: str, heading: Heading) -> None:
        where = f" of the sheet “{sheet}”" if sheet else ""
        if heading.unknown:
            column = plural(len(heading.unknown), "Column")
            self._notices.append(f"{column}{where} not used: {named(heading.unknown)}.")
        if heading.twice:
            self._notices.append(f"More than one column{where} is headed {named(heading.twice)}: the first is read.")


def _above(batch: Batch, rows: int) -> list[SkippedRow]:
    """Return the rows above the headings that hold something."""
    filled = (index for index in range(rows) if not all(is_empty(column[index]) for column in batch.columns))
    return [SkippedRow(batch.first + index, batch.sheet, Skipped.ABOVE) for index in filled]


def _is_blank(batch: Batch) -> bool:
    return all(is_empty(cell) for column in batch.columns for cell in column)
