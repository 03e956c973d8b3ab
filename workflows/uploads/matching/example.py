"""How one row of a file would be read by a match: what to look at before anything is checked."""

from typing import NamedTuple

from files.actuals.heading_rows import HeadingRow
from files.actuals.layouts import ActualsRow, VisitRow
from files.actuals.matched import MatchedReader
from files.actuals.own_table import OwnTable
from files.reading.sheet import Batch
from rules.visit import Outcome
from workflows.uploads.matching.columns import Draft
from workflows.uploads.own_lines import OwnLines, own_lines
from workflows.weeks.line_week import Line


class Example(NamedTuple):
    """A row as it would be read: its number in the file, the lines it could be for, and the word of its outcome."""

    number: int
    row: ActualsRow
    lines: list[Line]
    word: str


def example_of(table: OwnTable, draft: Draft) -> Example | None:
    """Return the most telling of the rows that were kept to be shown, an aborted visit where there is one; None where
    no row can be read so yet."""
    matching = draft.matching(table)
    heading = HeadingRow(0, [column.heading for column in table.columns])
    place = draft.places().get("outcome")
    read: list[tuple[ActualsRow, str]] = []
    for number, texts in table.examples.items():
        cells = [[text] for text in texts]
        rows = MatchedReader(heading, matching, table.sheet, 0).read(Batch(table.sheet, int(number), cells))
        read += [(row, texts[place] if place is not None and place < len(texts) else "") for row in rows]
    if not read:
        return None
    row, word = max(read, key=lambda each: _tells(each[0]))
    return Example(row.number, row, _lines_of(row, own_lines()), word)


def _tells(row: ActualsRow) -> int:
    return 1 if isinstance(row, VisitRow) and row.outcome == Outcome.ABORTED else 0


def _lines_of(row: ActualsRow, lines: OwnLines) -> list[Line]:
    if row.line:
        return [lines.by_reference[row.line]] if row.line in lines.by_reference else []
    return lines.by_person.get(row.person, [])
