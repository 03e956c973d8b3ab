"""A query written out once: with its values in it, but for those it is asked with."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.visitors import cloned_traverse

from models.base import db
from models.isolation import OWN_ROWS
from models.scoped import ALONE_POOL, scope

# As PostgreSQL knows NUMERIC: the one kind of column whose reading depends on what is sent.
_NUMERIC: Final = 1700
_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class WrittenOut:
    """A query as the text that PostgreSQL reads; its parameters without a value are what it is asked with.

    PostgreSQL plans it once and not each time: it sees which of its partial indexes hold the states that stand there.
    The session's filter is written into it where `own` is said: then it finds nothing but rows of the organisation in
    scope. Without it is for the council's pages alone.
    """

    def __init__(self, query: Select[Any], *, own: bool = False) -> None:
        """Write the query out."""

        def stand(parameter: BindParameter[Any]) -> None:
            parameter.literal_execute, parameter.required = not parameter.required, False

        fixed: Select[Any] = cloned_traverse(query, {}, {"bindparam": stand})
        fixed = fixed.options(*OWN_ROWS) if own else fixed
        self._own = own
        self._text = str(fixed.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))
        columns: list[Any] = list(query.selected_columns)
        self._names = [getattr(each, "name", "") for each in columns]
        self._reads = [each.type.dialect_impl(_DIALECT).result_processor(_DIALECT, _NUMERIC) for each in columns]

    def first(self, asked: Mapping[str, Any], connection: Connection | None = None) -> tuple[Any, ...] | None:
        """Return the first row that is found, on the connection of the session unless another is given."""
        if self._own:
            asked = {**asked, "own_organisation": int(scope())}
        found = (connection or db.session.connection()).exec_driver_sql(self._text, asked).first()
        if found is None:
            return None
        return tuple(read(value) if read else value for read, value in zip(self._reads, found, strict=True))

    def first_alone(self, asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return the first row under the login of signing in, asked in no transaction: one round trip.

        It is asked again where the connection was closed meanwhile.
        """
        try:
            return self._first_alone(asked)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            return self._first_alone(asked)

    def _first_alone(self, asked: Mapping[str, Any]) -> tuple[Any, ...] | None:
        with db.engines[ALONE_POOL].connect() as connection:
            return self.first(asked, connection)

    def one(self, asked: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the row of a query that always finds one."""
        found = self.first(asked)
        if found is None:
            raise LookupError("The query found no row.")
        return found

    def named(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return that row by the names of its columns."""
        return dict(zip(self._names, self.one(asked), strict=True))
