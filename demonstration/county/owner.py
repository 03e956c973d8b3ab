"""The owner of the tables at work: PostgreSQL does COPY into a table with row-level security for its owner only."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

import psycopg
from psycopg import sql

from rules import states

# A load is one query at a time over everything, not many small ones; nothing is lost that cannot be loaded again.
SETTINGS = ("work_mem = '256MB'", "maintenance_work_mem = '512MB'", "synchronous_commit = off", "jit = off")

# What statements name in `{}`: the words of states, so that none is written into SQL.
WORDS: dict[str, str] = {
    "draft": states.ActualState.DRAFT.value,
    "confirmed": states.ActualState.CONFIRMED.value,
    "as_claimed": states.Decision.AS_CLAIMED.value,
    "invoice_draft": states.InvoiceState.DRAFT.value,
    "current": states.LineKind.CURRENT.value,
    "exempt": states.VatCode.EXEMPT.value,
    "hour": states.Unit.HOUR.value,
    "to_council": states.ConversationState.WAITING_FOR_COUNCIL.value,
    "to_provider": states.ConversationState.WAITING_FOR_PROVIDER.value,
    "closed": states.ConversationState.CLOSED.value,
}


class Owner:
    """One connection as the owner of the tables; a statement is a transaction of its own unless within `at_once`."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg:", ":", 1), autocommit=True, prepare_threshold=None)
        for setting in SETTINGS:
            self.run(f"SET {setting}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Do several statements in one transaction."""
        with self._connection.transaction():
            yield

    def run(self, statement: str, **values: object) -> int:
        """Execute a statement with its `%(name)s`, those of WORDS among them, and return how many rows it touched."""
        return self._connection.execute(statement.encode(), {**WORDS, **values} if "%(" in statement else None).rowcount

    def ask(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(statement.encode(), values or None).fetchall()

    def pour(self, table: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Put rows into a table by COPY; all have the columns of the first. Raises psycopg's errors."""
        if not rows:
            return
        columns = list(rows[0])
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self._connection.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write_row([row[column] for column in columns])

    def next_id(self, table: str) -> int:
        """Return the first id above all there are in a table."""
        [(found,)] = self.ask(f'SELECT coalesce(max(id), 0) + 1 FROM "{table}"')
        return int(found)

    def count_on(self, *tables: str) -> None:
        """Let the sequence of a table whose ids were given go on after the last of them."""
        for table in tables:
            self.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM \"{table}\"")
