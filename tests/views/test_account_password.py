"""Everybody changes their own password while signed in; the trail knows of every password that changed, and none."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from models import AuditEvent, Contact, Email, PortalUser, db
from tests.support.pages.browser import Browser
from tests.support.worlds.people import GIVEN, PASSWORD, give_password, newcomer, officer, regular
from tests.support.worlds.world import World

NEW = "correct horse portal"
FORM = {"present_password": PASSWORD, "new_password": NEW, "new_password_again": NEW}
Person = Contact | PortalUser


@pytest.fixture(params=[regular, officer])
def person(world: World, request: pytest.FixtureRequest) -> Person:
    """Somebody who can sign in: a manager, and an officer."""
    found: Person = request.param(world)
    return found


def changed() -> list[AuditEvent]:
    """What the trail says of passwords, in order: of the fixtures nothing, which the council's login writes."""
    found = select(AuditEvent).where(AuditEvent.action == "password changed", AuditEvent.why != "")
    return list(db.session.scalars(found.order_by(AuditEvent.id)))


def test_a_new_password_is_taken_and_ends_every_other_session(app: Flask, person: Person) -> None:
    elsewhere, here = Browser(app).sign_in(person), Browser(app).sign_in(person)
    assert 'href="/account/password"' in here.get("/account").text
    page = here.post("/account/password", FORM)
    assert "Your password has been changed." in page.text
    assert "You are not signed in anywhere else." in page.text
    assert "Your account" not in elsewhere.get("/account").text
    assert "not right" in give_password(Browser(app), person.email).text
    assert "Enter your security code" in give_password(Browser(app), person.email, NEW).text


def test_its_owner_is_told_and_the_trail_says_who_changed_it_and_nothing_of_it(app: Flask, person: Person) -> None:
    user_id = person.user_id if isinstance(person, Contact) else person.id
    Browser(app).sign_in(person).post("/account/password", FORM)
    letter = db.session.scalars(select(Email)).one()
    assert (letter.recipient, letter.subject) == (person.email, "Your password for the provider portal was changed")
    [event] = changed()
    assert (event.record, event.record_id, event.user_id) == ("ab_user", user_id, user_id)
    assert (event.why, event.before, event.after) == ("On the account page.", None, None)
    assert event.from_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("", "", "", ["Enter your password.", "Enter a new password."]),
        ("not it", "short", "short", ["The password is not right.", "at least 12 characters"]),
        (PASSWORD, NEW, "another one here", ["The two passwords are not the same."]),
        (PASSWORD, "Password1234", "Password1234", ["used by many people"]),
        (PASSWORD, PASSWORD, PASSWORD, ["different from the one you have now"]),
    ],
)
def test_what_cannot_be_taken_says_why_all_at_once(
    world: World, app: Flask, present: str, new: str, again: str, said: list[str]
) -> None:
    contact = regular(world)
    form = {"present_password": present, "new_password": new, "new_password_again": again}
    page = Browser(app).sign_in(contact).post("/account/password", form)
    assert page.status_code == 422
    assert [words for words in said if page.text.count(words) != 2] == []
    assert "Enter your security code" in give_password(Browser(app), contact.email).text
    assert changed() == []


@pytest.mark.parametrize("new", [PASSWORD, "this is not it"], ids=["as it is", "as it was typed"])
def test_nobody_learns_by_the_new_one_what_the_present_one_is(world: World, app: Flask, new: str) -> None:
    form = {"present_password": "this is not it", "new_password": new, "new_password_again": new}
    page = Browser(app).sign_in(regular(world)).post("/account/password", form)
    assert "The password is not right." in page.text
    assert "different from the one you have now" not in page.text


def test_wrong_present_passwords_lock_as_at_the_sign_in(world: World, app: Flask) -> None:
    here = Browser(app).sign_in(regular(world))
    for _ in range(5):
        page = here.post("/account/password", FORM | {"present_password": "not it"})
    assert "Too many wrong passwords or codes" in page.text
    assert "Too many wrong passwords or codes" in here.post("/account/password", FORM).text


def test_the_trail_knows_of_a_password_changed_at_the_first_sign_in(world: World, browser: Browser) -> None:
    contact = newcomer(world)
    give_password(browser, contact.email, GIVEN)
    browser.post("/sign-in/new-password", FORM)
    [event] = changed()
    assert (event.record_id, event.user_id) == (contact.user_id, contact.user_id)
    assert event.why == "Instead of the one that was given."


def test_the_trail_knows_of_a_password_changed_by_a_link(world: World, browser: Browser) -> None:
    contact = regular(world)
    browser.post("/sign-in/forgotten", {"email": contact.email})
    [link] = re.findall(r"http://\S+?(/sign-in/forgotten/\S+)", db.session.scalars(select(Email.body)).one())
    browser.post(link, FORM)
    [event] = changed()
    assert (event.record_id, event.user_id) == (contact.user_id, contact.user_id)
    assert event.why == "Through a link sent by e-mail."


def test_the_database_notes_a_password_that_is_changed_past_the_portals_pages(world: World) -> None:
    user = officer(world)
    before = len(noted())
    user.password = "x"
    db.session.commit()
    assert len(noted()) == before + 1
    user.last_name = "Other"
    db.session.commit()
    assert len(noted()) == before + 1


def noted() -> list[int]:
    return list(db.session.scalars(select(AuditEvent.id).where(AuditEvent.action == "password changed")))
