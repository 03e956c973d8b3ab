"""A new password: refused where it is weak, the end of every other session, and the way back for who forgot it."""

import re
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import func, select, update

from models import Email, PasswordReset, db
from tests.support.pages.browser import Browser
from tests.support.worlds.people import GIVEN, PASSWORD, give_code, give_password, newcomer, regular
from tests.support.worlds.world import World
from workflows.access.forgotten_password import ANSWERED_AFTER
from workflows.clock import now

NEW = {"new_password": "correct horse portal", "new_password_again": "correct horse portal"}


@pytest.mark.parametrize(
    ("new", "again", "message"),
    [
        ("", "", "Enter a new password"),
        ("too short", "too short", "at least 12 characters"),
        (GIVEN, GIVEN, "different from the one you have now"),
        ("wensum-valley-care", "wensum-valley-car", "not the same"),
        ("Password1234", "Password1234", "used by many people"),
        ("new@wensum.example", "new@wensum.example", "e-mail address"),
    ],
)
def test_a_weak_password_is_refused_at_its_field(
    world: World, browser: Browser, new: str, again: str, message: str
) -> None:
    give_password(browser, newcomer(world).email, GIVEN)
    page = browser.post("/sign-in/new-password", {"new_password": new, "new_password_again": again})
    assert page.status_code == 422
    assert page.text.count(message) == 2
    assert "wensum-valley" not in page.text


def links(browser: Browser, email: str) -> list[str]:
    """Ask for a link; every link written so far, oldest first."""
    assert "Check your e-mail" in browser.post("/sign-in/forgotten", {"email": email}).text
    bodies = db.session.scalars(select(Email.body).order_by(Email.id))
    return [re.findall(r"http://\S+?(/sign-in/forgotten/\S+)", body)[0] for body in bodies]


def test_a_forgotten_password_is_replaced_through_a_link_that_works_once(world: World, browser: Browser) -> None:
    contact = regular(world)
    [link] = links(browser, contact.email.upper())
    assert "Choose a new password" in browser.get(link).text
    assert browser.post(link, {"new_password": "short", "new_password_again": "short"}).status_code == 422
    page = browser.post(link, NEW)
    assert "Your password has been changed" in page.text
    assert browser.get(link).status_code == 404
    assert browser.post(link, NEW).status_code == 404
    assert "not right" in give_password(browser, contact.email, PASSWORD).text
    assert "Enter your security code" in give_password(browser, contact.email, NEW["new_password"]).text
    assert "Main menu" in give_code(browser).text


def test_an_address_that_nobody_has_is_answered_as_late_as_one_that_gets_a_link(world: World, browser: Browser) -> None:
    for email in (regular(world).email, "nobody@fenland.example"):
        begun = monotonic()
        browser.post("/sign-in/forgotten", {"email": email}, follow=False)
        assert monotonic() - begun >= ANSWERED_AFTER
    assert db.session.scalar(select(func.count(Email.id))) == 1


def test_a_link_is_dead_after_an_hour(world: World, browser: Browser) -> None:
    [link] = links(browser, regular(world).email)
    db.session.execute(update(PasswordReset).values(expires_at=now() - timedelta(seconds=1)))
    db.session.commit()
    page = browser.post(link, NEW)
    assert page.status_code == 404
    assert "does not work any more" in page.text


def test_a_new_password_kills_the_other_links_and_every_session(world: World, browser: Browser) -> None:
    contact = regular(world)
    elsewhere = Browser(browser.app).sign_in(contact)
    half_way = Browser(browser.app)
    give_password(half_way, contact.email)
    first, second = (links(browser, contact.email), links(browser, contact.email))[1]
    browser.post(second, NEW)
    assert browser.get(first).status_code == 404
    assert "Sign in" in elsewhere.get("/").text
    assert "Main menu" not in give_code(half_way).text


def test_an_address_nobody_has_gets_the_same_answer_and_no_mail(world: World, browser: Browser) -> None:
    contact = regular(world)
    unknown = browser.post("/sign-in/forgotten", {"email": "nobody@fenland.example"})
    assert db.session.scalar(select(func.count()).select_from(Email)) == 0
    known = browser.post("/sign-in/forgotten", {"email": contact.email})
    nonces = re.compile('(nonce|value)="[^"]+"')  # and the token of the form
    assert nonces.sub("", unknown.text) == nonces.sub("", known.text)
    assert unknown.status_code == known.status_code


def test_nobodys_mailbox_is_filled_and_an_address_nobody_has_is_answered_alike(world: World, browser: Browser) -> None:
    contact, nobody = regular(world), "nobody@fenland.example"
    answers: dict[str, list[tuple[int, str]]] = {}
    for email in (contact.email, contact.email.upper(), contact.email, contact.email):
        for address in (email, nobody):
            page = browser.post("/sign-in/forgotten", {"email": address})
            without = re.sub('(nonce|value)="[^"]+"', "", page.text)  # with the token of the form
            answers.setdefault(address.lower(), []).append((page.status_code, without))
    assert answers[contact.email] == answers[nobody]
    assert [status for status, _ in answers[nobody]] == [200, 200, 200, 422]
    assert "You can ask for another in 60 minutes." in answers[nobody][-1][1]
    assert db.session.scalar(select(func.count()).select_from(Email)) == 3


def test_what_is_no_address_is_kept_and_refused(browser: Browser) -> None:
    page = browser.post("/sign-in/forgotten", {"email": "manager"})
    assert page.status_code == 422
    assert 'value="manager"' in page.text


def test_a_link_opens_a_lock(world: World, browser: Browser) -> None:
    contact = regular(world)
    [link] = links(browser, contact.email)
    for _ in range(5):
        give_password(browser, contact.email, "wrong")
    browser.post(link, NEW)
    assert "Enter your security code" in give_password(browser, contact.email, NEW["new_password"]).text
