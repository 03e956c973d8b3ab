"""The log says what went wrong and never about whom."""

import io
import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from models import Organisation, acting_for, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from views.generated.records import StaffRecords

CANARY = "Canaria"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the portal logs, with its tracebacks, as it would stand in a file."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


FAILING = {
    "a value twice": "INSERT INTO organisation (name, reference, sector_id, state)"
    " SELECT :canary, :canary, id, 'live' FROM sector, generate_series(1, 2)",
    "a row that breaks a check": "INSERT INTO policy_setting (name, value, scope, scope_id, valid_from)"
    " VALUES (:canary, :canary, 'council', 7, '2017-11-20')",
    "a value of the wrong type": "SELECT CAST(:canary AS integer)",
    "a date that is none": "SELECT CAST(:canary AS date)",
    "a table that is not there": "SELECT :canary FROM nowhere_at_all",
    "a value that is missing": "INSERT INTO organisation (name) VALUES (:canary)",
}


@pytest.mark.parametrize("scope", ["council", "organisation", "sign-in"])
@pytest.mark.parametrize("statement", FAILING.values(), ids=FAILING)
def test_a_statement_that_fails_names_nobody(world: World, log: io.StringIO, statement: str, scope: str) -> None:
    own = world.organisation().id
    scopes: dict[str, str | int] = {"council": "*", "organisation": own, "sign-in": "sign-in"}
    with acting_for(scopes[scope]):
        try:
            db.session.execute(text(statement), {"canary": CANARY})
        except SQLAlchemyError:
            logging.getLogger("views").exception("A page failed")
        db.session.rollback()
    assert "A page failed" in log.getvalue(), "the statement did not fail"
    assert "Traceback" in log.getvalue()
    assert CANARY not in log.getvalue()


def test_a_page_that_fails_names_nobody(app: Flask, world: World, browser: Browser, log: io.StringIO) -> None:
    """As a page would fail whose statement the database refuses."""
    officer = world.officer("Administrator")
    view = app.view_functions["HomeView.index"]

    def fail() -> str:
        db.session.execute(text(FAILING["a value twice"]), {"canary": CANARY})
        return ""

    app.view_functions["HomeView.index"] = fail
    try:
        assert browser.sign_in(officer).get("/").status_code == 500
    finally:
        app.view_functions["HomeView.index"] = view
    assert log.getvalue().count("A page failed") == 1
    assert CANARY not in log.getvalue()


def test_what_the_database_refuses_and_a_page_words_is_one_line(world: World, log: io.StringIO) -> None:
    sector_id = world.organisation(reference="ORG-0001").sector_id
    again = Organisation(name=CANARY, reference="ORG-0001", sector_id=sector_id)
    with pytest.raises(SQLAlchemyError):
        StaffRecords(Organisation, db.session).add(again)
    [line] = log.getvalue().splitlines()
    assert line.endswith("Add item database error: UniqueViolation uq_organisation_reference")
