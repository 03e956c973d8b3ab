"""A query written out once: with its values in it, but for those it is asked with."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from sqlalchemy import BindParameter, CompoundSelect, Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import cloned_traverse

from models.base import db
from models.isolation import OWN_ROWS, is_filtered
from models.scoped import ALONE_POOL, scope

# As PostgreSQL knows NUMERIC: the one kind of column whose reading depends on what is sent.
_NUMERIC: Final = 1700
_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class WrittenOut:
    """A query as the text that PostgreSQL reads; its parameters without a value are what it is asked with.

    PostgreSQL plans it once and not each time: it sees which of its partial indexes hold the states that stand there.
    The session's filter holds for it as for any other: in an organisation's scope it finds nothing but rows of that.
    Its rows are tuples in the order of its columns.
    """

    def __init__(self, query: Select[Any] | CompoundSelect[Any]) -> None:
        """Take a query; it is written out when it is asked first."""

        def stand(parameter: BindParameter[Any]) -> None:
            parameter.literal_execute, parameter.required = not parameter.required, False

        self._query = cloned_traverse(query, {}, {"bindparam": stand})
        columns: list[Any] = list(query.selected_columns)
        self._names = [getattr(each, "name", "") for each in columns]
        reads = [each.type.dialect_impl(_DIALECT).result_processor(_DIALECT, _NUMERIC) for each in columns]
        self._reads = [(place, read) for place, read in enumerate(reads) if read]

    @cached_property
    def _of_all(self) -> str:
        return _text_of(self._query)

    @cached_property
    def _of_own(self) -> str:
        return _text_of(self._query.options(*OWN_ROWS))

    def all(self, asked: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Return the rows that are found, among them what the session had not written yet: it does so now."""
        db.session.flush()
        return self._rows(db.session.connection(), asked)

    def first(self, asked: Mapping[str, Any], connection: Connection | None = None) -> Sequence[Any] | None:
        """Return the first row that is found, on the connection of the session unless another is given."""
        return next(iter(self._rows(connection or db.session.connection(), asked)), None)

    def first_alone(self, asked: Mapping[str, Any]) -> Sequence[Any] | None:
        """Return the first row under the login of signing in, asked in no transaction: one round trip.

        It is asked again where the connection was closed meanwhile.
        """
        try:
            return self._first_alone(asked)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._first_alone(asked)

    def one(self, asked: Mapping[str, Any]) -> Sequence[Any]:
        """Return the row of a query that always finds one."""
        found = self.first(asked)
        if found is None:
            raise LookupError("The query found no row.")
        return found

    def named(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return that row by the names of its columns."""
        return dict(zip(self._names, self.one(asked), strict=True))

    def _first_alone(self, asked: Mapping[str, Any]) -> Sequence[Any] | None:
        with db.engines[ALONE_POOL].connect() as connection:
            return next(iter(self._run(connection, self._of_all, asked)), None)

    def _rows(self, connection: Connection, asked: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        if is_filtered():
            return self._run(connection, self._of_own, {**asked, "own_organisation": int(scope())})
        return self._run(connection, self._of_all, asked)

    def _run(self, connection: Connection, query: str, asked: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        rows = connection.exec_driver_sql(query, dict(asked)).all()
        return [self._as_read(row) for row in rows] if self._reads else rows

    def _as_read(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, read in self._reads:
            values[place] = read(values[place])
        return tuple(values)


def _text_of(query: Select[Any] | CompoundSelect[Any]) -> str:
    return str(query.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))
