"""A stranger who guesses keeps nobody out: tries count by account and network address, and a known device is let in."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from models import Contact, Email, WrongTry, db
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, PASSWORD, give_code, give_password, regular
from tests.support.worlds.world import World
from workflows.clock import now

LOCKED = "Too many wrong passwords or codes."
WRONG = "The e-mail address or the password is not right."
NEW = {"new_password": "violets under snow", "new_password_again": "violets under snow"}


def at(app: Flask, address: str) -> Browser:
    """A browser at a network address."""
    browser = Browser(app)
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def guess(browser: Browser, email: str, times: int) -> str:
    """Send wrong passwords and return the last page."""
    return [give_password(browser, email, "wrong").text for _ in range(times)][-1]


def guess_from_everywhere(app: Flask, email: str) -> None:
    """Send so many wrong passwords, from many addresses, that every stranger is locked out of the account."""
    for number in range(13):
        guess(at(app, f"203.0.113.{number}"), email, 4)


def lock_strangers_out(contact: Contact) -> None:
    """Leave behind what `guess_from_everywhere` does, without the minute it takes."""
    lock = {"tries": 50, "locked_until": now() + timedelta(minutes=15)}
    db.session.execute(delete(WrongTry).where(WrongTry.user_id == contact.user_id, WrongTry.place == ""))
    db.session.add(WrongTry(user_id=contact.user_id, place="", **lock))
    db.session.commit()


def let_the_locks_run_out() -> None:
    db.session.execute(update(WrongTry).values(locked_until=now()).where(WrongTry.locked_until.is_not(None)))
    db.session.commit()


def link_sent_to(email: str) -> str:
    bodies = db.session.scalars(select(Email.body).where(Email.recipient == email).order_by(Email.id)).all()
    return str(re.findall("/sign-in/forgotten/[^\\s]+", bodies[-1])[0])


def test_a_guesser_locks_their_own_address_out_and_not_the_owner(app: Flask, world: World) -> None:
    contact = regular(world)
    stranger, owner = at(app, "203.0.113.7"), at(app, "198.51.100.20")
    assert LOCKED in guess(stranger, contact.email, 6)
    assert LOCKED in give_password(stranger, contact.email).text
    assert "Enter your security code" in give_password(owner, contact.email).text


def test_guesses_from_everywhere_lock_strangers_but_no_device_that_signed_in_before(app: Flask, world: World) -> None:
    contact = regular(world)
    owner = at(app, "198.51.100.20")
    give_password(owner, contact.email)
    give_code(owner)
    owner.post("/sign-out")
    guess_from_everywhere(app, contact.email)
    assert LOCKED in give_password(at(app, "198.51.100.99"), contact.email).text
    assert "Enter your security code" in give_password(owner, contact.email).text
    assert "Main menu" in give_code(owner).text


def test_the_known_device_has_five_tries_of_its_own(app: Flask, world: World) -> None:
    contact = regular(world)
    owner = at(app, "198.51.100.20")
    give_password(owner, contact.email)
    give_code(owner)
    owner.post("/sign-out")
    assert LOCKED in guess(owner, contact.email, 5)
    assert LOCKED in give_password(owner, contact.email).text


def test_a_device_known_for_one_person_is_a_strangers_for_another(app: Flask, world: World) -> None:
    contact = regular(world)
    other = regular(world, contact.organisation, "carers@fenland.example")
    device = at(app, "198.51.100.20")
    give_password(device, contact.email)
    give_code(device)
    device.post("/sign-out")
    lock_strangers_out(other)
    assert LOCKED in give_password(device, other.email).text


def test_a_made_up_device_cookie_opens_nothing(app: Flask, world: World) -> None:
    contact = regular(world)
    lock_strangers_out(contact)
    stranger = at(app, "198.51.100.99")
    stranger.client.set_cookie("portal_device", f"{contact.user_id}.abc.def", path="/")
    assert LOCKED in give_password(stranger, contact.email).text


def test_a_reset_by_email_lifts_the_lock_and_lets_its_owner_in(app: Flask, world: World) -> None:
    contact = regular(world)
    owner = at(app, "198.51.100.20")
    guess(owner, contact.email, 5)
    lock_strangers_out(contact)
    owner.post("/sign-in/forgotten", {"email": contact.email})
    owner.post(link_sent_to(contact.email), NEW)
    lock_strangers_out(contact)  # and the stranger goes on
    assert "Enter your security code" in give_password(owner, contact.email, NEW["new_password"]).text
    assert "Main menu" in give_code(owner).text


def test_a_right_code_of_the_owner_is_not_kept_out_by_a_stranger_who_knows_the_password(
    app: Flask, world: World
) -> None:
    contact = regular(world)
    owner = at(app, "198.51.100.20")
    give_password(owner, contact.email)
    give_code(owner)
    owner.post("/sign-out")
    pages = []
    for number in range(5):
        stranger = at(app, f"203.0.113.{number}")
        give_password(stranger, contact.email)
        pages.append(give_code(stranger, "111111").text)
    assert LOCKED in pages[4], "codes can be guessed from one address after the other"
    give_password(owner, contact.email)
    assert "Main menu" in give_code(owner, DIGITS).text


def test_one_address_that_tries_many_accounts_is_slowed(app: Flask, world: World) -> None:
    contact = regular(world)
    stranger = at(app, "203.0.113.7")
    for number in range(50):
        give_password(stranger, f"nobody{number}@fenland.example", "wrong")
    assert LOCKED in give_password(stranger, contact.email, PASSWORD).text
    assert "Enter your security code" in give_password(at(app, "198.51.100.20"), contact.email).text


def test_addresses_of_one_ipv6_network_count_as_one(app: Flask, world: World) -> None:
    contact = regular(world)
    for host in range(5):
        page = give_password(at(app, f"2001:db8:1:2::{host}"), contact.email, "wrong").text
    assert LOCKED in page
    assert WRONG in give_password(at(app, "2001:db8:1:3::1"), contact.email, "wrong").text


def test_an_account_under_attack_tells_its_owner_once(app: Flask, world: World) -> None:
    contact = regular(world)
    guess(at(app, "203.0.113.7"), contact.email, 4)
    assert db.session.scalars(select(Email)).all() == []
    for number in (7, 8, 9):
        guess(at(app, f"203.0.113.{number}"), contact.email, 5)
    let_the_locks_run_out()
    guess(at(app, "203.0.113.7"), contact.email, 6)
    [email] = db.session.scalars(select(Email)).all()
    assert email.recipient == contact.email
    assert "Somebody tried to sign in" in email.subject
    assert "203.0.113" not in email.body


def test_nobody_is_told_of_an_address_nobody_has(app: Flask, world: World) -> None:
    guess(at(app, "203.0.113.7"), "nobody@fenland.example", 6)
    assert db.session.scalars(select(Email)).all() == []


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-Ip", "Client-Ip"])
def test_no_header_says_from_where_somebody_comes(app: Flask, world: World, header: str) -> None:
    """Unless the configuration names a proxy, a guesser could be somebody else with every guess."""
    contact = regular(world)
    stranger = at(app, "203.0.113.7")
    for number in range(5):
        stranger.post(
            "/sign-in", {"email": contact.email, "password": "wrong"}, headers={header: f"198.51.100.{number}"}
        )
    assert LOCKED in give_password(stranger, contact.email).text
