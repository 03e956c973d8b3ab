"""A file of actuals, recognised by its headings: the portal's workbook or one of three layouts of own systems."""

from collections.abc import Callable, Sequence
from typing import Any

from files.actuals.columns import ABORTED, LAYOUTS, Heading, explain_no_layout, known_headings, recognise
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
from files.reading.cells import is_empty
from files.reading.sheet import MOST_ROWS, TOO_MANY_ROWS, Batch, BrokenFile, read_batches
from rules.refusal import Problem, Refused
from rules.words import plural

__all__ = [
    "AbortedRow",
    "ActualsFile",
    "ActualsRow",
    "CellProblem",
    "DayRow",
    "LayoutName",
    "Skipped",
    "SkippedRow",
    "TotalRow",
    "VisitRow",
    "WeekRow",
    "read_actuals_file",
]

FIELD = "file"
# The portal's own sheets that hold no figures.
OWN_SHEETS = ("reasons", "help")
MOST_NAMED = 8


def read_actuals_file(filename: str, content: bytes, seen: Callable[[int], None] = lambda rows: None) -> ActualsFile:
    """Return the rows of a file of actuals: of all its visible sheets that follow one layout.

    What the file is is told by its content; `filename` is only said back. A cell that cannot be read is a problem of
    its row. `seen` is told how many rows were read so far. Raises Refused, field `file`, with one sentence where the
    file as a whole is of no use.
    """
    reading = _Reading()
    try:
        for batch in read_batches(content, known=known_headings):
            reading.take(batch)
            seen(reading.count)
        return reading.finish()
    except BrokenFile as problem:
        shown = filename if len(filename) <= 80 else f"{filename[:80]}…"
        wrong = f"{shown}: {problem}" if shown.strip() else str(problem)
        raise Refused(Problem(problem.code, wrong, field=FIELD)) from None


class _Reading:
    """What has been read of a file so far, sheet by sheet."""

    def __init__(self) -> None:
        self._rows: list[Any] = []
        self._aborted: list[AbortedRow] = []
        self._layout: LayoutName | None = None
        self._sheet: str | None = None
        self._reader: RowReader | None = None
        self._skipped: list[SkippedRow] = []
        self._readers: list[RowReader] = []
        self._into: list[Any] = self._rows
        self._notices: list[str] = []
        self._strangers: list[Batch] = []

    @property
    def count(self) -> int:
        """How many rows were read so far."""
        return len(self._rows) + len(self._aborted)

    def take(self, batch: Batch) -> None:
        """Read the next rows of a file."""
        skip = 0
        if batch.sheet != self._sheet:
            self._sheet, heading = batch.sheet, recognise(batch)
            self._reader = self._begin(batch, heading)
            skip = heading.row + 1 if heading else 0
            if self._reader is not None:
                self._skipped += _above(batch, skip - 1)
        if self._reader is not None:
            self._into += self._reader.read(batch, skip)
            if self.count > MOST_ROWS:
                raise BrokenFile(TOO_MANY_ROWS)

    def finish(self) -> ActualsFile:
        """Return all that was read. Raises BrokenFile where that is nothing."""
        if self._layout is None:
            raise BrokenFile(explain_no_layout(self._strangers))
        for reader in self._readers:
            reader.check_month_first()
            self._skipped += reader.skipped
        if not self._rows and not self._aborted:
            raise BrokenFile("There are no rows below the headings. Fill in the file and try again.")
        self._notices += [
            f"The sheet “{batch.sheet}” was not read: its headings are not those of {self._layout} actuals."
            for batch in self._strangers
        ]
        return ActualsFile(self._layout, self._rows, self._aborted, self._notices, self.count, self._skipped)

    def _begin(self, batch: Batch, heading: Heading | None) -> RowReader | None:
        """Return what reads a sheet, None where it is not read."""
        layout = next((each for each, known in LAYOUTS.items() if heading and heading.layout is known), None)
        is_aborted = heading is not None and heading.layout is ABORTED
        if heading is None or (layout is not None and self._layout not in (None, layout) and self._rows):
            if batch.sheet.strip().lower() not in OWN_SHEETS and not _is_blank(batch):
                self._strangers.append(batch)
            return None
        self._into = self._aborted if is_aborted else self._rows
        if layout is not None or self._layout is None:
            self._layout = layout or LayoutName.WORKBOOK
        self._notice(batch.sheet, heading)
        self._readers.append(RowReader(heading, batch.sheet, batch.days))
        return self._readers[-1]

    def _notice(self, sheet: str, heading: Heading) -> None:
        where = f" of the sheet “{sheet}”" if sheet else ""
        if heading.unknown:
            column = plural(len(heading.unknown), "Column")
            self._notices.append(f"{column}{where} not used: {_named(heading.unknown)}.")
        if heading.twice:
            self._notices.append(f"More than one column{where} is headed {_named(heading.twice)}: the first is read.")


def _above(batch: Batch, rows: int) -> list[SkippedRow]:
    """Return the rows above the headings that hold something."""
    filled = (index for index in range(rows) if not all(is_empty(column[index]) for column in batch.columns))
    return [SkippedRow(batch.first + index, batch.sheet, Skipped.ABOVE) for index in filled]


def _is_blank(batch: Batch) -> bool:
    return all(is_empty(cell) for column in batch.columns for cell in column)


def _named(words: Sequence[str]) -> str:
    shown = ", ".join(f"“{word}”" for word in words[:MOST_NAMED])
    return shown if len(words) <= MOST_NAMED else f"{shown} and {len(words) - MOST_NAMED:,} more"
