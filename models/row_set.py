"""Many rows as one JSON parameter, expanded by json_populate_recordset in the database.

A bound parameter for each value takes psycopg ten times as long, and the statement would grow with the rows.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, TextualSelect, text


def row_set(table: Table, rows: Sequence[Mapping[str, Any]]) -> TextualSelect:
    """Return a query whose rows are these, in their order; all name the same columns of `table`. Never without rows."""
    return any_row_set(table, list(rows[0])).bindparams(row_set=packed(rows))


def any_row_set(table: Table, names: Sequence[str]) -> TextualSelect:
    """Return a query whose rows come when it is executed, `packed` as its parameter `row_set`; with these columns."""
    quoted = ", ".join(f'"{name}"' for name in names)
    # The names are those of mapped columns; the values travel as one parameter.
    source = text(f'SELECT {quoted} FROM json_populate_recordset(NULL::"{table.name}", CAST(:row_set AS json))')
    return source.columns(*(table.c[name] for name in names))


def packed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as one parameter."""
    return json.dumps(rows, default=_plain, separators=(",", ":"))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot travel in a row set")
