"""After `rotate-key` no old key is needed: what is encrypted is read, and organisations are paid, by the new ones."""

from collections.abc import Iterator

import click
import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

import database
from commands.rotate_key import rotate
from models import ChangeRequest, Email, PasswordReset, PortalUser, db, metadata
from models.sealed import SEALED, Sealed
from rules.bank_account import BankDetails
from rules.states import ChangeKind
from tests.support.browser import Browser
from tests.support.people import regular
from tests.support.world import World
from tests.workflows.payments.test_bank_file import Story
from workflows.access.rotate import SECRETS
from workflows.organisations import bank_details, change_requests
from workflows.payments.bank_file import bacs_file

APP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
KEYS = ("SECRETS_KEY", "BANK_DETAILS_KEY")


@pytest.fixture
def old(app: Flask) -> Iterator[dict[str, str]]:
    """The keys before; a new one stands before each."""
    before = {name: app.config[name] for name in KEYS}
    app.config.update({name: f"{Fernet.generate_key().decode()},{key}" for name, key in before.items()})
    yield before
    app.config.update(before)


def drop_old(app: Flask) -> None:
    for name in KEYS:
        app.config[name] = app.config[name].split(",")[0]
    db.session.expire_all()


def sealed_columns() -> set[str]:
    own = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns
           if isinstance(column.type, Sealed)}  # fmt: skip
    return own | {"change_request.sealed"}


def test_every_column_that_is_encrypted_goes_over() -> None:
    rotated = {f"{model.__tablename__}.{name}" for model, name in SECRETS} | {"change_request.sealed"}
    assert rotated == sealed_columns()


def test_a_released_run_pays_the_same_accounts_when_the_old_key_is_gone(
    app: Flask, world: World, old: dict[str, str], test_database: database.Urls
) -> None:
    with_old_keys = {name: app.config[name] for name in KEYS}
    app.config.update(old)
    story = Story(world)
    story.invoiced("Broadland Care CIC", account="11110923")
    run = story.released()
    before = bacs_file(run.id).content
    app.config.update(with_old_keys)
    rotate(test_database.owner)
    drop_old(app)
    assert bacs_file(run.id).content == before
    app.config.update(old)
    with pytest.raises(InvalidToken):
        bacs_file(run.id)


def test_everything_that_is_encrypted_is_read_when_the_old_keys_are_gone(
    app: Flask, world: World, browser: Browser, old: dict[str, str], test_database: database.Urls
) -> None:
    with_old_keys = {name: app.config[name] for name in KEYS}
    app.config.update(old)
    contact = regular(world)
    assert contact.user
    contact.user.totp_secret, contact.user.reset_code = APP_KEY, "a hash"
    db.session.commit()
    browser.post("/sign-in/forgotten", {"email": contact.email})
    written = db.session.scalars(select(Email.body)).one()
    world.account(contact.organisation, "11110924")
    app.config.update(with_old_keys)
    secrets, accounts = rotate(test_database.owner)
    assert (secrets, accounts) == (4, 2)
    drop_old(app)
    user = db.session.scalars(select(PortalUser).where(PortalUser.id == contact.user_id)).one()
    assert (user.totp_secret, user.reset_code) == (APP_KEY, "a hash")
    assert user.security_code
    assert db.session.scalars(select(Email.body)).one() == written
    link = written[written.index("/sign-in/forgotten/") :].split()[0]
    assert "New password" in browser.get(link).text
    assert db.session.scalars(select(PasswordReset.used_at)).one() is None
    for sealed in db.session.scalars(select(ChangeRequest.sealed)):
        assert sealed
        assert bank_details.unseal(sealed).sort_code == "089999"
    for name in sorted(sealed_columns()):
        table, column = name.split(".")
        kept = db.session.scalars(text(f"SELECT {column} FROM {table} WHERE {column} <> ''")).all()
        assert kept, name
        assert all(each.startswith(SEALED) for each in kept), name


def test_a_rotation_is_all_or_nothing(
    app: Flask, world: World, old: dict[str, str], test_database: database.Urls
) -> None:
    app.config.update(old)
    contact = regular(world)
    assert contact.user
    contact.user.totp_secret = APP_KEY
    db.session.commit()
    before = db.session.scalars(select(ChangeRequest.sealed)).all()
    assert before
    app.config["BANK_DETAILS_KEY"] = f"{Fernet.generate_key().decode()},{old['BANK_DETAILS_KEY']}"
    app.config["SECRETS_KEY"] = Fernet.generate_key().decode()
    with pytest.raises(click.ClickException, match="Put the older key behind the new one"):
        rotate(test_database.owner)
    db.session.rollback()
    assert db.session.scalars(select(ChangeRequest.sealed)).all() == before


@pytest.mark.parametrize("login", ["web", "council"])
def test_who_does_not_own_the_tables_is_told_so_and_nothing_is_changed(
    world: World, old: dict[str, str], test_database: database.Urls, login: str
) -> None:
    world.organisation()
    before = db.session.scalars(select(ChangeRequest.sealed)).all()
    with pytest.raises(click.ClickException, match="set DATABASE_OWNER_URL"):
        rotate(getattr(test_database, login))
    assert db.session.scalars(select(ChangeRequest.sealed)).all() == before


def test_no_login_of_the_portal_seals_an_account_anew(world: World) -> None:
    organisation = world.organisation()
    contact = world.contact(organisation)
    assert contact.user
    change_requests.ask(organisation, ChangeKind.BANK_DETAILS, BankDetails("x", "1", "2"), contact.user)
    for state in ("confirmed", "asked for"):
        with pytest.raises(IntegrityError, match="owner of the tables alone"):
            db.session.execute(text("UPDATE change_request SET sealed = 'x' WHERE state = :state"), {"state": state})
        db.session.rollback()


def test_what_was_asked_for_stays_beside_it_even_for_the_owner(world: World, owner: Connection) -> None:
    world.organisation()
    with pytest.raises(IntegrityError):
        owner.execute(text("UPDATE change_request SET sealed = 'x', wanted = 'x'"))
