"""The lists that belong to a record: its first rows on the record's page, and a link to the rest."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy import ScalarSelect, select

from views.generated.listing import ReadyList
from views.generated.pages import ListPage, PagePlace
from views.generated.search import OF

# Of the lists that belong to a record so many are laid out, with so many rows; the others are links with their counts.
LAID_OUT, FEW = 3, 10


class RelatedList(NamedTuple):
    """A list that belongs to a record; `ready` are its first rows, None where it is only a link."""

    view: Any
    relation: str
    key: int
    found: ListPage
    ready: ReadyList | None

    @property
    def address(self) -> str:
        """The address of the whole list."""
        asked: dict[str, Any] = {f"{OF}{self.relation}": self.key}
        return url_for(f"{self.view.endpoint}.list", **asked)

    @property
    def add_address(self) -> str:
        """The address at which another is added to the record, empty where whoever looks may not."""
        view = self.view
        if not view.may("add"):
            return ""
        offered = view._filters.get_search_filters().get(self.relation, ())
        equal = next((number for number, each in enumerate(offered) if each.arg_name == "rel_o_m"), None)
        given: dict[str, Any] = {f"_flt_{equal}_{self.relation}": self.key}
        return "" if equal is None else url_for(f"{view.endpoint}.add", **given)


def related_lists(
    shown: Any, item: Any, others: Sequence[ScalarSelect[int]] = ()
) -> tuple[list[RelatedList], Sequence[int]]:
    """Return the lists that belong to a record: how many rows each has, and the first rows of the first few.

    A list that whoever looks may not open is not there either: its rows would be read past its door.
    `others` are counted by the same query: what they come to is returned beside.
    """
    lists = [(view, *_of(view, shown.datamodel.obj, item)) for view in shown._related_views if view.may("list")]
    counted = [view.datamodel.count(sought) for view, _, sought in lists] + list(others)
    if not counted:
        return [], ()
    counts = shown.datamodel.session.execute(select(*counted)).one()
    found = []
    for number, ((view, relation, sought), count) in enumerate(zip(lists, counts, strict=False)):
        rows = view.datamodel.first(sought, view.base_order, FEW) if count and number < LAID_OUT else []
        page = ListPage(rows, count, FEW, PagePlace(), None, None)
        ready = view.ready(page, view.base_order, hidden=(relation,), sortable=False) if rows else None
        found.append(RelatedList(view, relation, item.id, page, ready))
    return found, counts[len(lists) :]


def _of(view: Any, model: type, item: Any) -> tuple[str, Any]:
    """Return by which relation a view's rows belong to a record, and the filter that finds them."""
    relation = view.datamodel.get_related_fk(model)
    sought = view.datamodel.get_filters()
    sought.add_filter_related_view(relation, view.datamodel.FilterRelationOneToManyEqual, item.id)
    return relation, sought
