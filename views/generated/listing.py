"""A generated list, ready for the template: every cell is HTML by now, so that the template is one flat loop."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup, escape

from views.generated.pages import AFTER, BEFORE, BY_NUMBER, LAST, PARTS, SIZE, SIZES, ListPage, PagePlace
from views.page.format import numeric, record_address, shown

TD = Markup('<td class="govuk-table__cell{}" data-label="{}">')
NUMERIC = " govuk-table__cell--numeric"


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
    cells: Sequence[Markup]
    edit: str
    delete: str


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

    @property
    def earlier(self) -> str:
        """The address of the page before, empty where there is none."""
        return self._at(self.found.earlier) if self.found.earlier else ""

    @property
    def later(self) -> str:
        """The address of the page after, empty where there is none."""
        return self._at(self.found.later) if self.found.later else ""

    @property
    def last(self) -> str:
        """The address of the last page of a list that is longer than it is counted, empty where it has a number."""
        return "" if self.found.is_counted or not self.found.later else self._at(PagePlace(before=0))

    @property
    def sizes(self) -> list[tuple[int, str]]:
        """How many rows a page can have, each with its address, empty for the one it has."""
        return [(size, "" if size == self.found.size else address(self.view, {SIZE: str(size)})) for size in SIZES]

    def _at(self, place: PagePlace) -> str:
        said = {BY_NUMBER: str(place.page) if place.page else ""}
        if place.after is not None:
            said = {AFTER: str(place.after)}
        elif place.before is not None:
            said = {BEFORE: str(place.before) if place.before else LAST}
        return address(self.view, said)


def address(view: str, said: dict[str, str]) -> str:
    """Return the address of this page with another place in a view's list; what is not said of it begins anew."""
    dropped = {f"{part}_{view}" for part in (*PARTS, *said) if part != SIZE or part in said}
    kept = [(key, value) for key, value in request.args.items(multi=True) if key not in dropped]
    return f"{request.path}?{urlencode([*kept, *((f'{part}_{view}', value) for part, value in said.items() if value)])}"


def headings_of(
    view: Any, columns: Sequence[str], sorted_by: tuple[str, str], rows: Sequence[Any], *, sortable: bool
) -> list[ListHeading]:
    """Return the headings of a list's columns; a column of figures is at the right."""
    name, labels = type(view).__name__, view.label_columns
    found = []
    for column in columns:
        now = sorted_by[1] if sorted_by[0] == column else ""
        opposite = "desc" if now == "asc" else "asc"
        sort = address(name, {"_oc": column, "_od": opposite})
        figures = any(numeric(view.datamodel.value(row, column)) for row in rows)
        found.append(
            ListHeading(
                labels[column],
                figures,
                sort if sortable and column in view.order_columns else "",
                {"asc": "ascending", "desc": "descending"}.get(now, "") if sortable else "",
            )
        )
    return found


def rows_of(view: Any, columns: Sequence[str], rows: Sequence[Any]) -> list[ListRow]:
    """Return the rows of a list, for whoever is signed in."""
    labels, datamodel, formats = view.label_columns, view.datamodel, view.formatters_columns
    first, *others = columns
    opened = [
        (name, formats.get(name), TD.format("", labels[name]), TD.format(NUMERIC, labels[name])) for name in others
    ]
    show, edit = (record_address(view, page) if view.may(page) else "" for page in ("show", "edit"))
    deletes = view.may("delete") and show
    ready = []
    for row in rows:
        key = datamodel.get_pk_value(row)
        cells = []
        for name, format_, plain, figure in opened:
            raw = datamodel.value(row, name)
            html = escape(shown(format_(raw) if format_ else raw))
            cells.append(Markup(f"{figure if numeric(raw) else plain}<span>{html}</span></td>"))
        raw, format_ = datamodel.value(row, first), formats.get(first)
        name = Markup(escape(shown(format_(raw) if format_ else raw))).striptags()
        kept = (edit or deletes) and view.kept(row)
        ready.append(
            ListRow(
                key,
                name,
                f"{show}{key}" if show else "",
                cells,
                f"{edit}{key}" if edit and not kept else "",
                f"{show}{key}#delete" if deletes and not kept else "",
            )
        )
    return ready
