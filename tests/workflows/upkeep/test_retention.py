"""Retention empties what is past its time and nothing else; money stays explained, and the trail stays sealed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from models import AuditEvent, Contact, Email, LineItem, Message, Person, Upload, UserSession, db
from rules.policy import SETTINGS
from rules.retention import KEPT
from tests.support.worlds import everything
from tests.support.worlds.world import World
from workflows.payments.money_checks import check_money
from workflows.upkeep.retention import forget_all
from workflows.upkeep.seals import seal_events, verify_seals

TODAY = datetime.now(UTC).date()
NAME = "Wilhelmina Featherstonehaugh"
LONG_AGO = "2016-01-04 09:00+00"


@pytest.fixture
def old(world: World, owner: Connection) -> World:
    """A record of every kind, all of it of long ago, and one person with a line that has no end."""
    everything.build(world, world.officer("Administrator"))
    world.line(world.organisation("Still Caring Ltd"), person=world.person("P-now", "Stays Here"))
    db.session.rollback()
    named = {"name": NAME, "ago": LONG_AGO}
    for statement in (
        "SET LOCAL session_replication_role = replica",
        "UPDATE person SET name = :name WHERE reference <> 'P-now'",
        "UPDATE line_item SET start = '2010-01-04', \"end\" = '2011-01-02'"
        " WHERE person_id NOT IN (SELECT id FROM person WHERE reference = 'P-now')",
        "UPDATE audit_event SET after = after || jsonb_build_object('name', CAST(:name AS text))"
        " WHERE record = 'person' AND after ->> 'reference' <> 'P-now'",
        "UPDATE upload SET given_at = :ago, content = convert_to(:name, 'UTF8')",
        "UPDATE import_file SET given_at = :ago",
        "UPDATE conversation SET state = 'closed', closed_at = :ago, closed_reason = 'x'",
        "UPDATE message SET body = :name",
        "DELETE FROM audit_seal",  # that of `everything` is none of the chain
        "UPDATE email SET written_at = :ago, state = 'sent'",
    ):
        owner.execute(text(statement), {key: value for key, value in named.items() if f":{key}" in statement})
    owner.commit()
    seal_events()
    return world


def counts(found: list[Any]) -> dict[str, int]:
    return {each.kept.kind: each.number for each in found}


def everywhere(owner: Connection, words: str) -> list[str]:
    """The tables in which some words stand, in any column."""
    tables = owner.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")).all()
    asked = 'SELECT EXISTS (SELECT FROM "{}" AS row WHERE row::text LIKE :like)'
    found = [table for table in tables if owner.scalar(text(asked.format(table)), {"like": f"%{words}%"})]
    owner.rollback()
    return found


def test_a_dry_run_says_what_is_past_its_time_and_changes_nothing(old: World, owner: Connection, app: Flask) -> None:
    before = everywhere(owner, NAME)
    assert before == ["audit_event", "message", "person"]
    said = counts(forget_all(TODAY, dry_run=True))
    assert min(said[kind] for kind in ("people", "files", "messages", "e-mails")) > 0
    assert everywhere(owner, NAME) == before
    done = app.test_cli_runner().invoke(args=["job", "retention", "--dry-run", "--on", f"{TODAY}"])
    assert done.exit_code == 0, done.output
    assert "Nothing was changed." in done.output
    assert everywhere(owner, NAME) == before


def test_what_is_past_its_time_is_gone_from_every_table_and_nothing_else(old: World, owner: Connection) -> None:
    figures = db.session.execute(text("SELECT sum(amount), count(*) FROM journal_entry")).one()
    broken = check_money()
    forget_all(TODAY)
    assert everywhere(owner, NAME) == []
    assert db.session.scalars(select(Person.name).where(Person.reference == "P-now")).one() == "Stays Here"
    assert db.session.scalars(select(Person.name).where(Person.reference != "P-now")).all()[0] == "Name removed"
    assert set(db.session.scalars(select(Message.body))) == {"Removed when its time was over."}
    assert set(db.session.scalars(select(Email.recipient))) == {"removed"}
    assert set(db.session.scalars(select(Upload.content))) == {b""}
    assert check_money() == broken
    assert db.session.execute(text("SELECT sum(amount), count(*) FROM journal_entry")).one() == figures
    assert set(counts(forget_all(TODAY)).values()) == {0}


def test_the_trail_stays_sealed_when_values_are_taken_out_of_it(old: World, owner: Connection) -> None:
    assert verify_seals().wrong == []
    forget_all(TODAY)
    found = verify_seals()
    assert (found.wrong, found.emptied > 0) == ([], True)
    owner.execute(text("SET LOCAL session_replication_role = replica"))
    owner.execute(text("UPDATE audit_event SET user_id = 4711 WHERE record = 'person'"))
    owner.commit()
    assert len(verify_seals().wrong) > 0


def test_what_is_not_past_its_time_stays(world: World, owner: Connection) -> None:
    everything.build(world, world.officer("Administrator"))
    year = timedelta(days=366)
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    db.session.execute(text("UPDATE email SET written_at = now() - interval '1 year'"))
    db.session.commit()
    assert counts(forget_all(TODAY))["e-mails"] == 0
    assert counts(forget_all(TODAY))["people"] == 0
    assert counts(forget_all(TODAY + year * 0))["contacts"] == 0


def test_a_contact_whose_access_ended_long_ago_loses_their_details_in_the_trail_too(
    world: World, owner: Connection
) -> None:
    contact = world.contact(world.organisation(), "hilda.merrythought@provider.example")
    contact.start, contact.end = date(2012, 1, 2), date(2014, 1, 5)
    db.session.commit()
    assert counts(forget_all(TODAY))["contacts"] == 1
    assert everywhere(owner, "hilda.merrythought") == ["ab_user", "audit_event"]  # who signs in is not forgotten yet
    records = select(AuditEvent.record).where(AuditEvent.after["email"].astext.like("hilda%"))
    assert set(db.session.scalars(records)) == {"ab_user"}


def test_the_values_of_an_old_event_go_and_who_did_what_stays(world: World, owner: Connection) -> None:
    world.person(name=NAME)
    db.session.commit()
    seal_events()
    owner.execute(text("SET LOCAL session_replication_role = replica"))
    owner.execute(text("UPDATE audit_event SET at = :ago"), {"ago": LONG_AGO})
    owner.execute(text("DELETE FROM audit_seal"))
    owner.commit()
    seal_events()
    assert counts(forget_all(TODAY))["trail"] > 0
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "person")).one()
    assert (event.action, event.before, event.after) == ("added", None, None)
    assert verify_seals().wrong == []


def test_the_database_refuses_a_period_below_a_year_whatever_the_settings_say(world: World) -> None:
    statement = text("SELECT forget('messages', now() - interval '364 days', 10)")
    with pytest.raises(DBAPIError, match="nothing is forgotten within a year"), db.session.begin_nested():
        db.session.execute(statement)


def test_every_period_is_a_policy_setting(world: World) -> None:
    assert {each.setting for each in KEPT} == {name for name in SETTINGS if name.startswith("keep_")}
    assert {each.setting for each in KEPT if SETTINGS[each.setting].least < 1} == set()


def test_old_sessions_are_deleted(world: World) -> None:
    contact = world.contact(world.organisation())
    at = datetime.now(UTC) - timedelta(days=800)
    for seen in (at, datetime.now(UTC)):
        session = UserSession(token_hash=f"{seen}", user_id=contact.user_id, created_at=at, last_seen_at=seen)
        db.session.add(session)
    db.session.commit()
    assert counts(forget_all(TODAY))["sessions"] == 1
    assert db.session.scalars(select(UserSession.token_hash)).all() == [session.token_hash]
    assert db.session.scalars(select(LineItem)).all() == []
