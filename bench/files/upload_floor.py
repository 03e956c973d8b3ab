"""The floor that check and update of a file stand beside: the least that reading and storing its rows can take.

It reads the bytes with the fastest reader there is (calamine for a workbook, Arrow for CSV), and copies what the file
left in the portal (weeks with their versions, their checks against the exception level, visits) into the very tables
it is in, with their keys, indexes, checks and triggers, by COPY: nothing that keeps the same promises can take less.
"""

import io
from collections.abc import Callable, Mapping
from time import perf_counter

import psycopg
from pyarrow import csv as arrow
from python_calamine import CalamineWorkbook
from sqlalchemy.engine import make_url

# The rows of the newest upload, parents first. The versions of a week are written by its trigger.
_WEEKS = "SELECT id FROM actual WHERE changed_at = (SELECT max(changed_at) FROM actual)"
WEEKS = {"actual": f"id IN ({_WEEKS})", "exception_check": f"actual_id IN ({_WEEKS})"}
VISITS = WEEKS | {"visit": "upload_id = (SELECT max(upload_id) FROM visit)"}
VERSIONS = {"actual_version": f"actual_id IN ({_WEEKS})"}


def read_workbook(content: bytes) -> None:
    """Read a workbook."""
    CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name("Actuals").to_python()


def read_csv(content: bytes) -> None:
    """Read separated text, up to values that Python can look at, as a workbook is read."""
    arrow.read_csv(io.BytesIO(content)).to_pylist()


def seconds_of(read: Callable[[bytes], None], content: bytes) -> float:
    """Return the seconds of reading a file."""
    began = perf_counter()
    read(content)
    return perf_counter() - began


def seconds_to_copy(owner: str, tables: Mapping[str, str]) -> float:
    """Return the seconds of copying the rows of the newest upload back into the tables they were taken out of.

    `tables` are conditions by table. Only the rows are as before: older versions of the weeks are gone.
    """
    with psycopg.connect(make_url(owner).set(drivername="postgresql").render_as_string(hide_password=False)) as each:
        columns = {table: _columns(each, table) for table in tables}
        rows = {table: _copied_out(each, table, columns[table], condition) for table, condition in tables.items()}
        _delete(each, tables)
        began = perf_counter()
        for table, content in rows.items():
            with each.cursor().copy(f"COPY {table} ({columns[table]}) FROM STDIN".encode()) as copy:
                copy.write(content)
        each.commit()
        return perf_counter() - began


def _columns(connection: psycopg.Connection, table: str) -> str:
    """Return the columns that are written, in their order: the database makes the others."""
    written = (
        "SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
    )
    [names] = connection.execute(written, [table]).fetchone() or ("",)
    return str(names)


def _copied_out(connection: psycopg.Connection, table: str, columns: str, condition: str) -> bytes:
    copy_out = f"COPY (SELECT {columns} FROM {table} WHERE {condition}) TO STDOUT"
    with connection.cursor().copy(copy_out.encode()) as out:
        return b"".join(out)


def _delete(connection: psycopg.Connection, tables: Mapping[str, str]) -> None:
    """Delete these rows and the versions of their weeks, past the triggers that keep them."""
    conditions = VERSIONS | dict(reversed(list(tables.items())))
    for table, condition in conditions.items():
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        connection.execute(f"DELETE FROM {table} WHERE {condition}".encode())
    for table in conditions:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
    connection.commit()
