"""Rows under headings: which layout a file follows, where its headings stand, and what each cell below them is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from files.reading.cells import Cell, is_empty, read_text, without_point_zero
from files.reading.sheet import FARTHEST_HEADING, Grid
from rules.text import plain as plain
from rules.text import visible
from rules.words import counted

MESSAGE = "Message"
LONGER_ROW_REMEDY = "Write decimals with a point, such as 1.5, and put comments that hold a comma into quotation marks."


@dataclass(frozen=True)
class Column:
    """A column: `name` is what the portal calls it, `heading` what stands above it where that is something else.

    Of one of references 48210.0, as programs write a number, is 48210.
    """

    name: str
    required: bool = False
    note: str = ""
    heading: str = ""
    references: bool = False

    @property
    def title(self) -> str:
        """What stands above the column in a file of its layout."""
        return self.heading or self.name


@dataclass(frozen=True)
class Layout:
    """A set of columns a file may have. `passed_over` are columns that are known and not used."""

    name: str
    columns: tuple[Column, ...]
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One row of a table with its number in the file; `cells` holds what stands under each known heading.

    `beyond` is what stands where no heading is: something has cut a cell in two, and nobody knows what stands where.
    """

    number: int
    cells: dict[str, Cell]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A file read as one layout: `headings` as they stand in row `heading_row`, `missing` and `unknown` among them.

    `twice` are those of the layout that stand above more than one column.
    """

    layout: Layout
    heading_row: int
    headings: list[str]
    missing: list[str]
    unknown: list[str]
    twice: list[str]
    rows: list[Row] = field(repr=False)

    def title(self, name: str) -> str:
        """Return what stands above a column the portal knows by `name`."""
        return next((column.title for column in self.layout.columns if column.name == name), name)


def longer_row(cells: int) -> str:
    """Return what is wrong with a row of which so many filled cells stand beyond the last heading."""
    return f"This row has {counted(cells, 'filled cell')} more than there are headings, so it was not read."


def read_table(grid: Grid, layouts: Sequence[Layout]) -> Table:
    """Return the rows of a grid under the layout and the heading row that fit best; blank and totals rows are skipped.

    The first of `layouts` is taken where none fits at all; `missing` then says so.
    """
    layout, index = max(
        ((layout, index) for layout in layouts for index in range(min(len(grid), FARTHEST_HEADING))),
        key=lambda choice: (_fit(choice[0], grid[choice[1]]), -choice[1]),
    )
    headings = [visible(read_text(cell)) for cell in grid[index]]
    known = {plain(column.title): column.name for column in layout.columns}
    places: dict[str, int] = {}
    twice: list[str] = []
    for place, heading in enumerate(headings):
        if (name := known.get(plain(heading))) is not None and places.setdefault(name, place) != place:
            twice.append(heading)
    silent = {*known, "", plain(MESSAGE), *map(plain, layout.passed_over)}
    return Table(
        layout,
        index + 1,
        headings,
        [column.title for column in layout.columns if column.required and column.name not in places],
        [heading for heading in headings if plain(heading) not in silent],
        twice,
        list(_rows(grid, index, layout, places)),
    )


def _fit(layout: Layout, row: list[Cell]) -> tuple[int, int]:
    found = {plain(cell) for cell in row if isinstance(cell, str)}
    required = sum(plain(column.title) in found for column in layout.columns if column.required)
    every = sum(column.required for column in layout.columns)
    return required - every, sum(plain(column.title) in found for column in layout.columns)


def _rows(grid: Grid, heading: int, layout: Layout, places: dict[str, int]) -> Iterator[Row]:
    width = max((place for place, cell in enumerate(grid[heading], start=1) if not is_empty(cell)), default=0)
    references = {column.name for column in layout.columns if column.references}
    for index in range(heading + 1, len(grid)):
        cells = grid[index]
        if all(map(is_empty, cells)) or _is_totals(cells):
            continue
        named = {name: cells[place] if place < len(cells) else None for name, place in places.items()}
        for name in references & named.keys():
            named[name] = without_point_zero(named[name])
        beyond = tuple(visible(read_text(cell)) for cell in cells[width:] if not is_empty(cell))
        yield Row(index + 1, named, beyond)


def _is_totals(cells: list[Cell]) -> bool:
    first = next((cell for cell in cells if not is_empty(cell)), None)
    return plain(first) in ("total", "totals", "grandtotal")
