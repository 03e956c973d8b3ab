"""One organisation's records are not there for another: on pages, in the ORM, below it, and when writing."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import ProgrammingError

from models import (
    AbortedVisit,
    AbsenceClaim,
    AbsenceReport,
    Actual,
    Attachment,
    ChangeRequest,
    ColumnMatch,
    Contact,
    ContractDocument,
    Conversation,
    Invoice,
    LineItem,
    Organisation,
    Person,
    Remittance,
    ScheduledPayment,
    Service,
    Tenanted,
    Upload,
    acting_for,
    db,
    metadata,
)
from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import START, World
from tests.views.test_routes import ask, listed

# What the parts of a provider's addresses in angle brackets name.
NAMED: dict[str, Any] = {
    "document_id": ContractDocument,
    "line_id": LineItem,
    "visit_id": AbortedVisit,
    "claim_id": AbsenceClaim,
    "invoice_id": Invoice,
    "remittance_id": Remittance,
    "upload_id": Upload,
    "match_id": ColumnMatch,
    "actual_id": Actual,
    "attachment_id": Attachment,
    "conversation_id": Conversation,
    "contact_id": Contact,
    "service_id": Service,
    "request_id": ChangeRequest,
    "payment_id": ScheduledPayment,
    "report_id": AbsenceReport,
}
MISSING = "2147483000"


def of_each_kind(address: str) -> list[str]:
    """An address of a file in each of its formats; any other alone."""
    found = re.search(r"<any\(([^)]*)\):[^>]*>", address)
    return [address.replace(found[0], kind) for kind in found[1].split(",")] if found else [address]


WITH_A_RECORD = [
    (method, address)
    for method, listed_address in listed()["provider"]
    if "<" in listed_address
    for address in of_each_kind(listed_address)
]
# What a provider's login may not even look at (test_logins): no page of theirs lists it.
NOT_THEIRS = (
    "user_session",
    "kept_form",
    "audit_event",
    "contacts_form",
    "proposed_contact",
    "proposal",
    "run_finding",
)
SOMEBODY = {"name": "Mine now", "email": "mine@provider.example", "start": START}
OWN = [table for table in metadata.sorted_tables if "organisation_id" in table.c]


@pytest.fixture
def two(world: World) -> tuple[Organisation, Organisation]:
    """Two organisations with a record of every kind each."""
    everything.build(world, world.officer("Administrator"), (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return own, other


def address_of(address: str, organisation: Organisation | None) -> str:
    """An address with the id of a record of an organisation, or of none, in it."""

    def fill(found: re.Match[str]) -> str:
        if found[1].startswith("any("):
            return found[1][4:].partition(",")[0]
        name = found[1].rpartition(":")[2]
        if name not in NAMED:
            return "1"
        if organisation is None:
            return MISSING
        model = NAMED[name]
        newest = select(func.max(model.id)).where(model.organisation_id == organisation.id)
        return str(db.session.scalars(newest).one())

    return re.sub("<([^>]*)>", fill, address)


def without_nonces(page: str) -> str:
    return re.sub(r'(nonce|value|data-idle|data-longest)="[^"]*"', "", page)


def test_a_record_of_another_organisation_answers_as_one_that_is_not_there(
    two: tuple[Organisation, Organisation], browser: Browser
) -> None:
    own, other = two
    browser.sign_in(own.contacts[0])
    for method, address in WITH_A_RECORD:
        theirs = ask(browser, method, address_of(address, other))
        nobodys = ask(browser, method, address_of(address, None))
        assert theirs.status_code == nobodys.status_code == 404, address
        assert without_nonces(theirs.text) == without_nonces(nobodys.text), address
        if method == "GET":
            assert browser.get(address_of(address, own)).status_code == 200, f"the own record is not at {address}"


def test_no_staff_page_opens_for_a_provider(two: tuple[Organisation, Organisation], browser: Browser) -> None:
    browser.sign_in(two[0].contacts[0])
    for method, address in listed()["staff"]:
        answer = ask(browser, method, re.sub("<[^>]*>", "1", address))
        assert answer.status_code in (403, 404), address


def test_below_the_orm_every_table_shows_own_rows_only(two: tuple[Organisation, Organisation], world: World) -> None:
    own = two[0]
    for table in OWN:
        others = text(f'SELECT count(*) FROM "{table.name}" WHERE organisation_id <> :own')
        there = db.session.execute(others, {"own": own.id}).scalar_one()
        if table.name in NOT_THEIRS:
            continue
        assert there, f"no row of the other in {table.name}: nothing is shown"
        with acting_for(own.id):
            assert db.session.execute(others, {"own": own.id}).scalar_one() == 0, table.name
            found = db.session.execute(select(table.c.organisation_id)).scalars().all()
            assert set(found) <= {own.id, None}, table.name


def test_the_orm_finds_own_rows_only(two: tuple[Organisation, Organisation], world: World) -> None:
    own, other = two
    theirs = db.session.scalars(select(LineItem).where(LineItem.organisation_id == other.id)).first()
    assert theirs
    with acting_for(own.id):
        assert db.session.get(LineItem, theirs.id) is None
        assert db.session.get(Organisation, other.id) is None
        assert {line.organisation_id for line in db.session.scalars(select(LineItem))} == {own.id}
        assert db.session.scalars(select(Organisation)).all() == [db.session.get(Organisation, own.id)]
        assert db.session.get(Person, theirs.person_id) is None


def test_nothing_is_written_for_another_organisation(two: tuple[Organisation, Organisation], world: World) -> None:
    own, other = two
    with acting_for(own.id):
        db.session.add(Contact(organisation_id=other.id, **SOMEBODY))
        with pytest.raises(PermissionError):
            db.session.flush()
        db.session.rollback()
        with pytest.raises(ProgrammingError, match="row-level security"):
            db.session.execute(insert(Contact.__table__).values(organisation_id=other.id, **SOMEBODY))
        db.session.rollback()
        change = text("UPDATE actual SET comment = 'x' WHERE organisation_id = :other RETURNING id")
        assert db.session.execute(change, {"other": other.id}).all() == []
        db.session.rollback()
    assert db.session.scalar(select(func.count(Actual.id)).where(Actual.comment == "x")) == 0


def test_every_table_with_an_organisation_is_filtered_by_the_session(portal: Flask) -> None:
    filtered = {each.local_table.name for each in Actual.registry.mappers if issubclass(each.class_, Tenanted)}
    council_only = {"announcement_read", "email", "audit_event", "user_session", "proposal", "run_finding"}
    council_only |= {"kept_form", "sent_form"}  # an officer's are of no organisation
    assert {table.name for table in OWN} == filtered | council_only & {table.name for table in OWN}
