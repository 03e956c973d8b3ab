"""Tokens that open something for one person: a session, a sign-in half done, a link for a new password.

A token begins with whose it is, and is kept as a digest under a key that the database does not have. So whoever could
write rows into the database makes none whose token they know: not with a token of their own beside another person, and
not with one that was given for something else.
"""

import hashlib
import hmac
from enum import StrEnum

from flask import current_app

from workflows.hashes import new_token


class Opens(StrEnum):
    """What a token opens; one for the one is none for the other."""

    SESSION = "a session"
    SIGN_IN = "a sign-in"
    NEW_PASSWORD = "a new password"


def token_of(user_id: int) -> str:
    """Return a new token of a person, 256 bits of chance."""
    return f"{user_id}.{new_token()}"


def kept_as(token: str, opens: Opens) -> str:
    """Return what a token is kept as: of 256 bits no slow digest is needed."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"what opens {opens} {token}".encode(), hashlib.sha256).hex()


def is_of(token: str, user_id: int) -> bool:
    """Say whether a token was given to a person: the row it was found by may say more than is true."""
    return token.partition(".")[0] == str(user_id)
