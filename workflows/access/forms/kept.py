"""What was typed into forms that could not be saved: kept for a day, for the person it was opened by and nobody else.

All of it works under the login of signing in, on a connection of its own: a form is kept before anybody is known, and
to look for it must not disturb what the page does in its session.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app
from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from models import KeptForm, Organisation, db
from models.scoped import SIGN_IN_POOL
from workflows.clock import now

LASTS = timedelta(days=1)
# Somebody who sends old forms again and again fills no disk.
MOST = 20

# Files come with the newest forms of a person alone, and only up to so many bytes of one form.
FORMS_WITH_FILES = 2
MOST_BYTES = 25 * 1024 * 1024

_KEPT = (
    select(
        KeptForm.id,
        KeptForm.organisation_id,
        Organisation.name,
        KeptForm.sealed,
        KeptForm.kept_at,
        KeptForm.files.is_not(None).label("has_files"),
    )
    .outerjoin(Organisation, Organisation.id == KeptForm.organisation_id)
    .where(~KeptForm.refused)
)


class KeptFile(NamedTuple):
    """A file that came with a form: in which field, its name and kind, and what is in it."""

    field: str
    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: from which page to which address, its fields in order, and its files, by field and name.

    `organisation` is the name of the one it is for, empty for the council's. Where it `has_files` they are kept
    (`files_of`), else they have to be chosen again.
    """

    id: int
    organisation_id: int | None
    organisation: str
    page: str
    action: str
    fields: list[tuple[str, str]]
    files: list[tuple[str, str]]
    at: datetime
    has_files: bool


def keep(
    user_id: int | None,
    organisation_id: int | None,
    page: str,
    action: str,
    fields: Iterable[tuple[str, str]],
    files: Sequence[KeptFile] = (),
    *,
    refused: bool = False,
) -> int:
    """Keep a form for a person in an organisation (None: an officer), and return its id. Commits.

    The same one sent again stays one. One that was `refused` is kept for its files alone, which its page names.
    """
    names = [(each.field, each.name) for each in files]
    content = json.dumps([page, action, list(fields), names])
    digests = [hashlib.sha256(each.content).hexdigest() for each in files]
    own = KeptForm.user_id == user_id
    newest = select(KeptForm.id).where(own).order_by(KeptForm.kept_at.desc(), KeptForm.id.desc())
    row = {
        "user_id": user_id,
        "organisation_id": organisation_id,
        "page_hash": _keyed("page", page),
        "digest": _keyed("form", json.dumps([user_id, organisation_id, content, digests, refused])),
        "sealed": _cipher().encrypt(content.encode()).decode(),
        "files": _sealed_files(files),
        "refused": refused,
        "kept_at": now(),
    }
    again = insert(KeptForm).values(row).on_conflict_do_update(index_elements=["digest"], set_={"kept_at": now()})
    with db.engines[SIGN_IN_POOL].begin() as connection:
        kept_id = int(connection.execute(again.returning(KeptForm.id)).scalar_one())
        if user_id is not None:
            connection.execute(delete(KeptForm).where(own, KeptForm.id.not_in(newest.limit(MOST))))
            with_files = newest.where(KeptForm.files.is_not(None)).limit(FORMS_WITH_FILES)
            older = (own, KeptForm.files.is_not(None), KeptForm.id.not_in(with_files))
            connection.execute(update(KeptForm).where(*older).values(files=None))
    return kept_id


def files_of(kept_id: int, user_id: int | None, organisation_id: int | None) -> list[KeptFile]:
    """Return the files that are kept with a form of a person in an organisation; none where it is not theirs."""
    own = (
        KeptForm.user_id.is_not_distinct_from(user_id),
        KeptForm.organisation_id.is_not_distinct_from(organisation_id),
    )
    query = select(KeptForm.files).where(KeptForm.id == kept_id, *own, KeptForm.kept_at > now() - LASTS)
    with db.engines[SIGN_IN_POOL].begin() as connection:
        sealed = connection.execute(query).scalar()
    return _opened_files(sealed) if sealed else []


def _sealed_files(files: Sequence[KeptFile]) -> bytes | None:
    """Return files as they are kept: names and sizes in a line, then what is in them; None for none or too much."""
    if not files or sum(len(each.content) for each in files) > MOST_BYTES:
        return None
    heads = json.dumps([[each.field, each.name, each.kind, len(each.content)] for each in files]).encode()
    return _cipher().encrypt(b"\n".join([heads, b"".join(each.content for each in files)]))


def _opened_files(sealed: bytes) -> list[KeptFile]:
    try:
        heads, _, content = _cipher().decrypt(sealed).partition(b"\n")
    except InvalidToken:
        return []
    found, at = [], 0
    for field, name, kind, size in json.loads(heads):
        found.append(KeptFile(field, name, kind, content[at : at + size]))
        at += size
    return found


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
    # What was kept before files were has their names alone.
    named = [("", each) if isinstance(each, str) else (each[0], each[1]) for each in files]
    return Kept(row.id, row.organisation_id, row.name or "", page, action, pairs, named, row.kept_at, row.has_files)


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key("content")))


def _keyed(purpose: str, text: str) -> str:
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    secret: str = current_app.config["SECRET_KEY"]
    return hmac.digest(secret.encode(), f"kept form: {purpose}".encode(), "sha256")
