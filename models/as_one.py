"""Several queries in one round trip, as JSON: for a page at its limit of queries."""

from typing import Any

from sqlalchemy import ScalarSelect, SelectBase, func, select, text


def as_one(rows: SelectBase) -> ScalarSelect[Any]:
    """Return the rows of a query as one value, a list of lists, so that several queries travel as one.

    What comes back is what JSON knows: days and instants are texts, and so should quantities be (`cast`). The week of
    Actuals asks 8 queries with it and 11 without. Executed in the session, its tenant filter holds within as without.
    """
    found = rows.subquery()
    return select(func.coalesce(func.json_agg(func.json_build_array(*found.c)), text("'[]'"))).scalar_subquery()
