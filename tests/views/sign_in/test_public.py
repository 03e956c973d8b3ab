"""Help, status, accessibility and privacy are open to everybody; addresses with a secret to whoever has it."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from models import Announcement, AuditEvent, CalendarFeed, Contact, db
from rules.mail_states import MailChoice
from rules.states import PaymentMethod
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from views.sign_in.guides import GUIDES
from workflows.mail.digest import unsubscribe_address
from workflows.organisations import calendar

PAGES = ("/help", "/status", "/accessibility", "/privacy", *(f"/help/{slug}" for slug in GUIDES))


def test_every_page_opens_without_signing_in_and_is_linked_at_the_foot(world: World, browser: Browser) -> None:
    for path in PAGES:
        assert browser.get(path, follow=False).status_code == 200, path
    for page in (browser.get("/sign-in").text, browser.get("/help/nothing-of-the-kind").text):
        foot = page[page.index('<footer class="foot"') :]
        assert all(f'href="{path}"' in foot for path in ("/help", "/status", "/accessibility", "/privacy"))


def test_the_accessibility_page_says_of_pdfs_what_the_tests_of_pdfs_find(browser: Browser, world: World) -> None:
    page = browser.get("/accessibility").text
    assert "PDF files are tagged for screen readers" in page
    assert "not tagged" not in page


def test_every_guide_is_on_the_list(world: World, browser: Browser) -> None:
    page = browser.get("/help").text
    assert all(f"/help/{slug}" in page for slug in GUIDES)
    assert "Your first invoice" in page


def _announce(**more: Any) -> None:
    db.session.add(Announcement(body="Wait.", start=date(2017, 11, 20), **more))
    db.session.commit()


def test_a_widespread_problem_stands_on_the_sign_in_page_and_on_status_and_nothing_else_does(
    world: World, browser: Browser
) -> None:
    _announce(title="Codes are late", widespread=True)
    _announce(title="Invoices are due")
    for path in ("/sign-in", "/status"):
        page = browser.get(path).text
        assert "Codes are late" in page, path
        assert "Invoices are due" not in page, path


@pytest.fixture
def contact(world: World) -> Contact:
    """A contact of an organisation that invoices, with a period."""
    organisation = world.organisation()
    world.line(organisation)
    world.period(1)
    return world.contact(organisation)


def _new_address(browser: Browser) -> str:
    page = browser.post("/e-mails/calendar").text
    found = re.search(r"/calendar/[\w-]+\.ics", page)
    assert found
    return found[0]


def test_a_calendar_is_read_by_its_secret_address_until_that_is_renewed(
    contact: Contact, browser: Browser, app: Flask
) -> None:
    browser.sign_in(contact)
    first = _new_address(browser)
    stranger = Browser(app)
    answer = stranger.get(first)
    assert answer.mimetype == "text/calendar"
    assert "SUMMARY:Last day to confirm actuals" in answer.text
    assert "SUMMARY:Care payment day" in answer.text
    assert "scheduled" not in answer.text
    second = _new_address(browser)
    assert stranger.get(first).status_code == 404
    assert stranger.get(second).status_code == 200
    assert second.split("/")[2].removesuffix(".ics") not in browser.get("/e-mails").text
    kept = db.session.scalars(select(CalendarFeed.token_hash)).one()
    assert kept not in second


def test_an_address_that_was_ended_opens_nothing_and_each_step_is_in_the_trail(
    contact: Contact, browser: Browser, app: Flask
) -> None:
    assert "End the calendar address" not in browser.sign_in(contact).get("/e-mails").text
    _new_address(browser)
    address = _new_address(browser)
    assert Browser(app).get(address).status_code == 200  # reading it is no change
    page = browser.post("/e-mails/calendar/end").text
    assert "The calendar address has ended." in page
    assert "Make a calendar address" in page
    assert Browser(app).get(address).status_code == 404
    noted = db.session.scalars(
        select(AuditEvent).where(AuditEvent.record == "calendar_feed").order_by(AuditEvent.id)
    ).all()
    assert [each.action for each in noted] == ["added", "changed", "deleted"]
    assert {(each.user_id, each.organisation_id) for each in noted} == {(contact.user_id, contact.organisation_id)}
    assert not any("token_hash" in (each.before or {}) | (each.after or {}) for each in noted)


def test_a_calendar_holds_no_person_and_no_reference(contact: Contact, browser: Browser) -> None:
    browser.sign_in(contact)
    page = browser.get(_new_address(browser)).text
    for word in ("Ada", "Bell", "P0000", "480", contact.name, contact.email):
        assert word not in page, word


def test_a_care_home_gets_the_dates_of_its_scheduled_payments(world: World, browser: Browser) -> None:
    home = world.organisation("Holt House", "Residential")
    world.line(home, payment_method=PaymentMethod.SCHEDULED)
    world.period(1)
    browser.sign_in(world.contact(home))
    page = browser.get(_new_address(browser)).text
    assert "Last day to query the scheduled payment" in page
    assert "actuals" not in page


def test_who_asks_too_often_is_told_to_wait(contact: Contact, browser: Browser, app: Flask) -> None:
    address = _new_address(browser.sign_in(contact))
    stranger = Browser(app)
    found = [stranger.get(address).status_code for _ in range(calendar.MOST_READS + 1)]
    assert found == [200] * calendar.MOST_READS + [429]


def test_a_digest_is_stopped_by_its_signed_address_and_by_no_other(
    contact: Contact, browser: Browser, app: Flask
) -> None:
    contact.mail = MailChoice.DAILY
    db.session.commit()
    address = unsubscribe_address(contact.id, contact.organisation_id).removeprefix(app.config["PORTAL_ADDRESS"])
    assert "Stop these e-mails" in browser.get(address).text
    assert contact.mail is MailChoice.DAILY
    assert browser.post(f"{address}x").status_code == 404
    app.config["WTF_CSRF_ENABLED"] = True  # a mailbox sends the form by itself, without a token of ours
    try:
        assert browser.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert db.session.scalar(select(Contact.mail)) is MailChoice.NONE
