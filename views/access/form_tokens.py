"""The token that proves that a form came from one of our pages: masked anew in each answer, with the form's seal.

Answers are compressed. Where something secret stands in each of them unchanged, its length after compression tells
somebody who can make a browser ask again and again what the secret is (BREACH); masked, it is never the same.
"""

import base64
import binascii
import secrets

from flask import Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from views.access import form_seal


class MaskedTokens(CSRFProtect):
    """Flask-WTF's protection with a token that is masked in the page, and unmasked before it is looked at."""

    def init_app(self, app: Flask) -> None:
        """Protect every form of `app`."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = _token
        app.context_processor(lambda: {"csrf_token": _token})

    def _get_csrf_token(self) -> str | None:
        token = super()._get_csrf_token()
        return unmask(token.partition(".")[0]) if token else None


def _token() -> str:
    if "masked_token" not in g:
        g.masked_token = mask(generate_csrf())
    return f"{g.masked_token}.{form_seal.seal()}"


def mask(token: str) -> str:
    """Return a token so that it never looks the same twice."""
    plain = token.encode()
    key = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(key + _xor(plain, key)).decode()


def unmask(masked: str) -> str:
    """Return the token behind a masked one; what is none stays as it is, and is found wrong."""
    try:
        both = base64.b64decode(masked, altchars=b"-_", validate=True)
        half = len(both) // 2
        return _xor(both[half:], both[:half]).decode("ascii")
    except (binascii.Error, UnicodeError, ValueError):
        return masked


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
