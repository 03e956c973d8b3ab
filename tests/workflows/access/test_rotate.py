"""What people sign in with is encrypted where it is kept, and goes over to another key."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy import select, text

from models import Email, PasswordReset, PortalUser, db
from models.sealed import SEALED
from rules.mail_states import EmailState
from tests.support.pages.browser import Browser
from tests.support.worlds.people import DIGITS, give_code, give_password, regular
from tests.support.worlds.world import World
from workflows.access.rotate import rotate_keys, seal_what_is_open
from workflows.clock import now
from workflows.hashes import hash_password
from workflows.mail.sender import send_waiting

KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STORED = "SELECT totp_secret, security_code FROM ab_user WHERE totp_secret IS NOT NULL"


@pytest.fixture
def keys(app: Flask) -> Iterator[None]:
    """Keys that a test may change."""
    before = {name: app.config[name] for name in ("SECRETS_KEY",)}
    yield
    app.config.update(before)


def person(world: World) -> PortalUser:
    user = regular(world).user
    assert user
    user.totp_secret = KEY
    db.session.commit()
    return user


def test_neither_the_apps_key_nor_the_digits_stand_in_the_database_as_they_are(world: World) -> None:
    person(world)
    [(key, digits)] = db.session.execute(text(STORED)).all()
    assert key.startswith(SEALED)
    assert digits.startswith(SEALED)
    assert KEY not in key
    assert "argon2" not in digits, "whoever has a copy could try a million digits"


def test_the_link_to_a_new_password_stands_in_the_database_encrypted(world: World, browser: Browser) -> None:
    contact = regular(world)
    browser.post("/sign-in/forgotten", {"email": contact.email})
    assert "/sign-in/forgotten/" in db.session.scalars(select(Email.body)).one()
    [stored] = db.session.scalars(text("SELECT body FROM email")).all()
    assert stored.startswith(SEALED)


@pytest.mark.parametrize("dead", ["used_at", "expires_at"])
def test_a_link_that_opens_nothing_any_more_is_wiped_from_the_outbox(
    world: World, browser: Browser, dead: str, capsys: pytest.CaptureFixture[str]
) -> None:
    contact = regular(world)
    browser.post("/sign-in/forgotten", {"email": contact.email})
    setattr(db.session.scalars(select(PasswordReset)).one(), dead, now())
    db.session.commit()
    send_waiting()
    email = db.session.scalars(select(Email)).one()
    assert (email.body, email.state) == ("", EmailState.FAILED)
    assert "/sign-in/forgotten/" not in capsys.readouterr().out


def test_after_the_key_was_rotated_the_old_one_is_needed_no_more(
    app: Flask, world: World, browser: Browser, keys: None
) -> None:
    user = person(world)
    new, old = Fernet.generate_key().decode(), app.config["SECRETS_KEY"]
    app.config["SECRETS_KEY"] = f"{new},{old}"
    assert rotate_keys() == 2
    app.config["SECRETS_KEY"] = new
    give_password(browser, user.email)
    assert "Main menu" in give_code(browser, DIGITS).text
    app.config["SECRETS_KEY"] = old
    with pytest.raises(InvalidToken):
        db.session.scalar(select(PortalUser.totp_secret).where(PortalUser.totp_secret.is_not(None)))


def test_without_the_old_key_nothing_is_rotated(app: Flask, world: World, keys: None) -> None:
    person(world)
    before = db.session.execute(text(STORED)).all()
    app.config["SECRETS_KEY"] = Fernet.generate_key().decode()
    with pytest.raises(InvalidToken):
        rotate_keys()
    db.session.rollback()
    assert db.session.execute(text(STORED)).all() == before


def test_what_was_stored_before_there_was_a_key_works_and_is_sealed(world: World, browser: Browser) -> None:
    user = person(world)
    plain = text("UPDATE ab_user SET totp_secret = :key, security_code = :digits WHERE totp_secret IS NOT NULL")
    db.session.execute(plain, {"key": KEY, "digits": hash_password(DIGITS)})
    db.session.commit()
    give_password(browser, user.email)
    assert "Main menu" in give_code(browser, DIGITS).text
    assert seal_what_is_open() == 2
    assert seal_what_is_open() == 0
    [(key, digits)] = db.session.execute(text(STORED)).all()
    assert key.startswith(SEALED)
    assert digits.startswith(SEALED)
