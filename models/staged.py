"""Rows by the ten thousand on their way into a table: a temporary table that COPY fills in one go.

They are packed in the database's own text format, so that they can be kept as they are and poured in later.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table

from models.base import db

_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_NOTHING = "\\N"


def pack(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of plain values as COPY reads them; a value is what `str` makes of it, None is nothing."""
    return "".join(map(_line, rows)).encode()


def _line(row: Sequence[Any]) -> str:
    texts = [value if value.__class__ is str else _NOTHING if value is None else str(value) for value in row]
    line = "\t".join(texts)
    # Few rows hold what has to be marked; a tab within a value shows by there being more of them than columns.
    if "\n" in line or "\r" in line or "\\" in line or line.count("\t") >= len(texts):
        pairs = zip(texts, row, strict=True)
        line = "\t".join(text if value is None else text.translate(_SPECIAL) for text, value in pairs)
    return f"{line}\n"


def staged(name: str, columns: Sequence[Column[Any]], packed: bytes) -> Table:
    """Return a temporary table of packed rows, which is gone with the transaction."""
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    connection: Connection = db.session.connection()
    table.create(connection)
    names = ", ".join(f'"{column.name}"' for column in columns)
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{name}" ({names}) FROM STDIN') as copy:
        copy.write(packed)
    return table
