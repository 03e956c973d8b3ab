"""Bulk loads: a temporary table filled by COPY, from which one statement inserts or updates.

Rows are packed as CSV, so that they can be stored until somebody confirms them. COPY refuses a table with row-level
security, which every tenanted table has: for this alone the web role may create temporary tables, and functions that
run as the owner search pg_temp last (migration 0007).
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
    # Both characters end a row, so that both are quoted in a text: a lone carriage return stopped COPY.
    csv.writer(packed, lineterminator="\r\n").writerows(rows)
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
