"""What the database holds typed fields to, whatever the code above it does."""

import os
from collections.abc import Iterator

import pytest
from alembic import command
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import Enum, String, create_engine, select, text, update
from sqlalchemy.exc import IntegrityError

import database
import migrations
from models import Contact, Element, PortalUser, db, metadata
from rules.record_fields import FIELDS
from tests.support.worlds.world import World
from workflows.clock import now

# Columns of text that the portal writes itself, or that hold what a file held, cut by its reader.
NOT_TYPED = {
    "absence_claim": "number", "absence_claim_line": "explained rule", "aborted_visit": "rule", "actual": "source",
    "actual_version": "reason comment source", "audit_event": "action record why from_address request_id",
    "document_version": "content digest signed_digest", "email": "letter recipient subject problem message_id",
    "exception_check": "rule", "import_file": "kind filename sha256", "modulus_weight": "first last",
    "attachment": "filename kind sha256", "bank_return": "code", "run_finding": "about what",
    "change_request": "was sealed", "contacts_form": "token_hash", "detail_change": "field was became",
    "invitation": "problem", "paper_scan": "kind sha256 filename",
    "invoice": "number waits_because", "invoice_line": "rule", "job_run": "job attempt result",
    "one_off_payment": "number",
    "paper_order": "review_reasons", "password_reset": "token_hash", "policy_setting": "name", "proposal": "title",
    "recovery_code": "code_hash", "remittance": "number bank_reference",
    "remittance_line": "source line_reference person_reference reason", "scheduled_payment": "number",
    "scheduled_payment_line": "explained rule kept_back",
    "kept_form": "page_hash digest sealed", "sent_form": "fingerprint location",
    "sign_in": "token_hash", "upload": "filename sha256 layout held_against",
    "upload_finding": "choice code sheet column value wrong remedy", "user_session": "address browser token_hash",
    "visit": "reference carer slot", "wrong_try": "email_hash place", "rate_count": "kind who",
    "ab_api_key": "scopes", "calendar_feed": "token_hash", "reminder": "about",
    # Each has a check of its own.
    "letter_wording": "name subject body", "column_match": "fingerprint name",
}  # fmt: skip


def test_every_column_that_people_type_has_a_length() -> None:
    for table in metadata.sorted_tables:
        unlimited = {
            column.name
            for column in table.columns
            if isinstance(column.type, String) and not isinstance(column.type, Enum) and column.type.length is None
        }
        known = {*FIELDS.get(table.name, {}), *NOT_TYPED.get(table.name, "").split()}
        assert unlimited == known, table.name


@pytest.mark.parametrize("reference", ["org-0001", "ORG -0001", "ORG-0001 "])
def test_two_references_do_not_differ_by_case_or_blanks_alone(world: World, reference: str) -> None:
    world.organisation(reference="ORG-0001")
    with pytest.raises(IntegrityError, match=r"uq_organisation_reference_alike|ck_organisation_reference_plain"):
        world.organisation("Other Ltd", reference=reference)


def test_a_reference_is_no_formula_and_no_name_is_endless(world: World) -> None:
    with pytest.raises(IntegrityError, match="ck_person_reference_plain"):
        world.person("=1+1")
    db.session.rollback()
    with pytest.raises(IntegrityError, match="ck_element_name_length"):
        world._keep(Element(name="x" * 3_000))


def switch_off(officer: PortalUser) -> None:
    db.session.execute(update(PortalUser).where(PortalUser.id == officer.id).values(active=False))
    db.session.commit()


def test_the_last_administrator_stays(world: World) -> None:
    first, second = world.officer("Administrator"), world.officer("Administrator")
    switch_off(world.officer("Auditor"))
    switch_off(first)
    with pytest.raises(IntegrityError, match="nobody would be left"):
        switch_off(second)
    db.session.rollback()
    second.roles = [db.session.scalars(select(Role).where(Role.name == "Auditor")).one()]
    with pytest.raises(IntegrityError, match="nobody would be left"):
        db.session.commit()
    db.session.rollback()
    first.active = True
    second.active = False  # in one transaction, in any order
    db.session.commit()


def test_a_contact_who_has_signed_in_is_not_deleted(world: World) -> None:
    organisation = world.organisation()
    never, once = world.contact(organisation), world.contact(organisation)
    assert once.user
    once.user.last_login = now().replace(tzinfo=None)
    db.session.commit()
    db.session.delete(never)
    db.session.commit()
    db.session.delete(once)
    with pytest.raises(IntegrityError, match="ended, never deleted"):
        db.session.commit()
    db.session.rollback()
    assert db.session.scalars(select(Contact)).one() == once


@pytest.fixture
def older_database() -> Iterator[str]:
    """The owner's address of a database as it was before these rules."""
    database.start(durable=False)
    name = f"before_record_rules_{os.getpid()}"
    database.drop_database(name)
    owner = database.create_database(name).owner
    before = migrations.configuration(owner)
    command.upgrade(before, "0014-1")
    yield owner
    database.drop_database(name)


def test_what_is_against_the_rules_already_stops_the_migration_and_is_named(older_database: str) -> None:
    engine = create_engine(older_database)
    with engine.begin() as connection:
        for reference in ("A-1", "a-1", "=1+1"):
            connection.execute(
                text(
                    "INSERT INTO organisation (reference, name, sector_id, state)"
                    " SELECT :reference, 'A', id, 'live' FROM sector LIMIT 1"
                ),
                {"reference": reference},
            )
    engine.dispose()
    with pytest.raises(RuntimeError) as stopped:
        command.upgrade(migrations.configuration(older_database), "0014")
    assert "organisation.reference differs only by case or blanks: A-1 and a-1." in str(stopped.value)
    assert "begins with = + - or @ in the records with these ids: 3." in str(stopped.value)
