"""The way up, down, and up again."""

from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import CheckConstraint, create_engine, text

import database
import migrations
from models import metadata


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The owner's address of a database with nothing in it."""
    database.start(durable=False)
    database.drop_database("empty_for_migrations")
    yield database.create_database("empty_for_migrations").owner
    database.drop_database("empty_for_migrations")


def test_migrations_go_up_from_empty_down_and_up_again_and_match_the_models(empty_database: str) -> None:
    configuration = migrations.configuration(empty_database)
    command.upgrade(configuration, "head")
    command.check(configuration)
    command.downgrade(configuration, "base")
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        left = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
        ).all()
        functions = connection.execute(
            text(
                "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace LEFT JOIN pg_depend d"
                " ON d.objid = pg_proc.oid AND d.deptype = 'e' WHERE nspname = 'public' AND d.objid IS NULL"
            )
        ).all()
    engine.dispose()
    assert (left, functions) == ([], [])
    migrations.bring_up(empty_database, ["Auditor"])


def test_bringing_up_twice_changes_nothing(empty_database: str) -> None:
    for _ in range(2):
        migrations.bring_up(empty_database, ["Auditor", "Procurement"])
    engine = create_engine(empty_database)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ab_role")).scalar_one() == 2
        assert connection.execute(text("SELECT count(*) FROM team")).scalar_one() == 4
    engine.dispose()


def test_migrations_make_the_check_constraints_that_the_models_declare(empty_database: str) -> None:
    """Alembic's own comparison passes over check constraints."""
    migrations.bring_up(empty_database, [])
    engine = create_engine(empty_database)
    in_models = {
        engine.dialect.identifier_preparer.format_constraint(constraint)
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    with engine.connect() as connection:
        in_database = connection.execute(
            text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace")
        )
        assert set(in_database.scalars()) == in_models
    engine.dispose()
