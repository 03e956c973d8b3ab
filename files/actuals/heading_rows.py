"""Where headings stand: those of a provider's own table, and those below the first of a sheet."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from files.actuals.columns import known_headings
from files.reading.cells import Cell, Unreadable, is_empty, read_day, read_decimal, read_duration, read_text
from files.reading.days import first_and_second
from files.reading.moments import read_clock, read_moment
from files.reading.sheet import FARTHEST_HEADING, Batch
from rules.column_guess import Shape, known_words
from rules.column_match import LONGEST_WORD, fingerprint, heading_keys
from rules.text import visible

# A table has at least as many columns: a reference, a date and a quantity.
FEWEST_COLUMNS = 3
# So many rows are looked at to say what a column holds.
ROWS_LOOKED_AT = 200
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


def find_heading_row(batch: Batch) -> HeadingRow | None:
    """Return the likeliest row of headings among the first rows of a sheet, None where there is no table.

    It is the one with the most words that systems write above columns, then the fullest of plain words; where it stands
    below a table that has such words too, the headings of that. Below it a date has to stand somewhere.
    """
    height = len(batch.columns[0]) if batch.columns else 0
    found: list[tuple[tuple[int, int, int], HeadingRow]] = []
    for index in range(min(FARTHEST_HEADING, height - 1)):
        cells = row_of(batch, index)
        headings = _headings(cells)
        while headings and not headings[-1]:
            headings.pop()
        worded = sum(map(_is_word, cells))
        if worded < FEWEST_COLUMNS or any(shape_of(cell) in _OF_ROWS for cell in cells if not is_empty(cell)):
            continue
        found.append(((known_words(headings), worded, -index), HeadingRow(index, headings)))
    if not found:
        return None
    best = max(found)[1]
    for (known, _worded, _place), each in found:
        if known >= FEWEST_COLUMNS and _has_days(batch, each, best.row):
            return each
    return best if _has_days(batch, best) else None


class Above(NamedTuple):
    """The headings of a table and the places of the columns with its dates; `begun` says whether it has a row yet."""

    keys: Sequence[str]
    dates: Sequence[int]
    begun: bool


def next_headings(batch: Batch, start: int, above: Above) -> int | None:
    """Return the index of the first row from `start` on that is headings though it stands below those of a table.

    Such are the same once more, in any order; below the first row of the table also words that are known above columns,
    and any words below a blank row where the row under them is no row of this table.
    """
    height = len(batch.columns[0]) if batch.columns else 0
    columns = [batch.columns[place] for place in above.dates if place < len(batch.columns)]
    first = -1 if above.begun else next((index for index in range(start, height) if _is_filled(batch, index)), height)
    for index in _without_date(columns, above, start, height):
        cells = row_of(batch, index)
        filled = [cell for cell in cells if not is_empty(cell)]
        if len(filled) < min(FEWEST_COLUMNS, len(above.keys)) or not all(isinstance(cell, str) for cell in filled):
            continue
        if are_same(keys_of(cells), above.keys):
            return index
        if index > first and all(map(_is_word, filled)) and (_known(filled) or _begins_another(batch, index, columns)):
            return index
    return None


def date_places(batch: Batch, start: int) -> list[int]:
    """Return the places of the columns with a date in the first row from `start` on that holds something."""
    height = len(batch.columns[0]) if batch.columns else 0
    first = next((index for index in range(start, height) if _is_filled(batch, index)), None)
    return [] if first is None else [place for place, cell in enumerate(row_of(batch, first)) if is_date(cell)]


def row_of(batch: Batch, index: int) -> list[Cell]:
    """Return the cells of a row."""
    return [column[index] for column in batch.columns]


def keys_of(cells: Sequence[Cell]) -> list[str]:
    """Return what headings are known by, without what is empty at their end."""
    keys = heading_keys(_headings(cells))
    while keys and not keys[-1]:
        keys.pop()
    return keys


def are_same(keys: Sequence[str], others: Sequence[str]) -> bool:
    """Say whether headings are the same in any order, the portal's own Message aside."""
    return fingerprint(keys) == fingerprint(others)


def _headings(cells: Sequence[Cell]) -> list[str]:
    return [visible(read_text(cell))[:LONGEST_WORD] for cell in cells]


def _is_filled(batch: Batch, index: int) -> bool:
    return not all(map(is_empty, row_of(batch, index)))


def _without_date(columns: Sequence[Sequence[Cell]], above: Above, start: int, height: int) -> Sequence[int]:
    """Return the rows that have a date in none of these columns; a cell with a digit is one, but for a heading."""
    if not columns:
        return range(start, height)
    own = {above.keys[place] for place in above.dates if place < len(above.keys)}
    # Dates repeat, and nearly every cell is one: few are looked at twice.
    words = {cell for cell in set(columns[0][start:]) if _is_no_date(cell, own)}
    if not words:
        return ()
    rows = (index for index in range(start, height) if columns[0][index] in words)
    return [index for index in rows if all(_is_no_date(column[index], own) for column in columns[1:])]


def _is_no_date(cell: Cell, own: Collection[str]) -> bool:
    if is_empty(cell):
        return True
    if not isinstance(cell, str) or cell[:1].isdigit():
        return False
    return not any(map(str.isdigit, cell)) or heading_keys([cell])[0] in own


def _known(filled: Sequence[Cell]) -> bool:
    words = list(map(read_text, filled))
    return max(known_headings(words), known_words(words)) >= FEWEST_COLUMNS


def _begins_another(batch: Batch, index: int, columns: Sequence[Sequence[Cell]]) -> bool:
    """Say whether words stand below a blank row, and above a row whose dates stand elsewhere than in these columns."""
    words = "".join(map(read_text, row_of(batch, index)))
    if not columns or not index or _is_filled(batch, index - 1) or any(map(str.isdigit, words)):
        return False
    below = next((each for each in range(index + 1, len(columns[0])) if _is_filled(batch, each)), None)
    if below is None:
        return False
    return any(map(is_date, row_of(batch, below))) and not any(is_date(column[below]) for column in columns)


def is_date(cell: Cell) -> bool:
    """Say whether a cell holds a day, perhaps with a time."""
    return not is_empty(cell) and shape_of(cell) in (Shape.DAY, Shape.MOMENT)


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


def _is_word(cell: Cell) -> bool:
    """Say whether a cell could be a heading: text, and neither a date nor a number."""
    return isinstance(cell, str) and not is_empty(cell) and shape_of(cell) in (Shape.TEXT, Shape.REFERENCE)


def _has_days(batch: Batch, heading: HeadingRow, stop: int | None = None) -> bool:
    """Say whether a date stands below headings, above row `stop`."""
    first = heading.row + 1
    last = first + ROWS_LOOKED_AT if stop is None else stop
    return any(is_date(cell) for column in batch.columns[: len(heading.headings)] for cell in column[first:last])
