"""Rows by the ten thousand on their way into a table: a temporary table that COPY fills in one go.

They are packed as separated text, so that they can be kept as they are and poured in later. COPY does not fill a table
with row-level security, as every table of an organisation has it: for this alone the web role may create temporary
tables, and whatever acts as the owner looks for its tables there last (migration 0007).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table

from models.base import db


def pack(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return rows of plain values as `staged` takes them; None is nothing, but in a column of text empty text."""
    packed = io.StringIO(newline="")
    csv.writer(packed, lineterminator="\n").writerows(rows)
    return packed.getvalue().encode()


def staged(name: str, columns: Sequence[Column[Any]], packed: bytes) -> Table:
    """Return a temporary table of packed rows, which is gone with the transaction."""
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    connection: Connection = db.session.connection()
    table.create(connection)
    texts = ", ".join(f'"{column.name}"' for column in columns if isinstance(column.type, String))
    pour = f'COPY "{name}" FROM STDIN (FORMAT csv, FORCE_NOT_NULL ({texts}))'
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(pour) as copy:
        copy.write(packed)
    return table
