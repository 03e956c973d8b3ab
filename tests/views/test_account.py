"""Everybody sees where they are signed in, and ends what they do not know."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from models import AuditEvent, Contact, PortalUser, UserSession, db
from tests.support.pages.browser import Browser
from tests.support.worlds.people import PASSWORD, give_code, give_password, officer, regular
from tests.support.worlds.world import World

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0"
Person = Contact | PortalUser


@pytest.fixture(params=[regular, officer])
def person(world: World, request: pytest.FixtureRequest) -> Person:
    """Somebody who can sign in: a manager, and an officer."""
    found: Person = request.param(world)
    return found


def signed_in(app: Flask, person: Person) -> Browser:
    """A browser more in which a person is signed in."""
    return Browser(app).sign_in(person)


def stays(browser: Browser) -> bool:
    return "Your account" in browser.get("/account").text


def first_session() -> int:
    first: int = db.session.scalars(select(UserSession.id).order_by(UserSession.id).limit(1)).one()
    return first


def test_a_session_is_known_by_the_browser_and_the_address_it_began_with(world: World, app: Flask) -> None:
    contact, there = regular(world), Browser(app)
    there.client.environ_base |= {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "192.0.2.7"}
    give_password(there, contact.email)
    give_code(there)
    assert "You are not signed in anywhere else." in there.get("/account").text
    here, elsewhere = signed_in(app, contact).get("/account").text.split("Elsewhere")
    assert "This one" in here
    assert "Firefox on Windows" in elsewhere
    assert "From network address 192.0.2.7." in elsewhere
    assert f"For {contact.organisation.name}." in elsewhere


def test_a_session_that_is_ticked_ends_after_the_password_and_the_trail_keeps_it(app: Flask, person: Person) -> None:
    gone, other, here = (signed_in(app, person) for _ in range(3))
    first = first_session()
    wrong = here.post("/account/sessions", {"sessions": first, "password": "not it"})
    assert wrong.status_code == 422
    assert "The password is not right." in wrong.text
    assert f'value="{first}" checked' in wrong.text
    assert stays(gone)
    page = here.post("/account/sessions", {"sessions": first, "password": PASSWORD}).text
    assert "Signed out in 1 other browser." in page
    assert [stays(each) for each in (gone, other, here)] == [False, True, True]
    noted = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "signed out")).one()
    assert noted.why.startswith("By the person, from another browser")


def test_all_others_end_at_once_and_this_one_stays(app: Flask, person: Person) -> None:
    others = [signed_in(app, person) for _ in range(2)]
    page = signed_in(app, person).post("/account/sessions", {"others": "y", "password": PASSWORD}).text
    assert "Signed out in 2 other browsers." in page
    assert "You are not signed in anywhere else." in page
    assert [stays(each) for each in others] == [False, False]


def test_nothing_ticked_is_said_and_ends_nothing(app: Flask, person: Person) -> None:
    other, here = signed_in(app, person), signed_in(app, person)
    for ticked in ("", "x", "9" * 30):
        page = here.post("/account/sessions", {"sessions": ticked, "password": PASSWORD})
        assert page.status_code == 422
        assert "Choose what to sign out." in page.text
    assert stays(other)


def test_nobody_ends_this_session_or_that_of_somebody_else_there(world: World, app: Flask) -> None:
    contact = regular(world)
    theirs, here = signed_in(app, officer(world)), signed_in(app, contact)
    ids = db.session.scalars(select(UserSession.id)).all()
    page = here.post("/account/sessions", {"sessions": ids, "password": PASSWORD})
    assert "Signed out in 0 other browsers." in page.text
    here.post("/account/sessions", {"others": "y", "password": PASSWORD})
    assert stays(theirs)
    assert stays(here)


def test_a_session_that_is_over_is_not_listed(app: Flask, person: Person) -> None:
    signed_in(app, person)
    db.session.execute(update(UserSession).values(last_seen_at="2016-01-01"))
    db.session.commit()
    assert "You are not signed in anywhere else." in signed_in(app, person).get("/account").text
