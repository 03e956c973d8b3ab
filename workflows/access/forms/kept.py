"""What was typed into forms that could not be saved: kept for a day, for the person it was opened by and nobody else.

All of it works under the login of signing in, on a connection of its own: a form is kept before anybody is known, and
to look for it must not disturb what the page does in its session.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from models import KeptForm, Organisation, db
from models.scoped import SIGN_IN_POOL
from workflows.clock import now

LASTS = timedelta(days=1)
# Somebody who sends old forms again and again fills no disk.
MOST = 20

_KEPT = select(KeptForm.id, KeptForm.organisation_id, Organisation.name, KeptForm.sealed, KeptForm.kept_at).outerjoin(
    Organisation, Organisation.id == KeptForm.organisation_id
)


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: from which page to which address, its fields in order, and the names of its files.

    `organisation` is the name of the one it is for, empty for the council's.
    """

    id: int
    organisation_id: int | None
    organisation: str
    page: str
    action: str
    fields: list[tuple[str, str]]
    files: list[str]
    at: datetime


def keep(
    user_id: int | None,
    organisation_id: int | None,
    page: str,
    action: str,
    fields: Iterable[tuple[str, str]],
    files: Iterable[str],
) -> None:
    """Keep a form for a person in an organisation (None: an officer); the same one sent again stays one. Commits."""
    content = json.dumps([page, action, list(fields), list(files)])
    own = KeptForm.user_id == user_id
    newest = select(KeptForm.id).where(own).order_by(KeptForm.kept_at.desc(), KeptForm.id.desc()).limit(MOST)
    row = {
        "user_id": user_id,
        "organisation_id": organisation_id,
        "page_hash": _keyed("page", page),
        "digest": _keyed("form", json.dumps([user_id, organisation_id, content])),
        "sealed": _cipher().encrypt(content.encode()).decode(),
        "kept_at": now(),
    }
    again = insert(KeptForm).values(row).on_conflict_do_update(index_elements=["digest"], set_={"kept_at": now()})
    with db.engines[SIGN_IN_POOL].begin() as connection:
        connection.execute(again)
        if user_id is not None:
            connection.execute(delete(KeptForm).where(own, KeptForm.id.not_in(newest)))


def kept_for(user_id: int | None, organisation_id: int | None, page: str) -> Kept | None:
    """Return what was last kept of a page for a person in an organisation; without a person for whoever opens it."""
    own = (
        KeptForm.user_id.is_not_distinct_from(user_id),
        KeptForm.organisation_id.is_not_distinct_from(organisation_id),
    )
    return next(iter(_read(_KEPT.where(*own, KeptForm.page_hash == _keyed("page", page)).limit(1))), None)


def kept_of(user_id: int) -> list[Kept]:
    """Return all that is kept for a person, newest first, whatever organisation it was typed for."""
    return _read(_KEPT.where(KeptForm.user_id == user_id))


def forget(kept_id: int, user_id: int | None) -> None:
    """Delete what was kept for a person: it has been sent, or is not wanted. Commits."""
    own = KeptForm.user_id.is_not_distinct_from(user_id)
    with db.engines[SIGN_IN_POOL].begin() as connection:
        connection.execute(delete(KeptForm).where(KeptForm.id == kept_id, own))


def forget_old() -> int:
    """Delete what was kept longer than a day ago; return how many forms. Commits."""
    with db.engines[SIGN_IN_POOL].begin() as connection:
        return int(connection.execute(delete(KeptForm).where(KeptForm.kept_at < now() - LASTS)).rowcount)


def _read(wanted: Any) -> list[Kept]:
    lasting = wanted.where(KeptForm.kept_at > now() - LASTS).order_by(KeptForm.kept_at.desc(), KeptForm.id.desc())
    with db.engines[SIGN_IN_POOL].begin() as connection:
        rows = connection.execute(lasting).all()
    return [kept for row in rows if (kept := _opened(row))]


def _opened(row: Row[Any]) -> Kept | None:
    """Return a row decrypted; nothing where the secret key has changed meanwhile."""
    try:
        page, action, fields, files = json.loads(_cipher().decrypt(row.sealed.encode()))
    except InvalidToken:
        return None
    pairs = [(name, text) for name, text in fields]
    return Kept(row.id, row.organisation_id, row.name or "", page, action, pairs, files, row.kept_at)


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("content")))


def _keyed(purpose: str, text: str) -> str:
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    secret: str = current_app.config["SECRET_KEY"]
    return hmac.digest(secret.encode(), f"kept form: {purpose}".encode(), "sha256")
