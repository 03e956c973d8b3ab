"""Five wrong passwords or codes lock for fifteen minutes; nobody learns from it which addresses exist."""

import re
from datetime import timedelta

from sqlalchemy import select, update

from models import PortalUser, WrongTry, db
from rules.period import uk_clock
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, PASSWORD, give_code, give_password, officer, regular
from tests.support.worlds.world import World
from workflows.clock import LONDON, now

WRONG = "The e-mail address or the password is not right."
LOCKED = "Too many wrong passwords or codes."


def test_a_wrong_password_is_refused_with_the_address_kept_and_the_password_not(world: World, browser: Browser) -> None:
    page = give_password(browser, regular(world).email, "not-this-password")
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert '<a href="#password">' in page.text
    assert page.text.count(WRONG) == 2
    assert 'value="manager@fenland.example"' in page.text
    assert "not-this-password" not in page.text


def test_empty_fields_are_named_and_count_for_nothing(world: World, browser: Browser) -> None:
    contact = regular(world)
    page = browser.post("/sign-in", {"email": " ", "password": ""})
    assert page.status_code == 422
    assert "Enter your e-mail address." in page.text
    assert "Enter your password." in page.text
    give_password(browser, contact.email)
    assert "Enter all six digits" in give_code(browser, "12 34").text
    assert db.session.get_one(PortalUser, contact.user_id).failed_attempts == 0


def test_an_address_nobody_has_answers_and_locks_like_a_wrong_password(world: World, browser: Browser) -> None:
    known = [give_password(browser, regular(world).email, "wrong") for _ in range(6)]
    unknown = [give_password(browser, "nobody@fenland.example", "wrong") for _ in range(6)]
    for answers in (known, unknown):
        assert [WRONG in page.text for page in answers] == [True] * 4 + [False] * 2
        assert [LOCKED in page.text for page in answers] == [False] * 4 + [True] * 2
    nonces = re.compile('(nonce|value)="[^"]+"')  # and the token of the form
    assert nonces.sub("", known[0].text.replace("manager@", "nobody@")) == nonces.sub("", unknown[0].text)


def test_an_inactive_person_answers_like_an_address_nobody_has(world: World, browser: Browser) -> None:
    contact = regular(world)
    assert contact.user
    contact.user.active = False
    db.session.commit()
    assert WRONG in give_password(browser, contact.email).text


def test_five_wrong_passwords_lock_even_the_right_one_out_and_say_until_when(world: World, browser: Browser) -> None:
    contact = regular(world)
    for _ in range(4):
        assert WRONG in give_password(browser, contact.email, "wrong").text
    assert LOCKED in give_password(browser, contact.email, "wrong").text
    page = give_password(browser, contact.email)
    assert page.status_code == 422
    until = db.session.get_one(PortalUser, contact.user_id).locked_until
    assert until
    assert timedelta(minutes=14) < until - now() <= timedelta(minutes=15)
    assert f"try again at {uk_clock((until + timedelta(seconds=59)).astimezone(LONDON))}." in page.text


def test_an_administrator_ends_the_lock(world: World, browser: Browser) -> None:
    contact = regular(world)
    for _ in range(5):
        give_password(browser, contact.email, "wrong")
    assert LOCKED in give_password(browser, contact.email).text
    admin = Browser(browser.app).sign_in(world.officer("Administrator"))
    done = admin.post("/admin/users/action_post", {"action": "unlock", "rowid": str(contact.user_id)})
    assert "Unlocked: 1." in done.text
    assert "Enter your security code" in give_password(browser, contact.email).text


def test_after_the_lock_the_count_begins_anew(world: World, browser: Browser) -> None:
    contact = regular(world)
    for _ in range(5):
        give_password(browser, contact.email, "wrong")
    db.session.execute(update(WrongTry).where(WrongTry.locked_until.is_not(None)).values(locked_until=now()))
    db.session.commit()
    assert WRONG in give_password(browser, contact.email, "wrong").text
    assert "Enter your security code" in give_password(browser, contact.email).text


def test_a_right_password_does_not_make_guessing_codes_free(world: World, browser: Browser) -> None:
    contact = regular(world)
    for _ in range(2):
        give_password(browser, contact.email)
        assert "not right" in give_code(browser, "111111").text
        assert "not right" in give_code(browser, "222222").text
    give_password(browser, contact.email)
    assert LOCKED in give_code(browser, "333333").text
    assert LOCKED in give_code(browser, DIGITS).text
    assert LOCKED in give_password(browser, contact.email, PASSWORD).text


def test_the_last_step_forgives_what_went_wrong_before(world: World, browser: Browser) -> None:
    contact = regular(world)
    for _ in range(4):
        give_password(browser, contact.email, "wrong")
    give_password(browser, contact.email)
    assert db.session.get_one(PortalUser, contact.user_id).failed_attempts == 4
    give_code(browser)
    assert db.session.get_one(PortalUser, contact.user_id).failed_attempts == 0


def test_an_address_nobody_has_is_not_kept_as_it_was_typed(world: World, browser: Browser) -> None:
    give_password(browser, "nobody@fenland.example", "wrong")
    kept = db.session.scalars(select(WrongTry.email_hash).where(WrongTry.email_hash.is_not(None))).all()
    assert kept
    assert not any("nobody" in each for each in kept)


def test_an_address_that_is_no_text_is_refused(world: World, browser: Browser) -> None:
    assert WRONG in give_password(browser, "no\x00\x0bbody@fenland.example", "x" * 100_000).text
    assert WRONG in give_password(browser, officer(world).email, "\x00" * 300).text
