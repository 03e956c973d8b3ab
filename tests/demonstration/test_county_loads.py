"""Counties that a test loads for itself: with as much as it takes, again, or where none may be."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

import database
import demonstration
from demonstration import county
from models import (
    Actual,
    Conversation,
    ExceptionCheck,
    ExceptionDecision,
    PaymentPeriod,
    db,
)
from rules.states import (
    ConversationState,
    Decision,
)
from tests.support.worlds.county import SMALL, load_county
from tests.support.worlds.world import World

EVERYTHING = "organisation, ab_user, person, element, policy_setting, rollout, announcement, payment_period"


@pytest.fixture
def owner(world: World, test_database: database.Urls) -> Iterator[county.Owner]:
    """A connection as the owner of the tables."""
    with county.Owner(test_database.owner) as connection:
        yield connection


def test_weeks_over_the_level_are_decided_in_the_past_and_held_in_the_last_period(owner: county.Owner) -> None:
    load_county(owner, county.County(organisations=12, lines=600, periods=4))
    last = db.session.scalars(select(PaymentPeriod).where(PaymentPeriod.number == 0)).one()
    over = db.session.execute(
        select(Actual.week_starting, ExceptionDecision.decision)
        .select_from(ExceptionCheck)
        .join(ExceptionCheck.actual)
        .outerjoin(ExceptionCheck.decided)
        .where(ExceptionCheck.over)
    ).all()
    assert {decision for week, decision in over if week < last.start} >= {*Decision}
    assert {decision for week, decision in over if week >= last.start} == {None}
    assert set(db.session.scalars(select(Conversation.state))) == {*ConversationState}


def test_two_loads_from_one_seed_and_date_give_the_same_rows(world: World, test_database: database.Urls) -> None:
    first, second = (_loaded(test_database, SMALL) for _ in range(2))
    assert [name for name in first if first[name] != second[name]] == []
    assert _loaded(test_database, replace(SMALL, seed=2018))["actual"] != first["actual"]


def _loaded(urls: database.Urls, size: county.County) -> dict[str, list[Any]]:
    with county.Owner(urls.owner) as owner:
        owner.run(f"TRUNCATE {EVERYTHING} RESTART IDENTITY CASCADE")
        load_county(owner, size)
        db.session.expunge_all()
        return _rows(owner)


def _rows(owner: county.Owner) -> dict[str, list[Any]]:
    """Return every row of the tables that say what was done and paid, without the numbers that sequences gave."""
    tables = ("organisation", "service", "contact", "person", "contract_document", "line_item", "rate", "actual",
              "actual_version", "exception_check", "invoice_line", "payment_source", "absence_claim_line",
              "message")  # fmt: skip
    found = {table: owner.ask(f"SELECT * FROM {table} ORDER BY id") for table in tables}
    owed = "SELECT organisation_id, run_id, total FROM remittance ORDER BY id"
    return found | {
        "remittance": owner.ask(owed),
        "payment_run": owner.ask("SELECT total FROM payment_run ORDER BY id"),
    }


def test_the_command_refuses_a_county_beside_a_real_council(
    world: World, app: Flask, test_database: database.Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.organisation("Trafford House")
    with monkeypatch.context() as environment:
        environment.setenv("DATABASE_URL", test_database.web)
        environment.setenv("DATABASE_OWNER_URL", test_database.owner)
        done = app.test_cli_runner().invoke(args=["load-demo", "--size", "county"])
    database.start(durable=False)  # the tests' own server again
    assert done.exit_code == 1
    assert "only loaded into an empty one" in done.output
    assert not demonstration.is_loaded()
    assert db.session.scalar(select(func.count(Actual.id))) == Decimal(0)
