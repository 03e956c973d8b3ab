"""Procurement looks after a contact by the same rules as the contact's own organisation."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from models import Contact, Invitation, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.pages.live import Live, follow
from tests.support.worlds.world import World
from workflows.organisations.contacts import fingerprint

ROLES = ["Administrator", "Payments officer", "Payments approver", "Service Brokerage", "Auditor"]


@pytest.fixture
def contact(world: World) -> Contact:
    return world.contact(world.organisation(), "mary@provider.example")


@pytest.fixture
def procurement(world: World, browser: Browser) -> Browser:
    return browser.sign_in(world.officer("Procurement"))


def path_of(contact: Contact) -> str:
    return f"/staff/contacts/{contact.id}"


def form(**changes: object) -> dict[str, object]:
    """What a browser sends for a contact who is changed."""
    return {
        "name": "Mary Lane", "job": "Registered manager", "phone": "", "start": "16/10/2017", "end": "",
        "functions": ["Contract documents", "Invoices and payments"],
    } | changes  # fmt: skip


def stored(contact: Contact) -> Contact:
    query = select(Contact).where(Contact.id == contact.id).execution_options(populate_existing=True)
    found: Contact = db.session.scalars(query).one()
    return found


def test_a_contact_is_changed_and_limited(procurement: Browser, contact: Contact) -> None:
    assert procurement.get(path_of(contact)).status_code == 200
    page = procurement.post(path_of(contact), form(end="31/12/2017", known="y", seen=fingerprint(contact)))
    assert page.status_code == 200
    assert "The details of Mary Lane have been saved." in page.text
    kept = stored(contact)
    assert (kept.name, kept.may_payments, kept.may_actuals, kept.end) == ("Mary Lane", True, False, date(2017, 12, 31))


def test_a_refused_form_keeps_what_was_typed(procurement: Browser, contact: Contact) -> None:
    wrong = form(name="", job="Night manager", start="soon", functions=[], seen=fingerprint(contact))
    page = procurement.post(path_of(contact), wrong)
    assert page.status_code == 422
    for words in ("Enter the name of the contact.", "“soon” is not a date.", 'value="Night manager"', 'value="soon"'):
        assert words in page.text, words
    assert stored(contact).job == ""


def test_a_contact_is_added_from_an_organisation_and_invited(procurement: Browser, contact: Contact) -> None:
    organisation = contact.organisation
    form_page = procurement.get(f"/admin/contacts/add?_flt_0_organisation={organisation.id}")
    assert form_page.request.path == "/staff/contacts/new"
    assert "Fenland Homecare Ltd" in form_page.text
    path = f"/staff/contacts/new?organisation={organisation.id}"
    page = procurement.post(path, form(name="", email="josef@provider.example", job="Night manager"))
    assert page.status_code == 422
    assert 'value="Night manager"' in page.text
    page = procurement.post(path, form(name="Josef Nowak", email="josef@provider.example"))
    assert "Josef Nowak has been added. An e-mail to josef@provider.example says how to sign in" in page.text
    added = db.session.scalars(select(Contact.id).where(Contact.email == "josef@provider.example")).one()
    assert db.session.scalars(select(Invitation.contact_id)).all() == [added]
    for unknown in ("", "x", "999"):
        assert procurement.get(f"/staff/contacts/new?organisation={unknown}").status_code == 404


def test_the_last_contact_for_isos_is_not_ended_unknowingly(app: Flask, procurement: Browser, contact: Contact) -> None:
    theirs = Browser(app).sign_in(contact)
    path = f"{path_of(contact)}/end-access"
    lost = f"{contact.name} is the last contact of Fenland Homecare Ltd for contract documents (ISOs)"
    assert lost in procurement.get(path).text
    assert procurement.post(path).status_code == 422
    assert theirs.get("/").status_code == 200
    assert f"The access of {contact} has ended." in procurement.post(path, {"known": "y"}).text
    assert "Your access has ended." in theirs.get("/").text


def test_the_record_leads_to_the_form_and_to_the_end(procurement: Browser, contact: Contact) -> None:
    answer = procurement.get(f"/admin/contacts/edit/{contact.id}")
    assert (answer.status_code, answer.request.path) == (200, path_of(contact))
    answer = procurement.post(f"/admin/contacts/action/end_access/{contact.id}")
    assert answer.request.path == f"{path_of(contact)}/end-access"


@pytest.mark.parametrize("role", ROLES)
def test_only_procurement_changes_contacts(world: World, browser: Browser, contact: Contact, role: str) -> None:
    browser.sign_in(world.officer(role))
    expected = 200 if role == "Administrator" else 403
    add = f"/staff/contacts/new?organisation={contact.organisation_id}"
    for path in (path_of(contact), f"{path_of(contact)}/end-access", add):
        assert browser.get(path).status_code == expected, path
    if expected == 200:
        return
    for path in (path_of(contact), f"{path_of(contact)}/end-access", add):
        assert browser.post(path, form(known="y", email="josef@provider.example")).status_code == expected, path
    assert (stored(contact).ended_at, stored(contact).name) == (None, contact.name)


def test_a_form_opened_before_somebody_else_saved_is_refused_and_keeps_what_was_typed(
    procurement: Browser, contact: Contact
) -> None:
    mine, theirs = (form_on(procurement.get(path_of(contact))) for _ in range(2))
    assert "have been saved." in procurement.post(path_of(contact), theirs | {"name": "Written-by-Ben"}).text
    refused = procurement.post(path_of(contact), mine | {"name": "Written-by-Ann"})
    assert refused.status_code == 422
    assert "Name is now “Written-by-Ben”." in refused.text
    assert stored(contact).name == "Written-by-Ben"
    again = form_on(refused)
    assert again["name"] == "Written-by-Ann"
    assert "The details of Written-by-Ann have been saved." in procurement.post(path_of(contact), again).text


def test_a_contact_that_is_not_there_is_not_found(procurement: Browser) -> None:
    for path in ("/staff/contacts/999", "/staff/contacts/999/end-access"):
        assert procurement.get(path).status_code == 404
        assert procurement.post(path, form()).status_code == 404


def test_a_form_without_its_token_changes_nothing(app: Flask, procurement: Browser, contact: Contact) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        procurement.post(path_of(contact), form(known="y"))
        procurement.post(f"{path_of(contact)}/end-access", {"known": "y"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert (stored(contact).ended_at, stored(contact).name) == (None, contact.name)


@pytest.mark.parametrize("width", [1280, 375])
def test_ending_a_contact_in_a_browser(live: Live, world: World, contact: Contact, width: int) -> None:
    live.sign_in(world.officer("Procurement")).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(path_of(contact))
    check_accessible(page)
    follow(page.get_by_role("button", name="End access"))
    check_accessible(page)
    page.get_by_label("I know this and want to end the access").check()
    page.get_by_role("button", name="End access").click()
    page.get_by_text("has ended.").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
