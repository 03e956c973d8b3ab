"""A generated list, ready for the template: every cell is HTML by now, so that the template is one flat loop."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup, escape

from views.generated.pages import AFTER, BEFORE, BY_NUMBER, LAST, PARTS, SIZE, SIZES, ListPage, PagePlace
from views.page.format import DASH, NamedRecord, numeric, record_address, record_link, records_address, shown

CELL = "govuk-table__cell"
FIGURE = f"{CELL} {CELL}--numeric"
DIRECTIONS = {"asc": "ascending", "desc": "descending"}


class ListAddresses:
    """The addresses of a list in other places and orders: what is asked for beside these is kept."""

    def __init__(self, view: str) -> None:
        """Begin with what is asked for now; `view` is the name of the list's view."""
        self._view, self._path, self._asked = view, request.path, list(request.args.items(multi=True))
        self._kept: dict[frozenset[str], str] = {}

    def at(self, said: Mapping[str, str]) -> str:
        """Return the address with another place in the list; what is not said of it begins anew."""
        dropped = frozenset(f"{part}_{self._view}" for part in (*PARTS, *said) if part != SIZE or part in said)
        if dropped not in self._kept:
            self._kept[dropped] = urlencode([each for each in self._asked if each[0] not in dropped])
        now = urlencode([(f"{part}_{self._view}", value) for part, value in said.items() if value])
        return f"{self._path}?{'&'.join(filter(None, (self._kept[dropped], now)))}"


class ListHeading(NamedTuple):
    """A column's heading; `address` sorts by it, empty where the list cannot be; `sorted_now` is aria-sort."""

    label: str
    numeric: bool
    address: str
    sorted_now: str


class ListRow(NamedTuple):
    """A row: its key, what it is called, where it is shown (empty: nowhere), and its other cells as HTML.

    `edit` and `delete` are addresses, empty where it cannot be.
    """

    key: int
    name: str
    href: str
    cells: str
    edit: str
    delete: str

    def html(self, *, picks: bool, changes: bool) -> str:
        """Return the row, with a box to tick it, and a cell for the ways to change it, where these are wanted.

        Not in the template: a name that is escaped once and not four times saves 0.2 of 4 ms of a list.
        """
        name = escape(self.name)
        hidden = f'<span class="govuk-visually-hidden"> {name}</span>'
        ways = [
            f'<a class="govuk-link" href="{address}">{word}{hidden}</a>'
            for word, address in (("Edit", self.edit), ("Delete", self.delete))
            if address
        ]
        return "".join(
            (
                '<tr class="govuk-table__row">',
                f'<td class="{CELL} pick"><input type="checkbox" name="rowid" value="{self.key}"'
                f' aria-label="Select {name}"></td>'
                if picks
                else "",
                '<th scope="row" class="govuk-table__header">',
                f'<a class="govuk-link" href="{self.href}">{name}</a>' if self.href else name,
                "</th>",
                self.cells,
                f'<td class="{CELL} row-actions">{"".join(ways)}</td>' if changes else "",
                "</tr>\n",
            )
        )


class PageLink(NamedTuple):
    """A link to another page; `number` is nothing for those that have none, and for the gap between two."""

    address: str
    number: int | None = None
    current: bool = False


@dataclass(frozen=True)
class ReadyList:
    """A list as the template lays it out. `changes` says that rows can be edited or deleted by whoever looks."""

    title: str
    view: str
    headings: Sequence[ListHeading]
    rows: Sequence[ListRow]
    found: ListPage
    changes: bool
    narrowed: bool

    def body(self, picks: object) -> Markup:
        """Return the rows as HTML; each with a box to tick it where there is something to do with those ticked."""
        return Markup("".join([row.html(picks=bool(picks), changes=self.changes) for row in self.rows]))

    @property
    def pages(self) -> list[PageLink | None]:
        """The pages that can be asked for by number: first, last, and those around; None is a gap."""
        last = self.found.numbered - 1
        here = last if self.found.place.before == 0 and self.found.is_counted else self.found.place.page
        near = sorted({0, last, *(page for page in range(here - 1, here + 2) if 0 <= page <= last)})
        links: list[PageLink | None] = []
        for page in near if self.found.is_counted else [page for page in near if page != last]:
            if links and links[-1] and page - (links[-1].number or 0) >= 1:
                links.append(None)
            current = page == here and self.found.place.after is None and not self.found.place.before
            links.append(PageLink(self._at(PagePlace(page)), page + 1, current))
        return links

    @cached_property
    def earlier(self) -> str:
        """The address of the page before, empty where there is none."""
        return self._at(self.found.earlier) if self.found.earlier else ""

    @cached_property
    def later(self) -> str:
        """The address of the page after, empty where there is none."""
        return self._at(self.found.later) if self.found.later else ""

    @cached_property
    def last(self) -> str:
        """The address of the last page of a list that is longer than it is counted, empty where it has a number."""
        return "" if self.found.is_counted or not self.found.later else self._at(PagePlace(before=0))

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """How many rows a page can have, each with its address, empty for the one it has."""
        return [(size, "" if size == self.found.size else self._addresses.at({SIZE: str(size)})) for size in SIZES]

    def _at(self, place: PagePlace) -> str:
        said = {BY_NUMBER: str(place.page) if place.page else ""}
        if place.after is not None:
            said = {AFTER: str(place.after)}
        elif place.before is not None:
            said = {BEFORE: str(place.before) if place.before else LAST}
        return self._addresses.at(said)

    @cached_property
    def _addresses(self) -> ListAddresses:
        return ListAddresses(self.view)


def headings_of(
    view: Any, columns: Sequence[str], sorted_by: tuple[str, str], figures: Collection[str], *, sortable: bool
) -> list[ListHeading]:
    """Return the headings of a list's columns; a column of `figures` is at the right."""
    addresses, labels = ListAddresses(type(view).__name__), view.label_columns
    found = []
    for column in columns:
        now = sorted_by[1] if sorted_by[0] == column and sortable else ""
        sorts = sortable and column in view.order_columns
        sort = addresses.at({"_oc": column, "_od": "desc" if now == "asc" else "asc"}) if sorts else ""
        found.append(ListHeading(labels[column], column in figures, sort, DIRECTIONS.get(now, "")))
    return found


class ListColumn:
    """A column of a view's lists, the same for everybody who looks: how its values are read and written."""

    def __init__(self, view: Any, name: str) -> None:
        self.name = name
        self._read, self._format = view.datamodel.reader(name), view.formatters_columns.get(name)
        label = escape(view.label_columns[name])
        self._opens, self._opens_figure = (f'<td class="{cell}" data-label="{label}"><span>' for cell in (CELL, FIGURE))

    def texts(self, rows: Sequence[Any]) -> tuple[list[str], list[Any]]:
        """Return what stands in the column as pages show it, and the values themselves."""
        values = list(map(self._read, rows))
        if self._format is None and (named := next((each for each in values if type(each) is NamedRecord), None)):
            address = records_address(named.model)
            return [DASH if each is None else record_link(address, each.id, each.words) for each in values], values
        return [shown(each) for each in (map(self._format, values) if self._format else values)], values

    def cells(self, rows: Sequence[Any]) -> tuple[list[str], bool]:
        """Return the cells of the column as HTML, and whether a figure stands in any."""
        texts, values = self.texts(rows)
        figures = list(map(numeric, values))
        cells = [
            f"{self._opens_figure if figure else self._opens}{escape(text)}</span></td>"
            for text, figure in zip(texts, figures, strict=True)
        ]
        return cells, any(figures)


def rows_of(view: Any, columns: Sequence[str], rows: Sequence[Any]) -> tuple[list[ListRow], set[str]]:
    """Return the rows of a list, for whoever is signed in, and the columns in which a figure stands."""
    if not rows:
        return [], set()
    first, *others = [view.list_column(name) for name in columns]
    texts, values = first.texts(rows)
    figures = {first.name} if any(map(numeric, values)) else set()
    written = []
    for column in others:
        cells, has_figures = column.cells(rows)
        written.append(cells)
        if has_figures:
            figures.add(column.name)
    show, edit = (record_address(view, page) if view.may(page) else "" for page in ("show", "edit"))
    deletes = view.may("delete") and show
    ready = []
    for row, text, cells in zip(rows, texts, zip(*written, strict=True) if written else repeat(()), strict=False):
        key = row.id
        kept = (edit or deletes) and view.kept(row)
        ready.append(
            ListRow(
                key,
                Markup(escape(text)).striptags(),
                f"{show}{key}" if show else "",
                "".join(cells),
                f"{edit}{key}" if edit and not kept else "",
                f"{show}{key}#delete" if deletes and not kept else "",
            )
        )
    return ready, figures
