"""The password alone makes no new security code: an officer who has made sure who asks gives a reset code."""

import re
from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from models import AuditEvent, Contact, Email, PolicySetting, PortalUser, db
from rules.states import CodeKind
from tests.support.pages.browser import Browser
from tests.support.processes.at_once import at_once
from tests.support.worlds.people import DIGITS, GIVEN, PASSWORD, give_code, give_password, regular, with_code
from tests.support.worlds.world import START, World
from workflows.clock import now
from workflows.hashes import hash_password

HOW = "I rang the branch and spoke to her"
NEW_CODE = "Create your six-digit security code"
CREATED = {"kind": "own six digits", "security_code": "135792", "security_code_again": "135792"}


def reset(browser: Browser, contact: Contact, **form: str) -> str:
    """Ask for a reset code as whoever is signed in."""
    return str(browser.post(f"/staff/code-resets/{contact.user_id}", {"how": HOW, "security_code": DIGITS} | form).text)


def code_for(world: World, browser: Browser, contact: Contact) -> str:
    """The reset code an administrator is shown."""
    browser.sign_in(with_code(world.officer("Administrator")))
    [code] = re.findall("<strong>([A-Z0-9]{4}-[A-Z0-9]{4})</strong>", reset(browser, contact))
    return str(code)


def test_after_a_reset_the_password_alone_makes_no_new_code(app: Flask, world: World, browser: Browser) -> None:
    contact = regular(world)
    code = code_for(world, browser, contact)
    own = Browser(app)
    page = give_password(own, contact.email).text
    assert NEW_CODE in page
    assert "Reset code" in page
    page = own.post("/sign-in/new-code", CREATED).text
    assert "This is not the reset code" in page
    page = own.post("/sign-in/new-code", CREATED | {"reset_code": "AAAA-CCCC"}).text
    assert "This is not the reset code" in page
    page = own.post("/sign-in/new-code", CREATED | {"reset_code": code.lower()}).text
    assert "Save your recovery codes" in page


def test_a_reset_code_works_once_and_is_kept_as_a_hash(app: Flask, world: World, browser: Browser) -> None:
    contact = regular(world)
    code = code_for(world, browser, contact)
    stored = db.session.scalar(text(f"SELECT reset_code FROM ab_user WHERE id = {contact.user_id}"))
    assert code.replace("-", "") not in stored
    own = Browser(app)
    give_password(own, contact.email)
    own.post("/sign-in/new-code", CREATED | {"reset_code": code})
    user = db.session.get_one(PortalUser, contact.user_id)
    assert (user.reset_code, user.reset_until) == (None, None)
    assert "Reset code" not in give_password(Browser(app), contact.email).text


@pytest.mark.parametrize("was_reset", [True, False])
def test_who_waits_with_the_password_until_the_owner_has_a_new_code_makes_none_of_their_own(
    app: Flask, world: World, browser: Browser, was_reset: bool
) -> None:
    contact = regular(world)
    form = dict(CREATED)
    if was_reset:
        form["reset_code"] = code_for(world, browser, contact)
    else:
        db.session.execute(text("UPDATE ab_user SET code_kind = NULL, security_code = NULL"))
        db.session.commit()
    thief, own = Browser(app), Browser(app)
    for each in (thief, own):
        assert NEW_CODE in give_password(each, contact.email).text
    assert "Save your recovery codes" in own.post("/sign-in/new-code", form).text
    kept = db.session.scalar(text(f"SELECT security_code FROM ab_user WHERE id = {contact.user_id}"))
    stolen = CREATED | {"security_code": "864203", "security_code_again": "864203"}
    assert "Save your recovery codes" not in thief.post("/sign-in/new-code", stolen).text
    assert db.session.scalar(text(f"SELECT security_code FROM ab_user WHERE id = {contact.user_id}")) == kept
    assert "Main menu" in own.post("/sign-in/recovery-codes").text
    letters = db.session.execute(select(Email.recipient, Email.subject)).all()
    assert [tuple(each) for each in letters] == [(contact.email, "A security code was created for your account")]


def test_two_who_create_a_code_at_once_with_one_reset_code_are_one(app: Flask, world: World, browser: Browser) -> None:
    contact = regular(world)
    code = code_for(world, browser, contact)
    people = [Browser(app), Browser(app)]
    for each in people:
        give_password(each, contact.email)

    def create(who: Browser, digits: str) -> bool:
        form = CREATED | {"security_code": digits, "security_code_again": digits, "reset_code": code}
        return "Save your recovery codes" in who.post("/sign-in/new-code", form).text

    done = at_once(
        app, *(partial(create, who, digits) for who, digits in zip(people, ("864203", "753197"), strict=True))
    )
    assert sorted(done) == [False, True]


def test_a_reset_code_expires_after_a_day(app: Flask, world: World, browser: Browser) -> None:
    contact = regular(world)
    code = code_for(world, browser, contact)
    user = db.session.get_one(PortalUser, contact.user_id)
    assert user.reset_until
    assert timedelta(hours=23) < user.reset_until - now() <= timedelta(hours=24)
    user.reset_until = now()
    db.session.commit()
    own = Browser(app)
    give_password(own, contact.email)
    assert "reset code has expired" in own.post("/sign-in/new-code", CREATED | {"reset_code": code}).text


def test_who_guesses_reset_codes_is_locked_out(app: Flask, world: World, browser: Browser) -> None:
    contact = regular(world)
    code_for(world, browser, contact)
    own = Browser(app)
    give_password(own, contact.email)
    pages = [own.post("/sign-in/new-code", CREATED | {"reset_code": "AAAA-CCCC"}).text for _ in range(5)]
    assert "Too many wrong" in pages[-1]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"how": " "}, "Say how you made sure"),
        ({"how": "x" * 501}, "at most 500"),
        ({"security_code": "111111"}, "not right"),
    ],
)
def test_a_reset_takes_a_check_and_the_officers_own_code(
    world: World, browser: Browser, form: dict[str, str], said: str
) -> None:
    contact = regular(world)
    browser.sign_in(with_code(world.officer("Administrator")))
    assert said in reset(browser, contact, **form)
    assert db.session.get_one(PortalUser, contact.user_id).code_kind is CodeKind.DIGITS


def test_the_trail_says_who_reset_it_and_how_the_person_was_identified(world: World, browser: Browser) -> None:
    contact = regular(world)
    code_for(world, browser, contact)
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.record == "ab_user", AuditEvent.why != "").order_by(AuditEvent.id)
    ).one()
    assert event.why == f"Identified: {HOW}"
    assert event.record_id == contact.user_id
    assert "reset_code" not in (event.after or {})


def test_nobody_but_an_administrator_resets_and_nobody_resets_their_own(world: World, browser: Browser) -> None:
    contact, officer = regular(world), with_code(world.officer("Administrator"))
    browser.sign_in(officer)
    assert browser.get(f"/staff/code-resets/{officer.id}").status_code == 404
    browser.sign_in(with_code(world.officer("Payments officer")))
    assert browser.get(f"/staff/code-resets/{contact.user_id}").status_code in (403, 404)


def test_an_officer_creates_a_code_with_an_app_and_own_digits_are_for_providers(app: Flask, world: World) -> None:
    user = with_code(world.officer("Payments officer"))
    user.password = hash_password(PASSWORD)
    db.session.commit()
    browser = Browser(app)
    give_password(browser, user.email)
    page = give_code(browser).text
    assert NEW_CODE in page, "the digits they had are asked for once more, then an app"
    assert "Six digits I choose" not in page
    assert "Choose how you get" in browser.post("/sign-in/new-code", CREATED).text
    db.session.add(
        PolicySetting(name="officer_code_kinds", value="authenticator app, own six digits", valid_from=START)
    )
    db.session.commit()
    other = Browser(app)
    give_password(other, user.email)
    assert "Today" in give_code(other).text


def test_a_password_an_officer_was_given_works_for_two_weeks(app: Flask, world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    role = db.session.scalar(text("SELECT id FROM ab_role WHERE name = 'Auditor'"))
    form = {
        "first_name": "Jo",
        "last_name": "Hill",
        "email": "jo@council.example",
        "roles": role,
        "given_password": GIVEN,
    }
    browser.post("/admin/users/add", form)
    user = db.session.scalars(select(PortalUser).where(PortalUser.email == "jo@council.example")).one()
    assert user.given_until
    assert timedelta(days=13) < user.given_until - now() <= timedelta(days=14)
    user.given_until = now()
    db.session.commit()
    assert "This password has expired." in give_password(Browser(app), user.email, GIVEN).text
