"""The way up, down, and up again."""

import os
from collections.abc import Iterator
from importlib import resources

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, text

import database
import migrations
from models import metadata

# An organisation with a file that is checked, and one whose worker was stopped.
BEFORE = (
    "INSERT INTO organisation (reference, name, sector_id, state) SELECT 'A', 'A', id, 'live' FROM sector LIMIT 1",
    "INSERT INTO upload (organisation_id, filename, sha256, content, state, rows_total, rows_done, attempts, counts,"
    " notices, ticked, aborted, pounds_before, pounds_after)"
    " SELECT 1, 'a.csv', '', '', state, 0, 0, 0, '{}', '[]', '[]', '[]', 0, 0"
    " FROM unnest(ARRAY['checked', 'checking']) AS state",
)


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The owner's address of a database with nothing in it."""
    database.start(durable=False)
    name = f"empty_for_migrations_{os.getpid()}"
    database.drop_database(name)
    yield database.create_database(name).owner
    database.drop_database(name)


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
        types = connection.execute(
            text(
                "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('c', 'e')"
                " AND typname <> 'alembic_version'"
            )
        ).all()
    engine.dispose()
    assert (left, functions, types) == ([], [], [])
    migrations.bring_up(empty_database, ["Auditor"])


def test_the_queue_has_the_schema_of_the_installed_package() -> None:
    script = ScriptDirectory.from_config(migrations.configuration("")).get_revision("0008")
    history = (resources.files("procrastinate.sql") / "migrations").iterdir()
    newest = max(each.name for each in history if each.name.endswith(".sql"))
    assert newest == script.module.LAST, "what a later version adds to its tables is a migration of ours"


def test_what_waited_for_a_worker_of_the_release_before_waits_in_the_queue(empty_database: str) -> None:
    configuration = migrations.configuration(empty_database)
    command.upgrade(configuration, "0008-1")
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        for statement in BEFORE:
            connection.execute(text(statement))
    command.upgrade(configuration, "head")
    with engine.connect() as connection:
        waiting = connection.execute(text("SELECT queue_name, task_name, args FROM procrastinate_jobs")).all()
    engine.dispose()
    assert waiting == [("files", "upload", {"organisation_id": 1, "upload_id": 2})]


# One line with a week of 2.00 on Monday and 0.50 on Tuesday; three visits of an hour, two of them alike.
SENT_BEFORE = """
SET LOCAL session_replication_role = replica;
INSERT INTO line_item (organisation_id, reference, document_id, service_id, person_id, element_id, unit, plan_kind,
  payment_method, payment_basis, contribution, top_up, vat_code, start)
VALUES (1, '1', 1, 1, 1, 1, 'HOUR', 'TIMETABLED', 'ACTUALS', 'GROSS', 0, 0, 'EXEMPT', '2017-10-16');
INSERT INTO actual (organisation_id, line_item_id, week_starting, state, in_hours, mon, tue, wed, thu, fri, sat, sun,
  delivered, planned, aborted, aborted_payable, missed, extra, payable, version)
VALUES (1, 1, '2017-10-16', 'draft', true, 2, 0.5, 0, 0, 0, 0, 0, 2.5, 2.5, 0, 0, 0, 0, 2.5, 1);
INSERT INTO upload (organisation_id, filename, sha256, content, state, rows_total, rows_done, attempts, counts, notices,
  ticked, aborted, pounds_before, pounds_after)
VALUES (1, 'a.csv', '', '', 'done', 0, 0, 0, '{}', '[]', '[]', '[]', 0, 0);
INSERT INTO visit (organisation_id, upload_id, line_item_id, day, reference, outcome, planned_start, minutes, counted)
SELECT 1, 1, 1, begins::date, reference, 'DELIVERED', begins, 60, 60
FROM (VALUES ('A', timestamp '2017-10-16 08:00'), ('B', '2017-10-16 08:00'), ('C', '2017-10-17 08:00'))
  AS sent (reference, begins);
"""


def test_visits_of_before_stay_though_two_are_alike_and_days_typed_over_are_noted(empty_database: str) -> None:
    configuration = migrations.configuration(empty_database)
    command.upgrade(configuration, "0034")
    engine = create_engine(empty_database)
    with engine.begin() as connection:
        connection.execute(text(SENT_BEFORE))
    command.upgrade(configuration, "head")
    with engine.connect() as connection:
        visits = connection.execute(text("SELECT reference, twin FROM visit ORDER BY id")).all()
        typed_over = connection.execute(text("SELECT day::text, units::text FROM typed_over_day")).all()
    engine.dispose()
    assert visits == [("A", 0), ("B", 1), ("C", 0)]
    assert typed_over == [("2017-10-17", "0.50")]


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
            text(
                "SELECT conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
                " AND NOT starts_with(conrelid::regclass::text, 'procrastinate_')"
            )
        )
        assert set(in_database.scalars()) == in_models
    engine.dispose()
