"""One page of a list that is too long to be shown whole; beyond the last page is the last page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from models import db

Row = TypeVar("Row")
Shown = TypeVar("Shown")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; `total` counts all that match, `page` begins with 1, `size` is how many fit on one."""

    rows: list[Row]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return last_page(self.total, self.size)

    def showing(self, rows: "list[Shown]") -> "Page[Shown]":
        """Return the same page with other rows in the place of its own."""
        return Page(rows, self.total, self.page, self.size)


def last_page(total: int, size: int) -> int:
    """Return the number of the last page of so many rows, at least 1."""
    return max(1, -(-total // size))


def page_of(statement: Select[Any], page: int, size: int) -> Page[Any]:
    """Return one page of the records a statement selects, in its order, and how many there are: two queries."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    page = min(page, last_page(total, size))
    return Page(list(db.session.scalars(statement.limit(size).offset((page - 1) * size))), total, page, size)


def counted_page(statement: Select[Any], page: int, size: int, given: dict[str, Any] | None = None) -> Page[Any]:
    """Return one page of the rows of a statement whose last column counts all of them (`count(*) OVER ()`).

    `given` are its bound values. One query, and two more only where a page beyond the last was asked for.
    """
    rows: Sequence[Any] = _rows(statement, page, size, given)
    if not rows and page > 1:
        first: Sequence[Any] = _rows(statement, 1, 1, given)
        page = last_page(first[0][-1], size) if first else 1
        rows = _rows(statement, page, size, given)
    return Page(list(rows), rows[0][-1] if rows else 0, page, size)


def slice_of(rows: Sequence[Row], page: int, size: int) -> Page[Row]:
    """Return one page of rows that are all there already."""
    page = min(page, last_page(len(rows), size))
    return Page(list(rows[(page - 1) * size : page * size]), len(rows), page, size)


def _rows(statement: Select[Any], page: int, size: int, given: dict[str, Any] | None) -> Sequence[Any]:
    window = statement.limit(size).offset((page - 1) * size)
    found: Sequence[Any] = db.session.execute(window, given or {}).unique().all()
    return found
