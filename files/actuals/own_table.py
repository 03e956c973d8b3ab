"""A provider's own table, whose headings fit no layout: where its headings stand and what its columns hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from files.actuals.read_rows import is_totals
from files.reading.cells import Cell, Unreadable, is_empty, read_day, read_decimal, read_duration, read_text
from files.reading.days import first_and_second
from files.reading.moments import read_clock, read_moment
from files.reading.sheet import FARTHEST_HEADING, Batch
from rules.column_guess import ColumnSeen, Shape, known_words
from rules.column_match import LONGEST_WORD, MOST_WORDS, heading_keys
from rules.text import visible

# A table has at least as many columns: a reference, a date and a quantity.
FEWEST_COLUMNS = 3
SHOWN_VALUES = 3
# So many rows are looked at to say what a column holds, and kept to show how a row is read.
ROWS_LOOKED_AT = 200
MOST_EXAMPLES = 24
_BEFORE_SPREADSHEETS = 1905
# What stands in the rows of a table and never above its columns.
_OF_ROWS = (Shape.DAY, Shape.MOMENT, Shape.CLOCK)


class HeadingRow(NamedTuple):
    """A row of headings of a table nobody has matched: its index in the batch, and what stands in it."""

    row: int
    headings: list[str]

    @property
    def keys(self) -> list[str]:
        """What each heading is known by."""
        return heading_keys(self.headings)


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
    tables of other headings, `second` the number of a row that looks like the headings of a second table.
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


def find_heading_row(batch: Batch) -> HeadingRow | None:
    """Return the likeliest row of headings among the first rows of a sheet, None where there is no table.

    It is the one with the most words that systems write above columns, then the fullest of plain words. Below it a
    date has to stand somewhere.
    """
    height = len(batch.columns[0]) if batch.columns else 0
    best: tuple[tuple[int, int, int], HeadingRow] | None = None
    for index in range(min(FARTHEST_HEADING, height - 1)):
        headings = [visible(read_text(column[index]))[:LONGEST_WORD] for column in batch.columns]
        while headings and not headings[-1]:
            headings.pop()
        cells = [column[index] for column in batch.columns]
        worded = sum(map(_is_word, cells))
        if worded < FEWEST_COLUMNS or any(shape_of(cell) in _OF_ROWS for cell in cells if not is_empty(cell)):
            continue
        rank = (known_words(headings), worded, -index)
        if best is None or rank > best[0]:
            best = rank, HeadingRow(index, headings)
    if best is None or not _has_days(batch, best[1]):
        return None
    return best[1]


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
        self.take(batch, heading.row + 1)

    def take(self, batch: Batch, skip: int) -> None:
        for number, cells in enumerate(zip(*batch.columns, strict=True), start=batch.first):
            if number >= batch.first + skip and not all(map(is_empty, cells)) and not _is_sum(cells):
                self._take_row(number, cells[: len(self.table.columns)])

    def _take_row(self, number: int, cells: Sequence[Cell]) -> None:
        table = self.table
        if heading_keys(list(map(read_text, cells))) == [column.key for column in table.columns]:
            return
        texts = ["" if is_empty(cell) else visible(read_text(cell))[:LONGEST_WORD] for cell in cells]
        if self._is_second(texts, cells):
            table.second = table.second or number
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

    def _is_second(self, texts: list[str], cells: Sequence[Cell]) -> bool:
        """Say whether a row looks like the headings of another table."""
        return known_words(texts) >= FEWEST_COLUMNS and sum(map(_is_word, cells)) >= FEWEST_COLUMNS

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


def shape_of(cell: Cell) -> Shape:
    """Return what a filled cell looks like."""
    if isinstance(cell, datetime):
        if cell.year < _BEFORE_SPREADSHEETS:
            return Shape.CLOCK
        return Shape.MOMENT if cell.hour or cell.minute else Shape.DAY
    if isinstance(cell, float):
        return Shape.NUMBER
    text = read_text(cell)
    readers = ((Shape.NUMBER, _number), (Shape.CLOCK, _clock), (Shape.DURATION, read_duration), (Shape.DAY, read_day),
               (Shape.MOMENT, read_moment))  # fmt: skip
    for shape, read in readers:
        try:
            if read(text) is not None:
                return shape
        except Unreadable:
            continue
    if first_and_second(text):  # a date, though perhaps none that can be read: month first, or the 31st of June
        return Shape.DAY
    return Shape.REFERENCE if any(map(str.isdigit, text)) else Shape.TEXT


def _number(text: str) -> object:
    return read_decimal(text) if ":" not in text and not text[-1:].isalpha() else None


def _clock(text: str) -> object:
    return read_clock(text) if ":" in text else None


def _is_sum(cells: Sequence[Cell]) -> bool:
    filled = [cell for cell in cells if not is_empty(cell)]
    days = (cell for cell in filled if shape_of(cell) in (Shape.DAY, Shape.MOMENT))
    return is_totals(filled[0], next(days, None))


def _is_word(cell: Cell) -> bool:
    """Say whether a cell could be a heading: text, and neither a date nor a number."""
    return isinstance(cell, str) and not is_empty(cell) and shape_of(cell) in (Shape.TEXT, Shape.REFERENCE)


def _has_days(batch: Batch, heading: HeadingRow) -> bool:
    return any(
        shape_of(cell) in (Shape.DAY, Shape.MOMENT)
        for column in batch.columns[: len(heading.headings)]
        for cell in column[heading.row + 1 : heading.row + 1 + ROWS_LOOKED_AT]
        if not is_empty(cell)
    )
