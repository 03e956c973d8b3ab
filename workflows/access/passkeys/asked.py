"""What a browser asks a device to sign for a passkey (WebAuthn), and for whom.

A challenge is for one purpose in one browser, works once, and soon or not at all. All of it works under the login of
signing in, which sees the passkeys and challenges of the person it acts for alone.
"""

import secrets
from contextlib import nullcontext
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import ColumnElement, delete, exists, or_, select
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from models import COUNCIL, SIGN_IN, Passkey, PasskeyChallenge, PortalUser, SignIn, UserSession, acting_for, db, scope
from rules.passkey import RelyingParty, relying_party
from rules.states import PasskeyPurpose
from workflows.clock import now

# Long enough to fetch a key from another room, or to name a new one.
LASTS: Final = timedelta(minutes=10)
MILLISECONDS: Final = int(LASTS.total_seconds() * 1000)
CHALLENGE_BYTES: Final = 32
# What the library raises for what is no answer of a device, beside its own.
NO_ANSWER: Final = (WebAuthnException, ValueError, TypeError, LookupError, AttributeError)


def offered() -> RelyingParty | None:
    """Return for whom passkeys are at the portal's address; None where browsers have none for it."""
    return relying_party(current_app.config["PORTAL_ADDRESS"])


def own_passkeys(user: PortalUser) -> list[Passkey]:
    """Return the passkeys of who acts, in the order they were added; none where the portal's address takes none."""
    if offered() is None:
        return []
    with acting_for(SIGN_IN):
        return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)))


def has_passkey(user_id: int) -> bool:
    """Say whether somebody has a passkey: for who acts, or in the council's scope for anybody."""
    # The council's login reads passkeys itself, and going over to another puts what was loaded out of the session.
    with nullcontext() if scope() == COUNCIL else acting_for(SIGN_IN):
        return bool(db.session.scalar(select(exists().where(Passkey.user_id == user_id))))


def descriptors(passkeys: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """Return passkeys as a browser names them to devices."""
    return [PublicKeyCredentialDescriptor(id=each.credential_id) for each in passkeys]


def make_challenge(browser: SignIn | UserSession, purpose: PasskeyPurpose) -> bytes:
    """Return a new challenge, in place of the one before; committed."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    # What is left of other browsers of this person is over as well.
    over = or_(_of(browser, purpose), PasskeyChallenge.made_at <= now() - LASTS)
    mine = PasskeyChallenge.user_id == browser.user_id
    db.session.execute(delete(PasskeyChallenge).where(mine, over).execution_options(synchronize_session=False))
    where = {"sign_in_id" if isinstance(browser, SignIn) else "session_id": browser.id}
    new = PasskeyChallenge(user_id=browser.user_id, purpose=purpose, challenge=challenge, made_at=now(), **where)
    db.session.add(new)
    db.session.commit()
    return challenge


def use_challenge(browser: SignIn | UserSession, purpose: PasskeyPurpose) -> bytes | None:
    """Return the challenge of a browser and use it up, committed; nothing where there is none, or it is too old."""
    used = delete(PasskeyChallenge).where(*_live(browser, purpose)).returning(PasskeyChallenge.challenge)
    challenge: bytes | None = db.session.scalar(used.execution_options(synchronize_session=False))
    db.session.commit()
    return challenge


def live_challenge(browser: SignIn | UserSession, purpose: PasskeyPurpose) -> bytes | None:
    """Return the challenge of a browser that can still be answered, and leave it so."""
    challenge: bytes | None = db.session.scalar(select(PasskeyChallenge.challenge).where(*_live(browser, purpose)))
    return challenge


def _live(browser: SignIn | UserSession, purpose: PasskeyPurpose) -> tuple[ColumnElement[bool], ...]:
    return _of(browser, purpose), PasskeyChallenge.made_at > now() - LASTS


def _of(browser: SignIn | UserSession, purpose: PasskeyPurpose) -> ColumnElement[bool]:
    column = PasskeyChallenge.sign_in_id if isinstance(browser, SignIn) else PasskeyChallenge.session_id
    return (column == browser.id) & (PasskeyChallenge.purpose == purpose)
