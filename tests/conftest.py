"""Real PostgreSQL, the real application, and a small world to tell stories in."""

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, create_engine, text

import database
import migrations
from app import create_app
from config import connections
from models import COUNCIL, LineItem, Organisation, PortalUser, close_pools, db, enter, metadata
from tests.support.pages.browser import Browser
from tests.support.pages.html import Minder
from tests.support.pages.live import chromium, live, page, phone, plain, served  # noqa: F401 - fixtures
from tests.support.worlds.world import World
from views.access.roles import ROLE_NAMES

# Speeds belong in make bench: what takes 1 ms can take 300 beside other work.
settings.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("portal")
KEPT = {"ab_role", "sector", "team", "alembic_version"}
QUEUE = ("procrastinate_jobs", "procrastinate_workers")  # no models of ours
# The sequences of some tables that gave a number since they began.
USED_NUMBERS = """
SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
  AND regexp_replace(sequencename::text, '_id_seq$', '') = ANY (:tables)"""


@pytest.fixture(scope="session")
def test_database() -> Iterator[database.Urls]:
    """A database of this worker's own, migrated from nothing."""
    database.start(durable=False)
    name = f"test_{os.getpid()}"
    database.drop_database(name)  # one that was ended in the middle may have left its own
    urls = database.create_database(name)
    migrations.bring_up(urls.owner, ROLE_NAMES)
    yield urls
    database.drop_database(name)


@pytest.fixture(scope="session")
def portal(test_database: database.Urls) -> Iterator[Flask]:
    """The application, made once for a worker: every test starts from empty tables.

    Its connections are pooled, as they are for people: a new one for each transaction took half the time of the tests.
    """
    app = create_app(
        **connections(test_database),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="a key for tests only",
        PORTAL_TODAY="2017-11-20",
        CHARTS_LAST=timedelta(0),
    )
    yield app
    with app.app_context():
        close_pools()


@pytest.fixture(scope="session")
def minder(portal: Flask) -> Minder:
    """What parses every page the application answers with."""
    return Minder(portal)


@pytest.fixture(scope="session")
def emptying(test_database: database.Urls) -> Iterator[Engine]:
    """What tables are emptied by, as their owner: tried before it is used, for some tests end all connections."""
    engine = create_engine(test_database.owner, pool_size=1, pool_pre_ping=True)
    yield engine
    engine.dispose()


@pytest.fixture
def app(portal: Flask, emptying: Engine, minder: Minder) -> Iterator[Flask]:
    """The application on empty tables, on Monday 20 November 2017 unless a test says otherwise."""
    portal.config["PORTAL_TODAY"] = "2017-11-20"
    _empty(emptying)
    yield portal
    assert not (broken := minder.found()), f"Broken HTML: {broken[:5]}"


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    """Inside the application, seeing everything: a place to build organisations, lines and officers."""
    with app.app_context():
        enter(COUNCIL)
        yield World(app)
        db.session.rollback()


@pytest.fixture
def organisation(world: World) -> Organisation:
    """An organisation with nothing but its name."""
    return world.organisation()


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    """A line item of the organisation."""
    return world.line(organisation)


@pytest.fixture
def other(world: World, organisation: Organisation) -> LineItem:
    """Another line item of the organisation."""
    return world.line(organisation)


@pytest.fixture
def carol(world: World) -> PortalUser:
    """An officer of Service Brokerage, who proposes."""
    return world.officer("Service Brokerage", "carol@council.example")


@pytest.fixture
def ruth(world: World) -> PortalUser:
    """Another, who confirms."""
    return world.officer("Service Brokerage", "ruth@council.example")


@pytest.fixture(scope="module")
def lasting(portal: Flask, emptying: Engine, minder: Minder) -> Iterator[World]:
    """A world that the tests of a module share: they only read. A test beside them must not ask for `app`."""
    portal.config["PORTAL_TODAY"] = "2017-11-20"
    _empty(emptying)
    with portal.app_context():
        enter(COUNCIL)
        yield World(portal)
        db.session.rollback()
    assert not (broken := minder.found()), f"Broken HTML: {broken[:5]}"


@pytest.fixture
def browser(app: Flask) -> Browser:
    """A client without scripts."""
    return Browser(app)


def _empty(engine: Engine) -> None:
    """Delete what a test left behind, and let its numbers begin anew.

    TRUNCATE makes the files of 80 tables and their indexes anew: 230 ms, against 40 ms for the few rows there are.
    """
    tables = [name for name in (*metadata.tables, *QUEUE) if name not in KEPT]
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in tables)
    with engine.begin() as connection:
        delete = [f'DELETE FROM "{name}"' for name in connection.scalars(text(filled))]
        used = connection.scalars(text(USED_NUMBERS), {"tables": tables})
        restart = [f"ALTER SEQUENCE {name} RESTART" for name in used]
        if delete or restart:
            # Without triggers: what has become money or evidence could not be deleted else.
            connection.exec_driver_sql("; ".join(["SET LOCAL session_replication_role = replica", *delete, *restart]))


@pytest.fixture
def owner(test_database: database.Urls) -> Iterator[Connection]:
    """The database as its owner, whom no row-level security holds back."""
    engine = create_engine(test_database.owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
