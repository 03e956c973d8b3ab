"""Everybody adds and removes their own passkeys, after their security code, and is told of it by e-mail."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select, text, update

from models import AuditEvent, Contact, Email, Passkey, PasskeyChallenge, UserSession, acting_for, db, say_who
from rules.refusal import Refused
from rules.states import PasskeyPurpose
from tests.support.authenticator import Authenticator
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, regular
from tests.support.worlds.world import World
from workflows.access.passkeys import own, prove
from workflows.access.passkeys.asked import LASTS
from workflows.access.passkeys.own import MOST
from workflows.access.passkeys.step_up import GivenProof
from workflows.clock import now


@pytest.fixture
def person(world: World) -> Contact:
    """A manager who signs in with six digits."""
    return regular(world)


@pytest.fixture
def here(app: Flask, person: Contact) -> Browser:
    """A browser in which they are signed in."""
    return Browser(app).sign_in(person)


def begin(browser: Browser) -> dict[str, Any]:
    """Enter the security code; what the page then asks a device for."""
    page = browser.post("/account/passkeys", {"security_code": DIGITS})
    return asked_on(page.text)


def asked_on(page: str) -> dict[str, Any]:
    found = re.search(r'data-make="([^"]*)"', page)
    assert found, "nothing asks for a passkey"
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked


def add(browser: Browser, device: Authenticator, name: str = "My phone") -> str:
    """Add the passkey of a device; the page that answers."""
    answer = browser.post("/account/passkeys/new", {"name": name, "passkey": device.make(begin(browser))})
    return answer.text


def kept() -> list[str]:
    return list(db.session.scalars(select(Passkey.name).order_by(Passkey.id)))


def test_a_passkey_is_added_under_its_name_and_its_owner_is_told(here: Browser, person: Contact) -> None:
    page = add(here, Authenticator())
    assert "Your passkey has been added." in page
    assert "My phone" in page
    assert "not used yet" in page
    letter = db.session.scalars(select(Email)).one()
    assert (letter.recipient, letter.subject) == (person.email, "A passkey was added to your account")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "passkey")).one()
    assert (event.action, event.user_id, (event.after or {})["name"]) == ("added", person.user_id, "My phone")
    assert not {"credential_id", "public_key"} & (event.after or {}).keys()


def test_without_the_right_code_nothing_is_added_or_removed(here: Browser) -> None:
    add(here, Authenticator())
    for form in ({}, {"remove": "y", "passkeys": "1"}):
        refused = here.post("/account/passkeys", form | {"security_code": "135790"})
        assert refused.status_code == 422
        assert "The security code is not right." in refused.text
    assert "Add a passkey</h1>" not in here.get("/account/passkeys/new").text
    assert kept() == ["My phone"]


def test_the_name_and_the_code_are_asked_for_and_the_name_alone_costs_no_new_code(here: Browser) -> None:
    device, asked = Authenticator(), begin(here)
    refused = here.post("/account/passkeys/new", {"name": " ", "passkey": device.make(asked)})
    assert refused.status_code == 422
    assert asked_on(refused.text)["challenge"] == asked["challenge"]
    here.post("/account/passkeys/new", {"name": "My key", "passkey": device.make(asked)})
    assert kept() == ["My key"]


def test_what_a_device_answered_adds_one_passkey_once(here: Browser) -> None:
    device = Authenticator()
    form = {"name": "My phone", "passkey": device.make(begin(here))}
    here.post("/account/passkeys/new", form)
    again = here.post("/account/passkeys/new", form)
    assert again.status_code == 422
    assert "sent twice" in again.text
    assert "has been added already" in add(here, device)
    assert kept() == ["My phone"]


def test_a_challenge_is_dead_after_ten_minutes(here: Browser, owner: Connection) -> None:
    asked = begin(here)
    owner.execute(update(PasskeyChallenge).values(made_at=now() - LASTS))
    owner.commit()
    page = here.post("/account/passkeys/new", {"name": "My phone", "passkey": Authenticator().make(asked)})
    assert "longer than ten minutes" in page.text
    assert kept() == []


def test_another_browser_of_the_same_person_adds_nothing(app: Flask, here: Browser, person: Contact) -> None:
    asked, elsewhere = begin(here), Browser(app).sign_in(person)
    assert "Add a passkey</h1>" not in elsewhere.get("/account/passkeys/new").text
    elsewhere.post("/account/passkeys/new", {"name": "Mine", "passkey": Authenticator().make(asked)})
    assert kept() == []


@pytest.mark.parametrize(
    "device",
    [
        Authenticator("https://portal.example"),
        Authenticator("http://localhost:8001"),
        Authenticator("http://127.0.0.1:8000"),
        Authenticator(verifies=False),
    ],
    ids=["another host", "another port", "the number of the host", "nobody was verified"],
)
def test_a_passkey_for_another_address_or_of_anybody_is_refused(here: Browser, device: Authenticator) -> None:
    assert "could not be read, so it was not added" in add(here, device)
    assert kept() == []


@pytest.mark.parametrize("answer", ["", "{", "[]", "null", '{"id": 1}', '{"response": {}}', "\x00", "9" * 5_000])
def test_what_is_no_answer_of_a_device_is_refused_and_breaks_nothing(here: Browser, answer: str) -> None:
    begin(here)
    page = here.post("/account/passkeys/new", {"name": "My phone", "passkey": answer})
    assert page.status_code == 422
    assert "was not added" in page.text


def test_a_passkey_is_removed_and_its_owner_is_told(here: Browser, person: Contact) -> None:
    for name in ("My phone", "My key"):
        add(here, Authenticator(), name)
    first = db.session.scalars(select(Passkey.id).where(Passkey.name == "My phone")).one()
    form = {"remove": "y", "security_code": DIGITS}
    assert "Choose what to remove." in here.post("/account/passkeys", form).text
    assert "1 passkey removed." in here.post("/account/passkeys", form | {"passkeys": first}).text
    assert kept() == ["My key"]
    last = db.session.scalars(select(Email.subject).order_by(Email.id.desc()).limit(1)).one()
    assert last == "A passkey was removed from your account"
    removed = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "deleted")).one()
    assert ((removed.before or {})["name"], removed.user_id) == ("My phone", person.user_id)


def test_nobody_removes_or_sees_a_passkey_of_somebody_else(
    app: Flask, world: World, here: Browser, person: Contact
) -> None:
    add(here, Authenticator())
    other = Browser(app).sign_in(regular(world, person.organisation, "other@fenland.example"))
    assert "My phone" not in other.get("/account").text
    ids = db.session.scalars(select(Passkey.id)).all()
    other.post("/account/passkeys", {"remove": "y", "passkeys": ids, "security_code": DIGITS})
    assert kept() == ["My phone"]


@pytest.fixture
def without_row_level_security(owner: Connection) -> Iterator[None]:
    """The statements alone: the database hides nobody's passkeys."""
    hidden = owner.scalar(
        text("SELECT qual FROM pg_policies WHERE tablename = 'passkey' AND policyname = 'own_person'")
    )
    owner.execute(text("ALTER POLICY own_person ON passkey USING (true)"))
    owner.commit()
    yield
    owner.execute(text(f"ALTER POLICY own_person ON passkey USING ({hidden})"))
    owner.commit()


@pytest.mark.usefixtures("without_row_level_security")
def test_every_statement_names_whose_passkeys_it_is_about_by_itself(
    app: Flask, world: World, here: Browser, person: Contact
) -> None:
    device = Authenticator()
    add(here, device)
    other = regular(world, person.organisation, "other@fenland.example")
    there = Browser(app).sign_in(other)
    assert "My phone" not in there.get("/account").text
    assert there.get("/account/passkeys/asked").json is None
    other_id = other.user_id
    say_who(other_id, "")
    add(there, Authenticator(), "Another")
    asked = there.get("/account/passkeys/asked").json
    assert asked
    with acting_for("sign-in"):
        theirs = db.session.scalars(select(UserSession).where(UserSession.user_id == other_id)).one()
        mine = db.session.scalars(select(Passkey.id).where(Passkey.user_id != other_id)).all()
        with pytest.raises(Refused, match="not one of yours"):
            prove.confirm(theirs, device.prove(asked))
        assert own.remove(theirs, mine, GivenProof(DIGITS)) == 0
    assert kept() == ["My phone", "Another"]


def test_the_login_of_signing_in_sees_and_changes_those_of_who_acts_alone(
    world: World, here: Browser, person: Contact
) -> None:
    add(here, Authenticator())
    other = regular(world, person.organisation, "other@fenland.example")
    for who, there in ((person, 1), (other, 0)):
        say_who(who.user_id, "")
        with acting_for("sign-in"):
            assert db.session.scalar(select(func.count(Passkey.id))) == there
            changed = update(Passkey).values(sign_count=7).returning(Passkey.id)
            assert len(db.session.execute(changed).all()) == there
            db.session.rollback()


def test_so_many_passkeys_are_kept_and_no_more(here: Browser) -> None:
    for number in range(MOST):
        add(here, Authenticator(), f"Key {number}")
    page = here.post("/account/passkeys", {"security_code": DIGITS})
    assert page.status_code == 422
    assert f"You have {MOST} passkeys" in page.text


@pytest.mark.parametrize("address", ["http://portal.example", "https://192.0.2.7"])
def test_where_browsers_take_no_passkey_none_is_offered(app: Flask, here: Browser, address: str) -> None:
    app.config["PORTAL_ADDRESS"], before = address, app.config["PORTAL_ADDRESS"]
    try:
        assert "passkey" not in here.get("/account").text
    finally:
        app.config["PORTAL_ADDRESS"] = before


def test_a_challenge_is_for_its_purpose_alone(here: Browser, owner: Connection) -> None:
    asked = begin(here)
    owner.execute(update(PasskeyChallenge).values(purpose=PasskeyPurpose.CONFIRM))
    owner.commit()
    here.post("/account/passkeys/new", {"name": "My phone", "passkey": Authenticator().make(asked)})
    assert kept() == []
