"""A passkey instead of the security code: once, by whose it is, at the portal's own address, counting forwards."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, select, update

from models import AuditEvent, Contact, Passkey, PasskeyChallenge, PolicySetting, PortalUser, UserSession, db
from rules.states import CodeKind
from tests.support.authenticator import Authenticator, enrolled
from tests.support.browser import Browser
from tests.support.people import give_password, officer, regular
from tests.support.world import START, World
from workflows.access import code_resets
from workflows.access.passkeys.asked import LASTS
from workflows.clock import now
from workflows.hashes import hash_password


@pytest.fixture
def person(world: World) -> Contact:
    """A manager who signs in with six digits."""
    return regular(world)


@pytest.fixture
def device(owner: Connection, person: Contact) -> Authenticator:
    """Their phone, which counts its signatures."""
    return enrolled(owner, person.user_id, Authenticator(count=5))


def asked(browser: Browser) -> dict[str, Any]:
    """What the page asks a device to sign."""
    found: dict[str, Any] = json.loads(browser.get("/sign-in/passkey").text)
    return found


def give(browser: Browser, answer: str) -> str:
    return browser.post("/sign-in/code", {"passkey": answer}).text


def last_refusal() -> str:
    found = select(AuditEvent.why).where(AuditEvent.action == "sign-in refused").order_by(AuditEvent.id.desc())
    why: str = db.session.scalars(found.limit(1)).one()
    return why


def test_a_passkey_signs_in_and_the_account_says_when(browser: Browser, person: Contact, device: Authenticator) -> None:
    page = give_password(browser, person.email).text
    assert "Use a passkey" in page
    assert "Security code" in page
    assert "Main menu" in give(browser, device.prove(asked(browser)))
    assert "My phone" in (account := browser.get("/account").text)
    assert "last used" in account.partition("My phone")[2].partition("Your security code")[0]
    assert db.session.scalars(select(AuditEvent.action).where(AuditEvent.action == "signed in")).all() == ["signed in"]


def test_who_has_none_is_offered_none(browser: Browser, person: Contact) -> None:
    assert "passkey" not in give_password(browser, person.email).text
    assert browser.get("/sign-in/passkey").text == "null"


def test_an_officer_signs_in_with_one_though_the_kind_of_their_code_is_no_longer_allowed(
    world: World, browser: Browser, owner: Connection
) -> None:
    somebody = officer(world)
    somebody.code_kind, somebody.security_code = CodeKind.DIGITS, hash_password("135790")
    db.session.add(PolicySetting(name="officer_code_kinds", value="authenticator app", valid_from=START))
    db.session.commit()
    device = enrolled(owner, somebody.id, Authenticator())
    give_password(browser, somebody.email)
    assert "Today" in give(browser, device.prove(asked(browser)))


def test_what_was_signed_works_once(app: Flask, browser: Browser, person: Contact, device: Authenticator) -> None:
    give_password(browser, person.email)
    answer = device.prove(asked(browser))
    give(browser, answer)
    again = Browser(app)
    give_password(again, person.email)
    asked(again)
    assert "not one of yours" in give(again, answer)
    assert "sent twice" in give(again, answer)
    assert len(db.session.scalars(select(UserSession)).all()) == 1


def test_what_another_browser_was_asked_is_no_answer_here(
    app: Flask, browser: Browser, person: Contact, device: Authenticator
) -> None:
    there = Browser(app)
    for each in (browser, there):
        give_password(each, person.email)
    answer = device.prove(asked(there))
    assert "sent twice" in give(browser, answer)
    assert "Main menu" in give(there, answer)


def test_a_challenge_is_dead_after_ten_minutes(
    browser: Browser, person: Contact, device: Authenticator, owner: Connection
) -> None:
    give_password(browser, person.email)
    answer = device.prove(asked(browser))
    owner.execute(update(PasskeyChallenge).values(made_at=now() - LASTS))
    owner.commit()
    assert "That took too long" in give(browser, answer)


def test_the_passkey_of_somebody_else_lets_nobody_in(
    world: World, browser: Browser, person: Contact, device: Authenticator, owner: Connection
) -> None:
    other = regular(world, person.organisation, "other@fenland.example")
    theirs = enrolled(owner, other.user_id, Authenticator(count=5))
    give_password(browser, person.email)
    assert "not one of yours" in give(browser, theirs.prove(asked(browser)))
    theirs.id = device.id  # who says it is the other one's has not its key
    assert "not one of yours" in give(browser, theirs.prove(asked(browser)))
    assert last_refusal() == "This passkey is not one of yours."


@pytest.mark.parametrize(
    "change",
    [{"origin": "http://localhost:8001"}, {"party": "portal.example"}, {"verifies": False}],
    ids=["another origin", "another host", "nobody was verified"],
)
def test_what_a_device_signed_for_another_address_or_for_anybody_is_refused(
    browser: Browser, person: Contact, device: Authenticator, change: dict[str, Any]
) -> None:
    give_password(browser, person.email)
    vars(device).update(change)
    assert "not one of yours" in give(browser, device.prove(asked(browser)))


@pytest.mark.parametrize("count", [4, 3], ids=["the same again", "less"])
def test_a_counter_that_does_not_go_on_is_refused_as_a_copy(
    browser: Browser, person: Contact, device: Authenticator, count: int
) -> None:
    give_password(browser, person.email)
    device.count = count  # it signs with the next: 5 is what is known, or less
    assert "counts back" in give(browser, device.prove(asked(browser)))
    assert last_refusal().startswith("This passkey counts back")
    device.count = 5
    assert "Main menu" in give(browser, device.prove(asked(browser)))


def test_a_counter_that_fell_silent_is_refused(browser: Browser, person: Contact, device: Authenticator) -> None:
    give_password(browser, person.email)
    device.count = 0
    assert "counts back" in give(browser, device.prove(asked(browser)))


def test_a_passkey_that_counts_nothing_works_again_and_again(
    browser: Browser, person: Contact, owner: Connection
) -> None:
    device = enrolled(owner, person.user_id, Authenticator())
    for _ in range(2):
        give_password(browser, person.email)
        assert "Main menu" in give(browser, device.prove(asked(browser)))
        browser.post("/sign-out")


def test_a_passkey_that_was_removed_lets_nobody_in(
    browser: Browser, person: Contact, device: Authenticator, owner: Connection
) -> None:
    give_password(browser, person.email)
    answer = device.prove(asked(browser))
    owner.execute(delete(Passkey))
    owner.commit()
    assert "not one of yours" in give(browser, answer)


def test_wrong_passkeys_lock_as_wrong_codes_do(browser: Browser, person: Contact, device: Authenticator) -> None:
    give_password(browser, person.email)
    for _ in range(4):
        assert "sent twice" in give(browser, "x")
    assert "Too many wrong passwords or codes" in give(browser, "x")
    assert "Too many wrong passwords or codes" in give(browser, device.prove(asked(browser)))


def test_an_administrator_sees_how_many_passkeys_somebody_has(
    world: World, browser: Browser, person: Contact, device: Authenticator
) -> None:
    page = browser.sign_in(world.officer("Administrator")).get(f"/admin/users/show/{person.user_id}").text
    assert re.search(r"Passkeys</dt>\s*<dd[^>]*>\s*1\s*<", page)
    assert "My phone" not in page


def test_an_officer_who_resets_a_code_takes_the_passkeys_with_it(
    world: World, person: Contact, device: Authenticator
) -> None:
    assert person.user
    code_resets.give(db.session.get_one(PortalUser, person.user_id), world.officer("Administrator"), "I rang back.")
    assert db.session.scalars(select(Passkey)).all() == []


def test_the_question_is_answered_at_its_step_alone(app: Flask, person: Contact, device: Authenticator) -> None:
    for browser in (Browser(app), Browser(app).sign_in(person)):
        assert browser.get("/sign-in/passkey", follow=False).status_code == 302
