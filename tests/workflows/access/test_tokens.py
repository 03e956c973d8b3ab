"""Whoever writes rows into the tables of signing in, without the portal's key, comes in as nobody."""

import hashlib

import pytest
from flask import Flask
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError

from models import Contact, PasswordReset, PortalUser, SignIn, UserSession, acting_for, db, enter
from rules.states import SignInStep
from tests.support.pages.browser import Browser
from tests.support.worlds.people import give_password, regular
from tests.support.worlds.world import World
from workflows.access import forgotten_password, sessions, sign_in
from workflows.hashes import Opens, is_of, kept_as, token_of


@pytest.fixture
def thief(world: World) -> Contact:
    """Somebody with an account of their own, who can write rows."""
    return regular(world, email="thief@fenland.example")


@pytest.fixture
def victim(world: World) -> PortalUser:
    return world.officer("Administrator", "admin@council.example")


def write(statement: str, **values: object) -> None:
    """Run SQL as the login of the sign-in pages."""
    with acting_for("sign-in"):
        db.session.execute(text(statement), values)
        db.session.commit()


def half_in(app: Flask, thief: Contact) -> tuple[Browser, str]:
    """A browser in which the thief has entered their own password, and the token that it holds."""
    browser = Browser(app)
    give_password(browser, thief.email)
    with browser.client.session_transaction() as cookie:
        return browser, str(cookie["pending"])


def test_a_token_says_whose_it_is_and_is_kept_otherwise_for_each_thing_it_opens(world: World) -> None:
    token = token_of(7)
    assert is_of(token, 7)
    assert not is_of(token, 77)
    assert not is_of("", 7)
    assert len({kept_as(token, each) for each in Opens} | {hashlib.sha256(token.encode()).hexdigest()}) == 4


def test_ones_own_half_done_sign_in_written_for_another_person_opens_nothing(
    app: Flask, thief: Contact, victim: PortalUser
) -> None:
    whom = victim.id
    browser, token = half_in(app, thief)
    kept = kept_as(token, Opens.SIGN_IN, SignInStep.CODE)
    assert sign_in.find(token)
    write("DELETE FROM sign_in WHERE token_hash = :kept", kept=kept)
    made = "INSERT INTO sign_in (token_hash, user_id, step) VALUES (:kept, :user, :step)"
    write(made, kept=kept, user=whom, step=SignInStep.CODE.value)
    assert sign_in.find(token) is None
    assert browser.get("/sign-in/new-code", follow=False).location.startswith("/sign-in?")


@pytest.mark.parametrize("step", [each for each in SignInStep if each not in (SignInStep.CODE, SignInStep.DONE)])
def test_a_half_done_sign_in_that_sql_puts_to_another_step_opens_none(
    app: Flask, thief: Contact, step: SignInStep
) -> None:
    browser, token = half_in(app, thief)
    assert sign_in.find(token)
    write("UPDATE sign_in SET step = :step", step=step.value)
    assert sign_in.find(token) is None
    for page in ("new-code", "recovery-codes", "organisation"):
        assert browser.get(f"/sign-in/{page}", follow=False).location.startswith("/sign-in?")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ab_user SET security_code = (SELECT security_code FROM ab_user WHERE id = :thief) WHERE id = :victim",
        "UPDATE ab_user SET totp_secret = NULL",
        "UPDATE ab_user SET code_kind = NULL",
        "UPDATE ab_user SET reset_code = 'x', reset_until = now()",
        "INSERT INTO recovery_code (user_id, code_hash) VALUES (:victim, 'x')",
        "DELETE FROM recovery_code",
        "UPDATE recovery_code SET code_hash = 'x'",
        "INSERT INTO passkey (user_id, name, credential_id, public_key) VALUES (:victim, 'x', 'x', 'x')",
        "UPDATE passkey SET public_key = 'x'",
        "DELETE FROM passkey",
    ],
)
def test_the_login_of_the_sign_in_pages_makes_nobody_a_second_step(
    thief: Contact, victim: PortalUser, statement: str
) -> None:
    whose = {
        name: value for name, value in {"thief": thief.user_id, "victim": victim.id}.items() if f":{name}" in statement
    }
    with pytest.raises(ProgrammingError) as refused, acting_for("sign-in"):
        db.session.execute(text(statement), whose)
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_nor_does_its_token_open_a_session(app: Flask, thief: Contact, victim: PortalUser) -> None:
    _, token = half_in(app, thief)
    made = "INSERT INTO user_session (token_hash, user_id) SELECT token_hash, :user FROM sign_in"
    write(made, user=victim.id)
    assert db.session.scalars(select(UserSession.user_id)).one() == victim.id
    assert sessions.find_session(token) is None


def test_a_session_whose_row_names_another_person_is_nobodys(
    app: Flask, thief: Contact, victim: PortalUser, owner: Connection
) -> None:
    browser = Browser(app).sign_in(thief)
    with browser.client.session_transaction() as cookie:
        token = cookie["token"]
    assert sessions.find_session(token)
    owner.execute(text("UPDATE user_session SET user_id = :user"), {"user": victim.id})
    owner.commit()
    db.session.rollback()
    assert sessions.find_session(token) is None


@pytest.mark.parametrize("whose", ["{victim}", "{thief}", "", "99999999999999999999", "\x00"])
def test_a_link_for_a_new_password_made_by_sql_is_dead(thief: Contact, victim: PortalUser, whose: str) -> None:
    token = f"{whose.format(victim=victim.id, thief=thief.user_id)}.made-up"
    kept = hashlib.sha256(token.encode()).hexdigest()
    made = "INSERT INTO password_reset (token_hash, user_id, expires_at) VALUES (:kept, :user, now() + interval '1 h')"
    write(made, kept=kept, user=victim.id)
    enter("0")
    with pytest.raises(forgotten_password.LinkIsDead):
        forgotten_password.find_link(token)


def test_ones_own_link_written_for_another_person_is_dead(
    thief: Contact, victim: PortalUser, owner: Connection
) -> None:
    token = token_of(thief.user_id or 0)
    kept = kept_as(token, Opens.NEW_PASSWORD)
    made = "INSERT INTO password_reset (token_hash, user_id, expires_at) VALUES (:kept, :user, now() + interval '1 h')"
    write(made, kept=kept, user=thief.user_id)
    assert forgotten_password.find_link(token).id == thief.user_id
    owner.execute(text("UPDATE password_reset SET user_id = :user"), {"user": victim.id})
    owner.commit()
    db.session.rollback()
    with pytest.raises(forgotten_password.LinkIsDead):
        forgotten_password.find_link(token)


@pytest.mark.parametrize(
    "change", ["password = 'x'", "must_change_password = false", "email = 'thief@fenland.example'"]
)
def test_the_login_of_the_sign_in_pages_changes_nobodys_password(victim: PortalUser, change: str) -> None:
    with pytest.raises(ProgrammingError) as refused, acting_for("sign-in"):
        db.session.execute(text(f"UPDATE ab_user SET {change} WHERE id = :user"), {"user": victim.id})
    assert isinstance(refused.value.orig, InsufficientPrivilege)


def test_nothing_is_kept_of_a_token_but_its_digest(app: Flask, thief: Contact) -> None:
    _, token = half_in(app, thief)
    Browser(app).sign_in(thief)
    kept = {*db.session.scalars(select(SignIn.token_hash)), *db.session.scalars(select(UserSession.token_hash))}
    kept |= set(db.session.scalars(select(PasswordReset.token_hash)))
    assert all(len(each) == 64 for each in kept)
    assert token not in kept
