"""A query written out once: with its values in it, but for those it is asked with."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import BindParameter, Row, Select
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.visitors import cloned_traverse

from models.base import db

_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class WrittenOut:
    """A query as the text that PostgreSQL reads, without the session's filter: for the council's pages alone.

    PostgreSQL plans it once and not each time: it sees which of its partial indexes hold the states that stand there.
    """

    def __init__(self, query: Select[Any]) -> None:
        """Write the query out; its parameters that have no value stay."""

        def stand(parameter: BindParameter[Any]) -> None:
            parameter.literal_execute, parameter.required = not parameter.required, False

        fixed: Select[Any] = cloned_traverse(query, {}, {"bindparam": stand})
        self._text = str(fixed.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True}))

    def one(self, asked: Mapping[str, Any]) -> Row[Any]:
        """Return the only row that is found; words of vocabularies are plain text."""
        found: Row[Any] = db.session.connection().exec_driver_sql(self._text, asked).one()
        return found
