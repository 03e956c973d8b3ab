"""No table and no column lacks a purpose and a time it is kept, and the map in docs/ says what the models say."""

from commands.data_map import MAP
from models import metadata
from rules.data_map import COLUMNS, TABLES, purpose_of
from rules.retention import BY_KIND, FOR_GOOD
from workflows.upkeep.data_map import data_map


def test_every_table_and_every_column_has_a_purpose() -> None:
    assert set(metadata.tables) == set(TABLES)
    every = [(table.name, column.name) for table in metadata.tables.values() for column in table.columns]
    assert [f"{table}.{column}" for table, column in every if not purpose_of(table, column)] == []


def test_every_table_is_kept_for_a_time_that_is_known() -> None:
    assert {each.kept for each in TABLES.values()} <= {FOR_GOOD, *BY_KIND}


def test_no_purpose_is_of_a_column_that_is_gone() -> None:
    there = {
        name for table in metadata.tables.values() for c in table.columns for name in (c.name, f"{table.name}.{c.name}")
    }
    assert set(COLUMNS) - there == set()


def test_the_map_in_the_documentation_is_of_today() -> None:
    assert MAP.read_text(encoding="utf-8") == data_map(), "flask --app app data-map writes it anew"
