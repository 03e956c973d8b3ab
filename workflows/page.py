"""One page of a list that is too long to be shown whole."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from models import db

Row = TypeVar("Row")


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
        return max(1, -(-self.total // self.size))


def page_of(statement: Select[Any], page: int, size: int) -> Page[Any]:
    """Return one page of the records a statement selects, in its order, and how many there are: two queries."""
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    return Page(list(db.session.scalars(statement.limit(size).offset((page - 1) * size))), total, page, size)
