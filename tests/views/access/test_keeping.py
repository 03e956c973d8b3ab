"""A form that cannot be saved is kept: its sender finds everything in it again, and nobody else finds anything."""

from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import PROJECT
from models import Contact, Conversation, KeptForm, db
from tests.support.pages.browser import Browser
from tests.support.pages.typed import idle_out, opened, sign_in_by_form, token_on
from tests.support.worlds.go_live import link_of, provider
from tests.support.worlds.people import DIGITS, PASSWORD, regular
from tests.support.worlds.world import World
from workflows.access.forms import kept as kept_forms
from workflows.clock import now

EMAIL = "manager@fenland.example"
PAGE = "/conversations/start?subject=Hours+in+May"
TYPED = {"team": "", "subject": "Hours", "about": "", "message": "Six hours\n& “more” <b>"}
AGAIN = "What you typed before is in the form again"


@pytest.fixture
def person(world: World) -> Contact:
    """Somebody who is a contact of one organisation."""
    return regular(world, email=EMAIL)


@pytest.fixture
def browser(guarded: Flask) -> Browser:
    """A client without scripts, whose forms need their token."""
    return Browser(guarded)


def shows(page: str) -> bool:
    """Whether a page has everything that was typed in its form, and says so."""
    return AGAIN in page and "Six hours\n& “more” <b>" in unescape(page) and 'value="Hours"' in page


def count(table: type = KeptForm) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_who_idled_out_signs_in_and_is_back_with_everything(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    idle_out()
    page = browser.post(PAGE, form)
    assert "What you typed is kept" in page.text
    page = sign_in_by_form(browser, page, EMAIL, PASSWORD, DIGITS)
    assert f"{page.request.path}?{page.request.query_string.decode()}" == PAGE
    assert shows(page.text)
    assert count(Conversation) == 0, "nothing is sent without its sender"


def test_who_signed_out_in_another_tab_is_back_with_everything(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    browser.post("/sign-out", {"csrf_token": token_on(browser.get("/contacts"))})
    page = browser.post(PAGE, form)
    assert "You are not signed in any more" in page.text
    assert shows(sign_in_by_form(browser, page, EMAIL, PASSWORD, DIGITS).text)


@pytest.mark.parametrize(("mode", "clears"), [("navigate", True), ("cors", False), ("same-origin", False)])
def test_what_a_script_asks_on_an_old_session_leaves_the_cookie_of_a_new_one(
    person: Contact, browser: Browser, mode: str, clears: bool
) -> None:
    browser.sign_in(person).get("/contacts")
    idle_out()
    answer = browser.get("/actuals/aborted-visit/payable", headers={"Sec-Fetch-Mode": mode}, follow=False)
    assert answer.status_code == 302
    assert ("Set-Cookie" in answer.headers) == clears


def test_who_signed_in_anew_meanwhile_is_back_at_once(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    sign_in_by_form(browser.sign_in(person), browser.get("/sign-in"), EMAIL, PASSWORD, DIGITS)
    with browser.client.session_transaction() as cookie:
        cookie.pop("csrf_token", None)
    assert shows(browser.sign_in(person).post(PAGE, form).text)


def test_a_form_of_another_organisation_is_saved_in_neither_and_comes_back_in_its_own(
    person: Contact, world: World, browser: Browser
) -> None:
    other = world.contact(world.organisation("Broadland Care Ltd"), EMAIL)
    form = opened(browser.sign_in(person), PAGE, TYPED)
    choice = opened(browser, "/sign-in/organisation", {"organisation": other.id})
    browser.post("/sign-in/organisation", choice)
    page = browser.post(PAGE, form)
    assert "was opened for another organisation" in page.text
    assert count(Conversation) == 0
    assert not shows(browser.get(PAGE).text)
    assert "Choose Fenland Homecare Ltd to go on with it" in browser.get("/").text
    choice = opened(browser, "/sign-in/organisation", {"organisation": person.id})
    assert shows(browser.post("/sign-in/organisation", choice).text)


def test_another_person_gets_nothing_of_it_and_its_own_person_is_told(
    person: Contact, world: World, browser: Browser
) -> None:
    colleague = world.contact(person.organisation, "colleague@fenland.example")
    form = opened(browser.sign_in(person), PAGE, TYPED)
    browser.sign_in(colleague)
    with browser.client.session_transaction() as cookie:
        cookie.pop("csrf_token", None)
    page = browser.post(PAGE, form)
    assert "was opened by somebody else" in page.text
    for path in (PAGE, "/"):
        assert "Six hours" not in browser.get(path).text
        assert "could not be saved" not in browser.get(path).text
    browser.sign_in(person)
    assert "Something you typed at" in browser.get("/").text
    assert shows(browser.get(PAGE).text)


def test_it_is_gone_once_it_was_sent(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    idle_out()
    browser.post(PAGE, form)
    page = browser.sign_in(person).get(PAGE)
    assert shows(page.text)
    assert shows(browser.get(PAGE).text), "until it is sent it stays"
    assert browser.post(PAGE, {**TYPED, "csrf_token": token_on(page)}).status_code == 422
    assert count() == 0
    assert AGAIN not in browser.get(PAGE).text


def test_it_is_forgotten_where_that_is_asked(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    idle_out()
    browser.post(PAGE, form)
    page = browser.sign_in(person).get(PAGE)
    afresh = page.text.split("/start-afresh")[1].split('value="')[1].split('"')[0]
    page = browser.post("/start-afresh", {"csrf_token": afresh})
    assert page.request.path == "/conversations/start"
    assert "Six hours" not in page.text
    assert count() == 0


def test_it_is_gone_after_a_day(person: Contact, browser: Browser) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED)
    idle_out()
    browser.post(PAGE, form)
    db.session.execute(update(KeptForm).values(kept_at=now() - timedelta(days=1, minutes=1)))
    db.session.commit()
    assert AGAIN not in browser.sign_in(person).get(PAGE).text
    assert kept_forms.forget_old() == 1
    assert count() == 0


def test_the_same_form_is_kept_once_and_what_is_kept_says_nothing_to_a_reader(
    person: Contact, browser: Browser
) -> None:
    form = opened(browser.sign_in(person), PAGE, TYPED | {"password": "three small words", "security_code": "246810"})
    idle_out()
    for _ in range(3):
        browser.post(PAGE, form)
    (kept,) = db.session.scalars(select(KeptForm)).all()
    assert "Hours" not in kept.sealed
    found = kept_forms.kept_of(person.user_id or 0)[0]
    assert {name for name, _ in found.fields} == set(TYPED), "passwords and codes are not kept"


@pytest.mark.parametrize("token", ["", "x", "x.y", "a.1.b", "a.1.WyJ4Il0.aaaa.bbbb"])
def test_a_token_that_is_none_of_ours_keeps_nothing(person: Contact, browser: Browser, token: str) -> None:
    page = browser.post(PAGE, {**TYPED, "csrf_token": token})
    assert "Sign in" in page.text
    assert browser.sign_in(person).post(PAGE, {**TYPED, "csrf_token": token}).status_code == 400
    assert count() == 0


def test_a_contacts_form_whose_session_is_gone_comes_back_to_whoever_has_its_link(
    world: World, browser: Browser
) -> None:
    path = f"/contacts-form/{link_of(provider(world, 'Beech Court'))}"
    form = opened(browser, path, {"payments_name": "Paula Hurn", "payments_job": "Owner"})
    browser.client.delete_cookie("portal")
    page = browser.post(path, form)
    assert AGAIN in page.text
    assert 'value="Paula Hurn"' in page.text
    assert browser.post(path, form | {"csrf_token": token_on(page)}).status_code == 422
    assert count() == 0


def test_no_page_blames_the_browser_for_what_the_portal_did() -> None:
    pages = [path.name for path in (PROJECT / "templates").rglob("*.html") if "cookie" in path.read_text().lower()]
    # It says which cookies there are.
    assert pages == ["privacy.html"]


def test_a_page_that_cannot_be_gone_on_from_says_why_and_leads_to_itself(world: World, browser: Browser) -> None:
    form = opened(browser, "/sign-in", {"email": "a@b.example", "password": "x"})
    browser.client.delete_cookie("portal")
    page = browser.post("/sign-in", form)
    assert page.status_code == 400
    assert "was opened before somebody signed in or out here" in page.text
    assert 'href="/sign-in">Open the page again' in page.text
    assert count() == 0
