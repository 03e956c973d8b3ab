"""A rolled-back transaction costs no plans, and is rolled back all the same."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text

import database
from app import create_app
from config import connections
from database.connection import KeepingConnection
from models import Contact, acting_for, close_pools, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World

PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def connection(test_database: database.Urls) -> Iterator[KeepingConnection]:
    with KeepingConnection.connect(test_database.owner.replace("+psycopg", "")) as found:
        yield found


def prepared(connection: psycopg.Connection) -> int:
    (count,) = connection.execute(PREPARED, prepare=False).fetchone() or (0,)
    return int(count)


def test_statements_stay_prepared_over_a_rollback(connection: KeepingConnection) -> None:
    connection.execute("SELECT 1", prepare=True)
    assert prepared(connection) == 1
    connection.rollback()
    assert prepared(connection) == 1
    connection.execute("SELECT 1", prepare=True)
    assert prepared(connection) == 1


def test_what_was_written_is_undone_and_an_error_is_over(connection: KeepingConnection) -> None:
    connection.execute("CREATE TEMPORARY TABLE written (n integer)")
    connection.commit()
    connection.execute("INSERT INTO written VALUES (1)")
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.execute("SELECT 1 / 0")
    connection.rollback()
    assert connection.execute("SELECT count(*) FROM written").fetchone() == (0,)
    connection.rollback()
    connection.rollback()


def test_a_connection_that_is_gone_says_so(connection: KeepingConnection) -> None:
    connection.execute("SELECT 1")
    pid = connection.info.backend_pid
    with psycopg.connect(connection.info.dsn, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    with pytest.raises(psycopg.OperationalError):
        connection.rollback()
    connection.close()


def test_a_transaction_begins_with_what_it_is_told_and_ends_as_any_other(connection: KeepingConnection) -> None:
    connection.begin(b"SELECT set_config('app.user', '7', true)")
    assert connection.execute("SELECT current_setting('app.user')").fetchone() == ("7",)
    connection.commit()
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    connection.commit()
    connection.begin()
    assert connection.execute("SELECT current_setting('app.user', true)").fetchone() == ("",)
    connection.rollback()
    with pytest.raises(psycopg.errors.SyntaxError):
        connection.begin(b"SELECT FROM WHERE")
    connection.rollback()


def test_a_transaction_that_was_begun_for_nothing_ends_where_each_statement_is_to_commit(
    connection: KeepingConnection,
) -> None:
    connection.begin()
    connection.autocommit = True
    connection.execute("SELECT 1")
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_an_error_at_commit_is_raised_and_nothing_was_written(connection: KeepingConnection) -> None:
    connection.execute("CREATE TEMPORARY TABLE late (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    connection.commit()
    connection.execute("INSERT INTO late VALUES (1), (1)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.commit()
    assert connection.execute("SELECT count(*) FROM late").fetchone() == (0,)


def test_a_providers_pages_are_planned_once(app: Flask, world: World, test_database: database.Urls) -> None:
    contact: Contact = world.contact(world.organisation())
    world.line(contact.organisation)
    organisation_id = contact.organisation_id
    pooled = create_app(**connections(test_database), SECRET_KEY="a key for tests only", PORTAL_TODAY="2017-11-20")
    browser = Browser(pooled).sign_in(contact)
    for _ in range(8):
        assert browser.get("/actuals").status_code == 200
        assert browser.get("/no-such-page").status_code == 404  # ends without a commit
    with pooled.app_context():
        with acting_for(organisation_id):
            generic = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0"
            assert db.session.scalar(text(generic)) >= 4
        db.session.remove()
        close_pools()
