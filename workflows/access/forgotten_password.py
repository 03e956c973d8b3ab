"""A forgotten password: a link by e-mail that works once, for an hour, and tells nobody which addresses exist."""

from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final

from flask import current_app, g
from sqlalchemy import ColumnElement, select, update

from models import COUNCIL, SIGN_IN, PasswordReset, PortalUser, acting_for, db, say_who
from rules.problem_codes import Code
from rules.rates import RESET_LINK
from rules.refusal import Problem, Refused
from rules.words import counted
from workflows.access import devices, wrong_tries
from workflows.access.passwords import check_new_password, set_password
from workflows.access.rates import TooMany, count_email
from workflows.access.sign_in import clean_address, find_user
from workflows.clock import now
from workflows.hashes import Opens, is_of, kept_as, token_of
from workflows.mail.letters import write_letter

LINK_LASTS = timedelta(hours=1)
# Seconds: longer than an e-mail takes to be written, and so few are asked for that nobody waits behind them.
ANSWERED_AFTER: Final = 0.25
SECONDS = 60  # of a minute


class LinkIsDead(Exception):
    """The link was used, is older than an hour, or never was one."""


def ask(email: str) -> None:
    """Write the e-mail with the link, where somebody has the address. Commits.

    Whether somebody has it shows neither in the answer nor in the time it takes. Raises Refused at `email` where it is
    no address, or one that was asked for too often.
    """
    address = clean_address(email)
    if "@" not in address:
        raise Refused(
            Problem(Code.NOT_AN_ADDRESS, "Enter your e-mail address, such as name@example.co.uk.", field="email")
        )
    try:
        count_email(RESET_LINK, address)
    except TooMany as too_many:
        raise Refused(_too_often(too_many.wait)) from None
    begun = monotonic()
    with acting_for(SIGN_IN):
        if user := find_user(address):
            _write(user)
        db.session.commit()
    # To write an e-mail takes a tenth longer than to write none: that showed after a few tries.
    sleep(max(ANSWERED_AFTER - (monotonic() - begun), 0))


def find_link(token: str) -> PortalUser:
    """Return whose link this is; looking at it does not use it up. Raises LinkIsDead."""
    user: PortalUser | None = db.session.scalar(
        select(PortalUser).join(PasswordReset, PasswordReset.user_id == PortalUser.id).where(*_good(token, now()))
    )
    if user is None or not user.active or not is_of(token, user.id):
        raise LinkIsDead
    return user


def use_link(token: str, new: str, again: str) -> None:
    """Give the link's person a new password. Raises LinkIsDead, or Refused as `check_new_password`."""
    user = find_link(token)
    check_new_password(user, new, again)
    # The link is what says who acts.
    say_who(user.id, g.get("acting_address") or "")
    with acting_for(COUNCIL):
        used = db.session.execute(
            update(PasswordReset).where(*_good(token, now())).values(used_at=now()).returning(PasswordReset.id)
        ).one_or_none()
        if used is None:
            raise LinkIsDead
        wrong_tries.lift(user.id)
        # Who reads the person's mail is no stranger: guessers cannot keep this browser out.
        devices.remember(user.id)
        set_password(user, new, "Through a link sent by e-mail.")


def _write(user: PortalUser) -> None:
    token = token_of(user.id)
    address = f"{current_app.config['PORTAL_ADDRESS']}/sign-in/forgotten/{token}"
    email = write_letter(user.email, "new password", address=address)
    expires_at = now() + LINK_LASTS
    kept = kept_as(token, Opens.NEW_PASSWORD)
    db.session.add(PasswordReset(user_id=user.id, token_hash=kept, expires_at=expires_at, email=email))


def _too_often(wait: int) -> Problem:
    return Problem(
        Code.TOO_MANY_TRIES,
        "Links for this address were asked for too often.",
        f"Look in your mailbox, and among the junk: if the portal knows the address, links are there. You can ask for"
        f" another in {counted(-(-wait // SECONDS), 'minute')}.",
        "email",
    )


def _good(token: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    kept = kept_as(token, Opens.NEW_PASSWORD)
    return PasswordReset.token_hash == kept, PasswordReset.used_at.is_(None), PasswordReset.expires_at > at
