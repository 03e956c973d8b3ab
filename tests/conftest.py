"""Real PostgreSQL, the real application, and a small world to tell stories in."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text

import database
import migrations
from app import create_app
from config import connections
from models import COUNCIL, db, enter, metadata
from tests.support.browser import Browser
from tests.support.html import Minder
from tests.support.live import chromium, live, page, served  # noqa: F401 - fixtures
from tests.support.world import World
from views.access.roles import ROLE_NAMES

KEPT = {"ab_role", "sector", "team", "alembic_version"}
QUEUE = ("procrastinate_jobs", "procrastinate_workers")  # no models of ours


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
def portal(test_database: database.Urls) -> Flask:
    """The application, made once for a worker: every test starts from empty tables."""
    return create_app(
        **connections(test_database, pooled=False),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="a key for tests only",
        PORTAL_TODAY="2017-11-20",
    )


@pytest.fixture(scope="session")
def minder(portal: Flask) -> Minder:
    """What parses every page the application answers with."""
    return Minder(portal)


@pytest.fixture
def app(portal: Flask, test_database: database.Urls, minder: Minder) -> Iterator[Flask]:
    """The application on empty tables, on Monday 20 November 2017 unless a test says otherwise."""
    portal.config["PORTAL_TODAY"] = "2017-11-20"
    _empty(test_database.owner)
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
def browser(app: Flask) -> Browser:
    """A client without scripts."""
    return Browser(app)


def _empty(owner_url: str) -> None:
    engine = create_engine(owner_url)
    tables = ", ".join(f'"{name}"' for name in (*metadata.tables, *QUEUE) if name not in KEPT)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture
def owner(test_database: database.Urls) -> Iterator[Connection]:
    """The database as its owner, whom no row-level security holds back."""
    engine = create_engine(test_database.owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
