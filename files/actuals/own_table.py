"""A provider's own table, whose headings fit no layout: where its headings stand and what its columns hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from files.actuals.heading_rows import (
    ROWS_LOOKED_AT,
    Above,
    HeadingRow,
    are_same,
    date_places,
    find_heading_row,
    keys_of,
    next_headings,
    row_of,
    shape_of,
)
from files.actuals.read_rows import is_totals
from files.reading.cells import Cell, is_empty, read_text
from files.reading.sheet import Batch
from rules.column_guess import ColumnSeen, Shape
from rules.column_match import LONGEST_WORD, MOST_WORDS
from rules.text import visible

SHOWN_VALUES = 3
# So many rows are kept to show how a row is read.
MOST_EXAMPLES = 24


@dataclass
class OwnColumn:
    """A column: its heading and key, its first values, what its cells look like, and its words with their rows.

    `words` is None where there are too many for an outcome or a reason.
    """

    heading: str
    key: str
    first: list[str] = field(default_factory=list)
    shape: str = Shape.EMPTY
    words: dict[str, int] | None = field(default_factory=dict)

    @property
    def seen(self) -> ColumnSeen:
        """The column as a guess takes it."""
        return ColumnSeen(self.heading, Shape(self.shape))


@dataclass
class OwnTable:
    """A table of a file: its sheet, the number of the row of its headings, its columns, and how many rows it has.

    `examples` are its first rows, and the first with each word, by number: cells as text. `others` are sheets with
    tables of other headings, `second` the number of the row with the headings of another table below it, whose rows are
    not among these.
    """

    sheet: str
    heading_row: int
    columns: list[OwnColumn]
    rows: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    second: int | None = None

    def kept(self) -> dict[str, Any]:
        """Return the table as JSON."""
        return asdict(self)

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> "OwnTable":
        """Return what `kept` gave."""
        return cls(**{**kept, "columns": [OwnColumn(**column) for column in kept["columns"]]})


def summarise(batches: Iterable[Batch], sheet: str) -> OwnTable | None:
    """Return what the table of a sheet holds, None where it has none. Raises BrokenFile as the batches do."""
    summary: _Summary | None = None
    others: list[str] = []
    current = None
    for batch in batches:
        if batch.sheet != sheet:
            if batch.sheet != current and find_heading_row(batch) is not None:
                others.append(batch.sheet)
        elif current != sheet:
            heading = find_heading_row(batch)
            summary = _Summary(batch, heading) if heading else None
        elif summary is not None:
            summary.take(batch, 0)
        current = batch.sheet
    if summary is None:
        return None
    summary.table.others = others
    return summary.finish()


class _Summary:
    """What has been seen of a table so far."""

    def __init__(self, batch: Batch, heading: HeadingRow) -> None:
        pairs = zip(heading.headings, heading.keys, strict=True)
        self.table = OwnTable(batch.sheet, batch.first + heading.row, [OwnColumn(*pair) for pair in pairs])
        self._shapes = [Counter[Shape]() for _ in self.table.columns]
        self._looked_at = 0
        self._above = Above(heading.keys, date_places(batch, heading.row + 1), begun=False)
        # The places of the columns, in their order, where the rows of this table stand; none of another.
        self._order = list(range(len(self.table.columns)))
        self.take(batch, heading.row + 1)

    def take(self, batch: Batch, skip: int) -> None:
        """Take the rows of a batch, without its first `skip` and without those of another table."""
        at, height = skip, len(batch.columns[0]) if batch.columns else 0
        while at < height:
            found = next_headings(batch, at, self._above._replace(begun=self.table.rows > 0))
            stop = height if found is None else found
            for index in range(at, stop) if self._order else ():
                cells = row_of(batch, index)
                if not all(map(is_empty, cells)) and not _is_sum(cells):
                    ordered = [cells[place] if 0 <= place < len(cells) else "" for place in self._order]
                    self._take_row(batch.first + index, ordered)
            if found is not None:
                keys = keys_of(row_of(batch, found))
                places = {key: place for place, key in enumerate(keys)}
                is_same = are_same(keys, self._above.keys)
                self._order = [places.get(key, -1) for key in self._above.keys] if is_same else []
                if not self._order:
                    self.table.second = self.table.second or batch.first + found
            at = stop + 1

    def _take_row(self, number: int, cells: Sequence[Cell]) -> None:
        table = self.table
        texts = ["" if is_empty(cell) else visible(read_text(cell))[:LONGEST_WORD] for cell in cells]
        table.rows += 1
        new_word = False
        for column, text in zip(table.columns, texts, strict=False):
            new_word = _count_word(column, text) or new_word
            if table.rows <= SHOWN_VALUES:
                column.first.append(text)
        if self._looked_at < ROWS_LOOKED_AT:
            self._looked_at += 1
            for shapes, cell in zip(self._shapes, cells, strict=False):
                if not is_empty(cell):
                    shapes[shape_of(cell)] += 1
        if table.rows <= SHOWN_VALUES or (new_word and len(table.examples) < MOST_EXAMPLES):
            table.examples[str(number)] = texts

    def finish(self) -> OwnTable:
        for column, shapes in zip(self.table.columns, self._shapes, strict=True):
            if shapes:
                column.shape = _shape(shapes)
        return self.table


def _count_word(column: OwnColumn, text: str) -> bool:
    """Count a word of a column; whether it is met for the first time."""
    if column.words is None or not text:
        return False
    new = text not in column.words
    column.words[text] = column.words.get(text, 0) + 1
    if len(column.words) > MOST_WORDS:
        column.words = None
    return new


def _shape(shapes: Counter[Shape]) -> Shape:
    """Return what most cells of a column are; of a few among references that are plain numbers, references."""
    if shapes[Shape.REFERENCE] and set(shapes) <= {Shape.REFERENCE, Shape.NUMBER, Shape.TEXT}:
        return Shape.REFERENCE if shapes[Shape.REFERENCE] + shapes[Shape.NUMBER] >= shapes[Shape.TEXT] else Shape.TEXT
    return shapes.most_common(1)[0][0]


def _is_sum(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if not is_empty(cell)]
    days = (cell for cell in filled if shape_of(cell) in (Shape.DAY, Shape.MOMENT))
    return is_totals(filled[0], next(days, None))
