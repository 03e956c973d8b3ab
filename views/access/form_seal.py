"""What a form knows of the page it stands on: who opened it, for which organisation, where; signed, not to be changed.

It travels in the token that every form carries, so that no form can lack it.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import RequestEntityTooLarge

# A page left open over a long weekend is still somebody's.
LASTS = timedelta(days=7)


@dataclass(frozen=True)
class Opened:
    """A form as it was opened: by whom (None: nobody was signed in), for which organisation (None: the council's).

    `page` is where it stood, query string and all; `key` tells it from every other form, also of the same page;
    `kept_id` is what was kept and filled in again there.
    """

    user_id: int | None
    organisation_id: int | None
    page: str
    key: str
    kept_id: int | None = None


def this_page() -> str:
    """Return the address of the page that is asked for, query string and all."""
    return request.full_path.rstrip("?")


def seal() -> str:
    """Return the seal of the next form of this page."""
    if "form_seal" not in g:
        kept = g.get("kept")
        parts = [*_who(), _page(), secrets.token_urlsafe(12), kept.id if kept else None]
        g.form_seal, g.forms_sealed = _signer().dumps(parts), 0
    g.forms_sealed += 1
    return f"{g.forms_sealed}.{g.form_seal}"


def opened() -> Opened | None:
    """Return how the form that was sent was opened; nothing where it carries no seal of ours, or one too old."""
    if "form_opened" not in g:
        g.form_opened = _read(_token_sent())
    found: Opened | None = g.form_opened
    return found


def _token_sent() -> str:
    try:
        return request.form.get("csrf_token") or request.headers.get("X-CSRFToken") or ""
    except RequestEntityTooLarge:
        # Its page says so; it must not fail for want of the form.
        return ""


def is_own(found: Opened) -> bool:
    """Say whether a form was opened by who is signed in now, for the organisation they act for now."""
    return [found.user_id, found.organisation_id] == _who()


def _read(token: str) -> Opened | None:
    _, _, sealed = token.partition(".")
    number, _, signed = sealed.partition(".")
    try:
        user_id, organisation_id, page, key, kept_id = _signer().loads(signed, max_age=int(LASTS.total_seconds()))
    except BadData:
        return None
    return Opened(user_id, organisation_id, page, f"{key}.{number}", kept_id)


def _who() -> list[int | None]:
    who = g.get("signed_in")
    return [who.user_id, who.organisation_id] if who else [None, None]


def _page() -> str:
    """Return where a form stands: one that is shown again after it was sent stands where it stood before."""
    if request.method == "POST":
        before = opened()
        return before.page if before and is_own(before) else request.path
    return this_page()


def _signer() -> URLSafeTimedSerializer:
    return _signer_with(current_app.config["SECRET_KEY"])


@lru_cache
def _signer_with(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="form")
