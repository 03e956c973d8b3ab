"""Which rows of a generated list a page shows: by number near its beginning, by a row's key beyond, the last backwards.

To skip rows costs as much as to show them: the last page of 1.58 million weeks took 3.6 seconds by OFFSET, by its key
it takes as long as the first.
"""

from typing import Any, Final, NamedTuple

from flask import request
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Query

from rules.number import whole_number

# Rows are counted up to here; a page beyond is found by the key of the row before it.
COUNTED: Final = 10_000
SIZES: Final = (25, 50, 100, 200)
LARGEST_KEY: Final = 2**31 - 1
# What an address says of a list, each followed by "_" and the name of its view.
BY_NUMBER, AFTER, BEFORE, SIZE = PARTS = ("page", "after", "before", "psize")
LAST: Final = "last"


class PagePlace(NamedTuple):
    """The page of a list that is asked for: its number from 0, or the key of the row it follows or precedes.

    The last page precedes the end, which is the key 0.
    """

    page: int = 0
    after: int | None = None
    before: int | None = None


class ListPage(NamedTuple):
    """A page of a list. `total` is COUNTED + 1 where there are more; `earlier` and `later` are the pages beside it."""

    rows: list[Any]
    total: int
    size: int
    place: PagePlace
    earlier: PagePlace | None
    later: PagePlace | None

    @property
    def is_counted(self) -> bool:
        """Whether `total` is how many there are."""
        return self.total <= COUNTED

    @property
    def counted(self) -> str:
        """How many there are, in words."""
        return f"{self.total:,}" if self.is_counted else f"more than {COUNTED:,}"

    @property
    def numbered(self) -> int:
        """How many pages can be asked for by number."""
        return -(-min(self.total, COUNTED) // self.size)


class Order(NamedTuple):
    """How a list is sorted: by a column, rows that are equal in it by their key; `down` is the largest first."""

    column: Any
    key: Any
    down: bool

    @property
    def columns(self) -> tuple[Any, ...]:
        """The columns, most significant first."""
        return (self.key,) if self.column is self.key else (self.column, self.key)

    def by(self, *, backwards: bool = False) -> list[Any]:
        """Return what ORDER BY takes."""
        return [column.desc() if self.down is not backwards else column.asc() for column in self.columns]

    def beyond(self, values: tuple[Any, ...], *, backwards: bool = False) -> Any:
        """Return the condition that a row follows the one with these values; precedes it, where backwards."""
        row = tuple_(*self.columns)
        return row < tuple_(*values) if self.down is not backwards else row > tuple_(*values)


def asked(view: str) -> tuple[PagePlace, int]:
    """Return the page of a view's list that the address asks for, and how many rows it has."""
    page, after, before, size = (request.args.get(f"{part}_{view}", "") for part in PARTS)
    rows = int(size) if size in map(str, SIZES) else SIZES[0]
    if (key := whole_number(after)) is not None:
        return PagePlace(after=key), rows
    if before == LAST or (key := whole_number(before)) is not None:
        return PagePlace(before=0 if before == LAST else key), rows
    return PagePlace(whole_number(page) or 0), rows


def count_rows(narrowed: Query[Any], key: Any) -> int:
    """Return how many rows a query selects, at most COUNTED + 1."""
    some = narrowed.with_entities(key).limit(COUNTED + 1).subquery()
    return int(narrowed.session.scalar(select(func.count()).select_from(some)) or 0)


def keys_of(narrowed: Query[Any], order: Order, place: PagePlace, size: int, count: int) -> Query[Any]:
    """Return the keys of a page's rows, and one more where there is a page beyond; backwards where `before` is asked.

    The keys alone, which an index holds: the rows that are skipped are not read, nor joined with what they show.
    """
    keys = narrowed.with_entities(order.key)
    asked_key = place.after or place.before
    values = None
    if asked_key and asked_key <= LARGEST_KEY:
        values = narrowed.with_entities(*order.columns).filter(order.key == asked_key).one_or_none()
    backwards = place.before is not None
    if values:
        keys = keys.filter(order.beyond(tuple(values), backwards=backwards))
    # The last page of a list that is counted is as full as its number says.
    full = (count - 1) % size + 1 if backwards and not values and 0 < count <= COUNTED else size
    skipped = 0 if backwards or values else place.page * size
    window: Query[Any] = keys.order_by(*order.by(backwards=backwards)).limit(full + 1).offset(skipped)
    return window


def within(place: PagePlace, size: int, count: int) -> PagePlace:
    """Return a place that the list has: beyond the last page is the last page."""
    numbered = -(-min(count, COUNTED) // size)
    if place.page < max(numbered, 1):
        return place
    return PagePlace(before=0) if count > COUNTED else PagePlace(max(numbered - 1, 0))


def beside(place: PagePlace, keys: list[int], size: int) -> tuple[PagePlace | None, PagePlace | None]:
    """Return the pages before and after one whose keys (in the order of the list, one more where there is a page
    beyond) are given.
    """
    more = len(keys) > size
    if place.before is not None:
        shown = keys[-size:]
        return PagePlace(before=shown[0]) if more else None, PagePlace(after=shown[-1]) if place.before else None
    shown = keys[:size]
    if place.after is not None:
        return PagePlace(before=shown[0]), PagePlace(after=shown[-1]) if more else None
    following = PagePlace(place.page + 1) if (place.page + 1) * size < COUNTED else PagePlace(after=shown[-1])
    return PagePlace(place.page - 1) if place.page else None, following if more else None
