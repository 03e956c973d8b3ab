"""The lists that belong to a record: its first rows on the record's page, and a link to the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import url_for
from sqlalchemy import select

from models.written_out import WrittenOut
from views.generated.hanging import hanging_counts
from views.generated.lists.listing import ReadyList
from views.generated.lists.search import OF, belonging_to
from views.generated.pages import ListPage, PagePlace

# Of the lists that belong to a record so many are laid out, with so many rows; the others are links with their counts.
LAID_OUT, FEW = 3, 10


@dataclass(frozen=True)
class RelatedList:
    """A list that belongs to a record; `ready` are its first rows, None where it is only a link."""

    view: Any
    relation: str
    key: int
    found: ListPage
    ready: ReadyList | None

    @property
    def address(self) -> str:
        """The address of the whole list."""
        return f"{url_for(f'{self.view.endpoint}.list')}?{OF}{self.relation}={self.key}"

    @cached_property
    def add_address(self) -> str:
        """The address at which another is added to the record, empty where whoever looks may not."""
        view = self.view
        if not view.may("add"):
            return ""
        offered = view._filters.get_search_filters().get(self.relation, ())
        equal = next((number for number, each in enumerate(offered) if each.arg_name == "rel_o_m"), None)
        return "" if equal is None else f"{url_for(f'{view.endpoint}.add')}?_flt_{equal}_{self.relation}={self.key}"


class RelatedCounts:
    """How many rows the lists have that belong to a record of a view, and what hangs on it: one query, made once."""

    def __init__(self, shown: Any, lists: Sequence[Any], *, hanging: bool) -> None:
        """Prepare the counts of these lists, and of what hangs on a record where it is asked for."""
        model = shown.datamodel.obj
        counted = [view.datamodel.count(_relation(view, model)) for view in lists]
        counted += hanging_counts(model) if hanging else []
        self._number = len(lists)
        self._query = WrittenOut(select(*counted)) if counted else None

    def of(self, item: Any) -> tuple[Sequence[int], Sequence[int]]:
        """Return the counts of the lists that belong to a record, and those of what hangs on it."""
        counts: Sequence[int] = self._query.one(belonging_to(item)) if self._query else ()
        return counts[: self._number], counts[self._number :]


def related_lists(shown: Any, item: Any, *, hanging: bool) -> tuple[list[RelatedList], Sequence[int]]:
    """Return the lists that belong to a record: how many rows each has, and the first rows of the first few.

    A list that whoever looks may not open is not there either: its rows would be read past its door.
    What hangs on the record is counted by the same query where it is asked for: returned beside.
    """
    lists = [view for view in shown._related_views if view.may("list")]
    known: dict[tuple[str, ...], RelatedCounts] = shown.related_counts
    asked = (*(type(view).__name__ for view in lists), str(hanging))
    if asked not in known:
        known[asked] = RelatedCounts(shown, lists, hanging=hanging)
    counts, others = known[asked].of(item)
    found = []
    for number, (view, count) in enumerate(zip(lists, counts, strict=True)):
        relation, page = _relation(view, shown.datamodel.obj), PagePlace()
        columns = view.shown_columns((relation,))
        rows = (
            view.datamodel.first(relation, item, view.base_order, FEW, columns) if count and number < LAID_OUT else []
        )
        first = ListPage(rows, count, FEW, page, None, None)
        ready = view.ready(first, view.base_order, hidden=(relation,), sortable=False) if rows else None
        found.append(RelatedList(view, relation, item.id, first, ready))
    return found, others


def _relation(view: Any, model: type) -> str:
    """Return the relation by which a view's rows belong to a record of a model."""
    relation: str = view.datamodel.get_related_fk(model)
    return relation
