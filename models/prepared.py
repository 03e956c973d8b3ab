"""Queries that are put together once: to do so for every page takes as long as to answer them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, ScalarSelect, SelectBase, bindparam, func, select, text, true

from models.base import Tenanted, db
from models.isolation import COUNCIL, scope

# Says of a table's rows that they are those of the organisation in scope.
Own = Callable[[type[Tenanted]], ColumnElement[bool]]


def as_one(rows: SelectBase) -> ScalarSelect[Any]:
    """Return the rows of a query as one value, a list of lists, so that several queries are asked in one.

    What comes back is what JSON knows: days and instants are texts, and so should quantities be (`cast`).
    """
    found = rows.subquery()
    return select(func.coalesce(func.json_agg(func.json_build_array(*found.c)), text("'[]'"))).scalar_subquery()


class Prepared:
    """A query of plain columns, made by `build` from the condition under which rows are the organisation's own.

    It goes past the session and so past its filter: `build` has to put the condition on what it reads. The database's
    row-level security stands behind it as behind every other query.
    """

    def __init__(self, build: Callable[[Own], Any]) -> None:
        own = bindparam("own_organisation", type_=Integer)
        self._of_one = build(lambda table: table.organisation_id == own)
        self._of_all = build(lambda _: true())

    def rows(self, asked: Mapping[str, object]) -> Sequence[tuple[Any, ...]]:
        """Return all rows of the scope in force; `asked` are the query's own parameters."""
        connection, whose = db.session().connection(), scope()
        if whose == COUNCIL:
            found = connection.execute(self._of_all, asked)
        else:
            found = connection.execute(self._of_one, {**asked, "own_organisation": int(whose)})
        rows: Sequence[tuple[Any, ...]] = found.all()
        return rows
