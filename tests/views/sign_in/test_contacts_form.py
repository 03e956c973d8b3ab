"""The contacts form as whoever has its link sees it, and how those named on it come to sign in."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Contact, Email, ProposedContact, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.processes.queue import work_off
from tests.support.worlds.go_live import SECTOR, link_of, opens_on, person, provider
from tests.support.worlds.people import give_password
from tests.support.worlds.world import START, World
from tests.views.sign_in.test_steps import heading

PAULA = {
    "payments_name": "Paula Hurn", "payments_email": "paula@beech.example", "payments_phone": "01603 495702",
}  # fmt: skip
BOTH = PAULA | {"documents_same": "y"}


def path_of(world: World, name: str = "Beech Court") -> str:
    return f"/contacts-form/{link_of(provider(world, name))}"


def test_nobody_has_to_sign_in_to_name_contacts(world: World, browser: Browser) -> None:
    path = path_of(world)
    page = browser.get(path)
    assert (page.status_code, heading(page.text)) == (200, "Contacts form")
    assert "joins the provider portal with its sector on 11 January 2018" in page.text
    assert heading(browser.post(path, BOTH).text) == "Thank you"
    assert heading(browser.get(path).text) == "Thank you"
    assert db.session.scalars(select(ProposedContact.name)).all() == ["Paula Hurn"]


def test_a_refused_form_shows_every_problem_and_all_that_was_typed(world: World, browser: Browser) -> None:
    path = path_of(world)
    page = browser.post(path, PAULA | {"payments_email": "paula@", "payments_phone": "12", "documents_job": "Owner"})
    assert page.status_code == 422
    for field in ("payments_email", "payments_phone", "documents_name", "documents_email", "documents_phone"):
        assert f'href="#{field}"' in page.text, field
    for typed in ("Paula Hurn", "paula@", "12", "Owner"):
        assert f'value="{typed}"' in page.text
    assert not db.session.scalars(select(ProposedContact)).all()


def test_only_the_contact_who_is_lacking_is_asked_for(world: World, browser: Browser) -> None:
    organisation = provider(world, "Dunes")
    person(organisation, may_payments=True)
    page = browser.get(f"/contacts-form/{link_of(organisation)}").text
    assert "The council has your contact for payments." in page
    assert 'name="payments_name"' not in page
    assert 'name="documents_name"' in page


@pytest.mark.parametrize("token", ["x", "%00", "a" * 3000])
def test_a_link_that_never_was_one_gets_a_calm_page(world: World, browser: Browser, token: str) -> None:
    page = browser.get(f"/contacts-form/{token}")
    assert page.status_code == 404
    if token == "x":
        assert heading(page.text) == "This link does not work"


def test_from_the_link_to_the_first_sign_in(world: World, browser: Browser) -> None:
    path = path_of(world)
    browser.post(path, BOTH)
    officer = Browser(world.app).sign_in(world.officer("Procurement"))
    [proposed] = db.session.scalars(select(ProposedContact)).all()
    officer.post("/staff/go-live/confirm", {f"decision-{proposed.id}": "confirmed"})
    contact = db.session.scalars(select(Contact)).one()
    officer.post(f"/staff/go-live/invite/{contact.organisation.sector_id}")
    work_off(world.app)
    body = db.session.scalars(select(Email.body).where(Email.recipient == "paula@beech.example")).one()
    given = re.search(r"begin with:\n(\S+)", body)
    assert given
    assert heading(give_password(browser, "paula@beech.example", given[1]).text) == "Not open to you yet"
    opens_on(SECTOR, START)
    page = give_password(browser, "paula@beech.example", given[1])
    assert heading(page.text) == "Choose a new password"


def test_the_form_in_a_browser_by_keyboard_alone(world: World, live: Live) -> None:
    page = live.open(path_of(world))
    for width in (1280, 375):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check_accessible(page)
    page.get_by_label("Name").first.focus()
    for typed in ("Paula Hurn", "Owner", "paula@beech.example", "01603 495702"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the ISOs contact is lacking
    expect(page.get_by_role("alert")).to_contain_text("Enter the name of the ISOs contact.")
    check_accessible(page)
    _tick(page, "The payments contact is the contact for ISOs too")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    check_accessible(page)


def _tick(page: Page, label: str) -> None:
    page.get_by_label(label).focus()
    page.keyboard.press("Space")
