"""Every figure that can be stored is a number, and says what it is a number of."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Numeric, create_engine, text
from sqlalchemy.exc import DBAPIError

import database
from models import metadata
from models.base import PerCent, Pounds, PoundsPerUnit, Units
from tests.support.worlds import everything
from tests.support.worlds.world import World

# What PostgreSQL says to a value that a constraint or a column's precision refuses.
REFUSED = {"NaN": "23514", "Infinity": "22003", "-Infinity": "22003"}

NUMERIC = """
SELECT c.relname, a.attname, a.atttypmod <> -1 AS has_precision
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.atttypid = 'numeric'::regtype
  AND NOT a.attisdropped ORDER BY 1, 2
"""
CHECKED = """
SELECT c.relname, a.attname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
WHERE k.contype = 'c' AND k.convalidated AND k.conname = format('ck_%s_%s_is_a_number', c.relname, a.attname)
  AND pg_get_constraintdef(k.oid) LIKE 'CHECK ((% <> ''NaN''::numeric))' ORDER BY 1, 2
"""


@pytest.fixture
def owner(world: World, test_database: database.Urls) -> Iterator[Connection]:
    """Who owns the tables, with a row in every one of them and no trigger in the way; nothing is kept."""
    everything.build(world, world.officer("Administrator"))
    engine = create_engine(test_database.owner)
    with engine.connect() as connection:
        for table in metadata.tables:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield connection
        connection.rollback()
    engine.dispose()


def columns(connection: Connection) -> list[tuple[str, str]]:
    return [(table, column) for table, column, _ in connection.execute(text(NUMERIC))]


def test_every_numeric_column_has_the_constraint_that_it_is_a_number(owner: Connection) -> None:
    found = columns(owner)
    assert len(found) > 100
    assert [tuple(row) for row in owner.execute(text(CHECKED))] == found


def test_every_numeric_column_has_a_precision_which_refuses_infinity(owner: Connection) -> None:
    assert [row for row in owner.execute(text(NUMERIC)) if not row.has_precision] == []


@pytest.mark.parametrize("value", REFUSED)
def test_no_column_stores_what_is_no_number(owner: Connection, value: str) -> None:
    said = {}
    for table, column in columns(owner):
        attempt = owner.begin_nested()
        try:
            owner.execute(text(f"UPDATE {table} SET {column} = '{value}'"))
            said[table, column] = "stored"
        except DBAPIError as error:
            said[table, column] = getattr(error.orig, "sqlstate", "")
        attempt.rollback()
    assert said == dict.fromkeys(said, REFUSED[value])


def test_every_figure_of_a_model_says_what_it_is_a_number_of() -> None:
    unknown = [
        str(column)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Numeric) and type(column.type) not in (Pounds, PoundsPerUnit, Units, PerCent)
    ]
    assert unknown == []


def test_figures_of_one_name_are_of_one_kind_in_every_table() -> None:
    kinds: dict[str, set[type]] = defaultdict(set)
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, Numeric):
                kinds[column.name].add(type(column.type))
    assert {name: kind for name, kind in kinds.items() if len(kind) > 1} == {}
