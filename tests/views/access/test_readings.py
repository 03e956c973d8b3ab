"""Who read whose record, who took it away as a file, and who came in or did not: the audit trail has it all."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import (
    AbsenceClaim,
    AuditEvent,
    Contact,
    ContractDocument,
    Conversation,
    Invoice,
    LineItem,
    Organisation,
    PortalUser,
    Remittance,
    ScheduledPayment,
    db,
)
from tests.support import everything
from tests.support.browser import Browser
from tests.support.world import World
from views.access.readings import ABOUT_ONE
from workflows.hashes import hash_password

PASSWORD = "grey heron wades at noon"


@pytest.fixture
def full(world: World) -> Organisation:
    """An organisation with a record of every kind."""
    everything.build(world, world.officer("Administrator"))
    found: Organisation = db.session.scalars(select(Organisation)).one()
    return found


def newest(model: Any) -> int:
    return int(db.session.scalars(select(func.max(model.id))).one())


def noted(action: str = "read") -> list[tuple[int | None, int | None, str, str]]:
    """What was noted of people: who, of which organisation, from where, and on which page."""
    events = db.session.scalars(
        select(AuditEvent).where(AuditEvent.record == "person", AuditEvent.action == action).order_by(AuditEvent.id)
    )
    return [(each.user_id, each.organisation_id, each.from_address, (each.after or {})["page"]) for each in events]


PAGES = {
    "/line-items/{}": LineItem, "/contract-documents/{}": ContractDocument, "/remittances/{}": Remittance,
    "/invoices/{}": Invoice, "/scheduled-payments/{}": ScheduledPayment, "/absence-claims/{}": AbsenceClaim,
    "/conversations/{}": Conversation,
}  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_opening_a_record_is_noted_once_for_each_person_it_is_about(
    full: Organisation, browser: Browser, address: str
) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    page = address.format(newest(PAGES[address]))
    assert browser.sign_in(contact).get(page).status_code == 200
    assert noted() == [(contact.user_id, full.id, "127.0.0.1", page)]


def test_a_file_that_is_handed_out_is_an_export(full: Organisation, browser: Browser) -> None:
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    page = f"/remittances/{newest(Remittance)}.pdf"
    assert browser.sign_in(contact).get(page).status_code == 200
    assert noted("exported") == [(contact.user_id, full.id, "127.0.0.1", page)]


def test_a_week_of_actuals_is_one_event_a_person_all_of_one_request(world: World, browser: Browser) -> None:
    organisation = world.organisation()
    people = [world.line(organisation, person=world.person(f"P{number}")).person_id for number in (1, 2, 3)]
    assert browser.sign_in(world.contact(organisation)).get("/actuals?week=2017-11-06").status_code == 200
    events = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "read")).all()
    assert sorted(event.record_id for event in events) == people
    assert len({event.request_id for event in events}) == 1
    assert len(events[0].request_id) == 16


def test_a_page_of_another_organisation_is_neither_shown_nor_noted(world: World, browser: Browser) -> None:
    line = world.line(world.organisation("Other Ltd"))
    assert browser.sign_in(world.contact(world.organisation())).get(f"/line-items/{line.id}").status_code == 404
    assert noted() == []


def test_an_officer_who_opens_a_person_is_noted_and_a_list_that_is_exported(world: World, browser: Browser) -> None:
    person, officer = world.person(), world.officer("Service Brokerage")
    browser.sign_in(officer)
    assert browser.get(f"/admin/people/show/{person.id}").status_code == 200
    assert noted() == [(officer.id, None, "127.0.0.1", f"/admin/people/show/{person.id}")]
    assert browser.get("/admin/people/export/csv?_flt_0_reference=P").status_code == 200
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "exported")).one()
    assert (event.user_id, event.record, event.record_id) == (officer.id, "person", 0)
    assert (event.after or {})["sought"] == "_flt_0_reference=P"


def test_a_reading_is_no_change_in_the_history_of_the_person(world: World, browser: Browser) -> None:
    person = world.person()
    browser.sign_in(world.officer("Service Brokerage"))
    browser.get(f"/admin/people/show/{person.id}")
    assert "Read" not in browser.get(f"/admin/people/show/{person.id}").text.split("History")[-1]


def test_the_trail_shows_readings_and_who_signed_in(world: World, browser: Browser) -> None:
    person = world.person()
    browser.sign_in(world.officer("Administrator")).get(f"/admin/people/show/{person.id}")
    page = browser.get("/admin/audit/list/?_flt_0_action=read")
    assert (page.status_code, "Read" in page.text, person.reference in page.text) == (200, True, True)
    assert "Signed in" in browser.get("/admin/audit/list/").text


def test_signing_in_and_being_refused_are_noted_by_account_and_address(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation(), "jo@provider.example")
    user = db.session.get_one(PortalUser, contact.user_id)
    user.password = hash_password(PASSWORD)
    db.session.commit()
    for email in ("jo@provider.example", "nobody@provider.example"):
        browser.post("/sign-in", {"email": email, "password": "wrong"})
    refused = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "sign-in refused").order_by(AuditEvent.id)
    ).all()
    assert [(each.record_id, each.from_address) for each in refused] == [(user.id, "127.0.0.1"), (0, "127.0.0.1")]
    assert len((refused[1].after or {})["address"]) == 64  # a hash, not the address
    browser.sign_in(contact).post("/sign-out")
    came = db.session.execute(
        select(AuditEvent.action, AuditEvent.user_id)
        .where(AuditEvent.action.in_(["signed in", "signed out"]))
        .order_by(AuditEvent.id)
    ).all()
    assert [tuple(each) for each in came] == [("signed in", user.id), ("signed out", user.id)]


def test_every_page_that_is_noted_is_there(portal: Flask) -> None:
    rules = {rule.endpoint: rule.arguments for rule in portal.url_map.iter_rules()}
    assert {endpoint for endpoint, (_, name, _) in ABOUT_ONE.items() if name not in rules.get(endpoint, ())} == set()
