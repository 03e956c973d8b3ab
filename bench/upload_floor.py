"""The two floors that check and update of a file stand beside: the least that reading and storing its rows takes.

The lower one reads the bytes with the fastest reader there is (calamine for a workbook, Arrow for CSV) and copies the
rows as text into a table that promises nothing. The other copies what ends up in the portal (weeks, their versions,
their checks against the exception level, visits) into tables like those it ends up in, with their keys and checks, but
without their triggers: nothing that keeps the same promises can take less.
"""

import csv
import io
from collections.abc import Callable, Mapping
from time import perf_counter

import psycopg
from pyarrow import csv as arrow
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import make_url

TIMES = 3


def read_workbook(content: bytes) -> bytes:
    """Read a workbook and return its rows as separated text."""
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Actuals").to_python()
    packed = io.StringIO()
    csv.writer(packed).writerows(rows)
    return packed.getvalue().encode()


def read_csv(content: bytes) -> bytes:
    """Read separated text; its rows are there as text already."""
    arrow.read_csv(io.BytesIO(content))
    return content


def bare_floor(owner: str, content: bytes, read: Callable[[bytes], bytes]) -> tuple[float, float]:
    """Return the seconds of reading a file, and those of copying its rows into a bare table."""
    return min((_bare(owner, content, read) for _ in range(TIMES)), key=sum)


def _bare(owner: str, content: bytes, read: Callable[[bytes], bytes]) -> tuple[float, float]:
    began = perf_counter()
    rows = read(content)
    took = perf_counter() - began
    width = rows.split(b"\n", 1)[0].count(b",") + 1
    with _connect(owner) as connection:
        began = perf_counter()
        columns = ", ".join(f"c{number} text" for number in range(width))
        connection.execute(f"CREATE TEMPORARY TABLE bare ({columns})".encode())
        with connection.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write(rows)
        return took, perf_counter() - began


def keyed_floor(owner: str, tables: Mapping[str, str]) -> float:
    """Return the seconds of copying rows into tables like theirs, with the same keys, indexes and checks.

    The rows are the latest of each of the `tables` by its column.
    """
    took = 0.0
    with _connect(owner) as connection:
        for table, column in tables.items():
            latest = f"SELECT * FROM {table} WHERE {column} = (SELECT max({column}) FROM {table})"
            with connection.cursor().copy(f"COPY ({latest}) TO STDOUT".encode()) as out:
                rows = b"".join(out)
            took += min(_keyed(connection, table, rows) for _ in range(TIMES))
    return took


def _keyed(connection: psycopg.Connection, table: str, rows: bytes) -> float:
    connection.execute(f"CREATE TABLE floor (LIKE {table} INCLUDING ALL)".encode())
    keys = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
    for (key,) in connection.execute(keys, [table]).fetchall():
        connection.execute(f"ALTER TABLE floor ADD {key}".encode())
    connection.commit()
    try:
        began = perf_counter()
        with connection.cursor().copy("COPY floor FROM STDIN") as copy:
            copy.write(rows)
        connection.commit()
        return perf_counter() - began
    finally:
        connection.execute("DROP TABLE floor")
        connection.commit()


def _connect(owner: str) -> psycopg.Connection:
    return psycopg.connect(make_url(owner).set(drivername="postgresql").render_as_string(hide_password=False))
