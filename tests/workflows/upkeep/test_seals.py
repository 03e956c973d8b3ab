"""The audit trail is sealed: whatever its owner alters, removes or reorders is found."""

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from models import AuditEvent, AuditSeal, Organisation, acting_for, db
from tests.support.worlds.world import World
from workflows.upkeep.seals import seal_events, verify_seals

WITHOUT_TRIGGERS = "SET LOCAL session_replication_role = replica"


@pytest.fixture
def sealed(world: World) -> list[int]:
    """Three seals over a trail; the ids of the events."""
    for name in ("One Ltd", "Two Ltd", "Three Ltd"):
        world.organisation(name)
        db.session.commit()
        assert seal_events() > 0
    assert seal_events() == 0
    return list(db.session.scalars(select(AuditEvent.id).order_by(AuditEvent.id)))


def as_owner(owner: Connection, *statements: str) -> None:
    """What only the owner of the database can do."""
    db.session.rollback()
    for statement in (WITHOUT_TRIGGERS, *statements):
        owner.execute(text(statement))
    owner.commit()


def test_a_trail_that_nobody_touched_is_found_whole(sealed: list[int]) -> None:
    found = verify_seals()
    assert (found.wrong, found.events, found.seals) == (
        [],
        len(sealed),
        db.session.scalar(select(func.count(AuditSeal.id))),
    )
    assert verify_seals(found.head).wrong == []


@pytest.mark.parametrize(
    "change",
    [
        "user_id = 4711",
        "at = at + interval '1 microsecond'",
        "why = 'Another reason'",
        "after = jsonb_set(after, '{name}', '\"Other Ltd\"')",
        "from_address = '192.0.2.99'",
        "request_id = 'x'",
    ],
)
def test_an_altered_event_is_named(sealed: list[int], owner: Connection, change: str) -> None:
    as_owner(owner, f"UPDATE audit_event SET {change} WHERE id = {sealed[1]}")
    assert [each.partition(" (")[0] for each in verify_seals().wrong] == [f"Event {sealed[1]} was altered"]


def test_a_removed_event_is_named(sealed: list[int], owner: Connection) -> None:
    as_owner(owner, f"DELETE FROM audit_event WHERE id = {sealed[-1]}")
    assert [each.partition(" (")[0] for each in verify_seals().wrong] == [f"Event {sealed[-1]} was removed"]


def test_two_events_that_changed_places_are_named(sealed: list[int], owner: Connection) -> None:
    one, other = sealed[0], sealed[-1]
    as_owner(
        owner,
        f"UPDATE audit_event SET id = -1 WHERE id = {one}",
        f"UPDATE audit_event SET id = {one} WHERE id = {other}",
        f"UPDATE audit_event SET id = {other} WHERE id = -1",
    )
    said = [each.partition(" (")[0] for each in verify_seals().wrong]
    assert said == [f"Event {one} was altered", f"Event {other} was altered"]


def test_an_emptied_trail_is_found(sealed: list[int], owner: Connection) -> None:
    as_owner(owner, "ALTER TABLE audit_event DISABLE TRIGGER ALL", "TRUNCATE audit_event",
             "ALTER TABLE audit_event ENABLE TRIGGER ALL")  # fmt: skip
    assert len(verify_seals().wrong) == len(sealed)


def test_an_event_that_was_put_under_the_seals_is_named(sealed: list[int], owner: Connection) -> None:
    values = "now() - interval '3 days', 'changed', 'person', 1, ''"
    as_owner(owner, f"INSERT INTO audit_event (id, at, action, record, record_id, why) VALUES (-7, {values})")
    assert [each.partition(":")[0] for each in verify_seals().wrong] == ["Event -7 is under no seal"]


def test_a_seal_that_was_altered_removed_or_moved_is_found(sealed: list[int], owner: Connection) -> None:
    as_owner(owner, "UPDATE audit_seal SET digests = decode(repeat('00', length(digests)), 'hex') WHERE id = 2")
    assert "Seal 2 was altered." in verify_seals().wrong
    as_owner(owner, "DELETE FROM audit_seal WHERE id = 2")
    assert [each.partition(" does")[0] for each in verify_seals().wrong] == ["Seal 3"]


def test_seals_in_another_order_are_found(sealed: list[int], owner: Connection) -> None:
    as_owner(owner, *(f"UPDATE audit_seal SET id = {new} WHERE id = {old}" for old, new in ((1, 9), (2, 1), (9, 2))))
    assert [each.partition(" does")[0] for each in verify_seals().wrong] == ["Seal 1", "Seal 2", "Seal 3"]


def test_an_end_that_was_cut_off_is_found_by_a_head_that_was_noted(sealed: list[int], owner: Connection) -> None:
    head = verify_seals().head
    as_owner(
        owner,
        "DELETE FROM audit_event USING audit_seal WHERE audit_seal.id = 3 AND audit_event.id = ANY (event_ids)",
        "DELETE FROM audit_seal WHERE id = 3",
    )
    assert verify_seals().wrong == []
    assert len(verify_seals(head).wrong) == 1


def test_the_command_ends_with_one_where_something_is_wrong(sealed: list[int], app: Flask, owner: Connection) -> None:
    db.session.commit()
    whole = app.test_cli_runner().invoke(args=["audit-verify"])
    assert (whole.exit_code, "nothing was changed" in whole.output) == (0, True), whole.output
    as_owner(owner, f"DELETE FROM audit_event WHERE id = {sealed[0]}")
    broken = app.test_cli_runner().invoke(args=["audit-verify"])
    assert (broken.exit_code, f"Event {sealed[0]} was removed" in broken.output) == (1, True), broken.output


@pytest.mark.parametrize("table", ["audit_event", "audit_seal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_nobody_changes_the_trail_not_even_its_owner_by_mistake(
    sealed: list[int], owner: Connection, table: str, statement: str
) -> None:
    db.session.commit()
    with pytest.raises(DBAPIError, match="kept as it was written"):
        owner.execute(text(statement.format(table)))
    with pytest.raises(DBAPIError, match="permission denied"):
        db.session.execute(text(statement.format(table)))
    db.session.rollback()


def test_an_event_of_a_transaction_that_ends_late_is_sealed_later(world: World, owner: Connection) -> None:
    late = "INSERT INTO audit_event (action, record, record_id) VALUES ('changed', 'person', 1) RETURNING id"
    key = owner.scalar(text(late))
    world.organisation("Early Ltd")
    db.session.commit()
    assert seal_events() > 0
    owner.commit()
    assert seal_events() == 1
    assert db.session.scalars(select(AuditSeal.event_ids).order_by(AuditSeal.id.desc())).first() == [key]
    assert verify_seals().wrong == []


def test_a_provider_can_only_note_what_the_portal_notes(world: World) -> None:
    organisation = world.organisation()
    note = text("SELECT note_in_trail(:what, 'person', ARRAY[1], NULL, '')")
    with acting_for(organisation.id):
        db.session.execute(note, {"what": "read"})
        for what in ("changed", "signed in", "signed out", "sign-in refused"):
            with pytest.raises(DBAPIError, match="noted by nobody"), db.session.begin_nested():
                db.session.execute(note, {"what": what})
        db.session.commit()
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).one()
    assert event.organisation_id == organisation.id == db.session.scalar(select(Organisation.id))
