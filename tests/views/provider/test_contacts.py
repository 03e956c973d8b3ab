"""A provider looks after its contacts: who may use what, for which services, until when; and looks them through."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from models import (
    AbsenceClaim,
    Actual,
    Contact,
    ContactService,
    ContractDocument,
    Invitation,
    LineItem,
    PortalUser,
    Service,
    acting_for,
    db,
    limit_to_services,
    say_who,
)
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.queries import Queries
from tests.support.worlds.claims import make
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.access import sessions
from workflows.organisations.contacts import fingerprint
from workflows.uploads import steps

ADDRESS = "/contacts"
NEW = f"{ADDRESS}/new"
LAST = "is the last contact of Fenland Homecare Ltd for payments"


def form(**changes: Any) -> dict[str, Any]:
    """What a browser sends for a new contact."""
    return {
        "name": "Josef Nowak", "job": "Co-ordinator", "email": "Josef@provider.example", "phone": "01603 495702",
        "functions": ["Actuals"], "start": "20/11/2017", "end": "",
    } | changes  # fmt: skip


def stored(email: str) -> Contact | None:
    query = select(Contact).where(Contact.email == email).execution_options(populate_existing=True)
    found: Contact | None = db.session.scalars(query).first()
    return found


def other_service(contact: Contact) -> Service:
    service = Service(name="Swaffham branch", organisation_id=contact.organisation_id)
    db.session.add(service)
    db.session.commit()
    return service


def colleague(world: World, contact: Contact, email: str = "jo@provider.example", **functions: bool) -> Contact:
    return world.contact(contact.organisation, email, **(functions or {"may_actuals": True}))


def test_the_list_says_what_each_may_do_and_when_they_were_last_here(
    provider: Browser, contact: Contact, world: World
) -> None:
    colleague(world, contact)
    page = provider.get(ADDRESS).text
    for words in (contact.name, "All", "jo@provider.example", "Actuals", "Has access", "Not yet", "Add a contact"):
        assert words in page, words


def test_a_contact_who_is_added_is_invited_and_listed(provider: Browser) -> None:
    page = provider.post(NEW, form())
    said = "Josef Nowak has been added. An e-mail to josef@provider.example says how to sign in, within 7 days."
    assert said in page.text
    added = stored("josef@provider.example")
    assert added
    assert (added.may_actuals, added.may_payments, added.start) == (True, False, date(2017, 11, 20))
    assert db.session.scalars(select(Invitation.contact_id)).all() == [added.id]


def test_a_refused_form_says_everything_at_once_and_keeps_what_was_typed(provider: Browser) -> None:
    wrong = form(name="", email="not-an-email", phone="12", functions=[], start="soon", job="Night manager")
    page = provider.post(NEW, wrong)
    assert page.status_code == 422
    for words in (
        "Enter the name of the contact.", "“soon” is not a date.", "Choose at least one function.",
        'value="not-an-email"', 'value="12"', 'value="soon"', 'value="Night manager"',
    ):  # fmt: skip
        assert words in page.text, words
    assert stored("not-an-email") is None


def test_an_address_that_is_a_contact_already_is_refused_with_whose_it_is(provider: Browser, contact: Contact) -> None:
    page = provider.post(NEW, form(email=contact.email))
    assert page.status_code == 422
    assert f"{contact.name} has this address already." in page.text
    assert 'value="Josef Nowak"' in page.text


def test_the_last_contact_for_payments_cannot_be_ended_unknowingly(provider: Browser, contact: Contact) -> None:
    path = f"{ADDRESS}/{contact.id}/end-access"
    page = provider.get(path).text
    assert LAST in page
    assert "This is your own access." in page
    assert provider.post(path).status_code == 422
    assert LAST in provider.get(path).text
    page = provider.post(path, {"known": "y"}).text
    assert "Your access has ended." in page
    kept = stored(contact.email)
    assert kept
    assert kept.ended_at is not None


def test_taking_the_last_function_from_a_form_asks_too_and_keeps_the_rest(provider: Browser, contact: Contact) -> None:
    sent = form(name="Mary Lane", functions=["Contract documents"], start="16/10/2017", seen=fingerprint(contact))
    page = provider.post(f"{ADDRESS}/{contact.id}", sent)
    assert page.status_code == 422
    assert LAST in page.text
    assert "I know this and want it" in page.text
    assert 'value="Mary Lane"' in page.text
    after = provider.post(f"{ADDRESS}/{contact.id}", sent | {"known": "y"})
    # Who no longer looks after contacts is led to the main menu, not to a page that is closed to them.
    assert (after.status_code, after.request.path) == (200, "/")
    kept = stored(contact.email)
    assert kept
    assert (kept.name, kept.may_payments) == ("Mary Lane", False)


def test_ending_access_ends_it_on_the_next_click(app: Flask, provider: Browser, contact: Contact, world: World) -> None:
    jo = colleague(world, contact)
    theirs = Browser(app).sign_in(jo)
    assert theirs.get("/actuals").status_code == 200
    page = provider.post(f"{ADDRESS}/{jo.id}/end-access")
    assert f"The access of {jo} has ended." in page.text
    assert "Your access has ended." in theirs.get("/actuals").text
    assert f"by {contact.user}" in provider.get(ADDRESS).text


def test_contacts_are_checked_every_quarter(provider: Browser, contact: Contact, world: World) -> None:
    assert "Are these still right?" not in provider.get(ADDRESS).text
    world.app.config["PORTAL_TODAY"] = "2018-01-15"
    assert "Check contacts" in provider.get("/").text
    assert "Are these still right?" in provider.get(ADDRESS).text
    page = provider.post(f"{ADDRESS}/review").text
    assert "you checked your contacts today" in page
    assert "Are these still right?" not in page
    assert "Check contacts" not in provider.get("/").text


@pytest.mark.parametrize("path", ["", "/end-access"])
def test_a_contact_of_another_organisation_is_not_there(provider: Browser, world: World, path: str) -> None:
    other = world.contact(world.organisation("Broadland Care CIC"), "other@provider.example")
    for answer in (provider.get(f"{ADDRESS}/{other.id}{path}"), provider.post(f"{ADDRESS}/{other.id}{path}", form())):
        assert answer.status_code == 404
    kept = stored(other.email)
    assert kept
    assert (kept.name, kept.ended_at) == (other.name, None)


def test_a_service_of_another_organisation_is_not_one_to_choose(provider: Browser, world: World) -> None:
    theirs = world.organisation("Broadland Care CIC").services[0]
    assert provider.post(NEW, form(services=[str(theirs.id)])).status_code == 404
    assert stored("josef@provider.example") is None


def test_who_does_not_look_after_contacts_gets_in_to_none_of_it(app: Flask, contact: Contact, world: World) -> None:
    jo = colleague(world, contact)
    browser = Browser(app).sign_in(jo)
    for path in (ADDRESS, NEW, f"{ADDRESS}/{contact.id}", f"{ADDRESS}/{contact.id}/end-access"):
        assert browser.get(path).status_code == 403, path
    for path in (f"{ADDRESS}/review", NEW, f"{ADDRESS}/{contact.id}", f"{ADDRESS}/{contact.id}/end-access"):
        assert browser.post(path, form() | {"known": "y"}).status_code == 403, path
    assert stored("josef@provider.example") is None


def test_a_form_without_its_token_changes_nothing(app: Flask, provider: Browser, contact: Contact) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        for path in (NEW, f"{ADDRESS}/{contact.id}", f"{ADDRESS}/{contact.id}/end-access"):
            provider.post(path, form() | {"known": "y"})
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    kept = stored(contact.email)
    assert kept
    assert (kept.name, kept.ended_at, stored("josef@provider.example")) == (contact.name, None, None)


class Limited:
    """A colleague for the branch alone, with a line there and one elsewhere."""

    def __init__(self, world: World, contact: Contact) -> None:
        self.own, self.other = world.line(contact.organisation), world.line(contact.organisation)
        elsewhere = other_service(contact)
        world.confirmed()
        self.other.service_id = self.other.document.service_id = elsewhere.id
        self.who = colleague(
            world, contact, may_documents=True, may_actuals=True, may_organisation=True, may_conversations=True
        )
        self.who.limits = [
            ContactService(organisation_id=contact.organisation_id, service_id=contact.organisation.services[0].id)
        ]
        db.session.commit()


@pytest.fixture
def limited(world: World, contact: Contact) -> Limited:
    return Limited(world, contact)


def test_a_contact_limited_to_a_service_sees_its_lines_and_documents_alone(app: Flask, limited: Limited) -> None:
    browser = Browser(app).sign_in(limited.who)
    for path in ("/line-items", "/contract-documents", "/actuals?week=2017-11-06"):
        page = browser.get(path).text
        assert limited.own.person.reference in page, path
        assert limited.other.person.reference not in page, path
    assert browser.get(f"/line-items/{limited.own.id}").status_code == 200
    assert browser.get(f"/line-items/{limited.other.id}").status_code == 404
    assert browser.get(f"/contract-documents/{limited.other.document_id}").status_code == 404
    assert 'href="/contract-documents?status=published">Contract documents <span class="count">1</span>' in (
        browser.get("/").text
    )


def test_a_colleague_without_a_limit_sees_both(provider: Browser, limited: Limited) -> None:
    page = provider.get("/line-items").text
    assert limited.own.person.reference in page
    assert limited.other.person.reference in page


def test_who_is_limited_ends_the_access_of_nobody_with_more_services(
    app: Flask, limited: Limited, contact: Contact
) -> None:
    page = Browser(app).sign_in(limited.who).post(f"{ADDRESS}/{contact.id}/end-access", {"known": "y"})
    assert page.status_code == 422
    assert f"{contact.name} has access to services that you have no access to." in page.text
    assert (ended := stored(contact.email))
    assert ended.ended_at is None


def test_below_the_orm_a_limited_session_finds_nothing_of_other_services(limited: Limited) -> None:
    user = limited.who.user
    assert user
    for line in (limited.own, limited.other):
        week(line, OCT_16)
        make(line, user)
    own_line, own_document = limited.own.id, limited.own.document_id
    with acting_for(limited.who.organisation_id):
        limit_to_services([limited.own.service_id])
        found = {
            "lines": db.session.scalars(select(LineItem.id)).all(),
            "documents": db.session.scalars(select(ContractDocument.id)).all(),
            "weeks": db.session.scalars(select(Actual.line_item_id)).all(),
            "claims": db.session.scalars(select(AbsenceClaim.line_item_id)).all(),
        }
        limit_to_services([])
    assert found == {
        "lines": [own_line], "documents": [own_document], "weeks": [own_line], "claims": [own_line],
    }  # fmt: skip


def test_the_worker_reads_a_file_with_the_eyes_of_who_gave_it(limited: Limited) -> None:
    user: PortalUser | None = limited.who.user
    with acting_for(limited.who.organisation_id):
        file = steps.store_upload("week.csv", b"CPLI\n1", user, limited.who.organisation_id)
        try:
            sessions.act_as(file.given_by_id)
            assert db.session.scalars(select(LineItem.id)).all() == [limited.own.id]
            assert steps.find_upload(file.id).id == file.id
        finally:
            limit_to_services([])
            say_who(None, "")


def test_the_list_takes_as_many_queries_for_many_contacts_as_for_one(
    provider: Browser, contact: Contact, world: World
) -> None:
    counts = []
    for name in "ab":
        for number in range(3):
            colleague(world, contact, f"{name}{number}@provider.example")
        with Queries() as queries:
            assert provider.get(ADDRESS).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_adding_and_ending_a_contact_in_a_browser(live: Live, contact: Contact, world: World, width: int) -> None:
    other_service(contact)
    live.sign_in(contact).page.set_viewport_size({"width": width, "height": 900})
    page = live.open(NEW)
    check_accessible(page)
    page.get_by_label("Name", exact=True).fill("Josef Nowak")
    page.get_by_label("E-mail").fill("josef@provider.example")
    page.get_by_label("Actuals", exact=True).check()
    page.get_by_label("Swaffham branch").check()
    page.get_by_role("button", name="Add and invite").click()
    follow(page.get_by_role("link", name="Josef Nowak"))
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    follow(page.get_by_role("button", name="End access"))
    check_accessible(page)
    page.get_by_role("button", name="End access").click()
    page.get_by_text("The access of Josef Nowak has ended.").wait_for()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_who_is_limited_gives_nobody_more_services_than_they_have(
    app: Flask, provider: Browser, contact: Contact, limited: Limited
) -> None:
    browser, own, other = Browser(app).sign_in(limited.who), limited.own.service_id, limited.other.service_id
    page = browser.get(NEW).text
    assert re.search(rf'value="{own}"[^>]* checked', page)
    for services in ([], [str(other)], [str(own), str(other)]):
        refused = browser.post(NEW, form(services=services))
        assert refused.status_code == 422, services
        assert "Your access is limited to some services, so you give access to these alone." in refused.text
    assert stored("josef@provider.example") is None
    assert "has been added" in browser.post(NEW, form(services=[str(own)])).text


def test_who_is_limited_takes_no_limit_away_and_changes_nobody_with_more(
    app: Flask, contact: Contact, limited: Limited
) -> None:
    browser, own = Browser(app).sign_in(limited.who), str(limited.own.service_id)
    seen = fingerprint(limited.who)
    mine = form(name="Jo", functions=["Contacts and organisation"], services=[], seen=seen)
    assert browser.post(f"{ADDRESS}/{limited.who.id}", mine).status_code == 422
    page = browser.post(f"{ADDRESS}/{contact.id}", form(services=[own]))
    assert page.status_code == 422
    assert "has access to services that you have no access to. Ask a colleague" in page.text
    db.session.expire_all()
    assert [limit.service_id for limit in limited.who.limits] == [limited.own.service_id]
    assert contact.limits == []
    assert browser.post(f"{ADDRESS}/{limited.who.id}", mine | {"services": [own]}).status_code == 200


def test_what_was_done_has_the_focus_so_that_it_is_read_out(contact: Contact, live: Live) -> None:
    page = live.sign_in(contact).open(NEW)
    page.get_by_label("Name", exact=True).fill("Josef Nowak")
    page.get_by_label("E-mail").fill("josef@provider.example")
    page.get_by_label("Actuals").check()
    follow(page.get_by_role("button", name="Add and invite"))
    said = page.get_by_role("alert").filter(has_text="Josef Nowak has been added.")
    expect(said).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Add a contact")).to_be_focused()
