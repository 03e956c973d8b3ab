"""Secrets are kept as hashes: passwords and own codes by argon2id, the random tokens of links and cookies plainly.

Tokens that open something for one person begin with whose they are, and are kept as a digest under a key that the
database does not have. So whoever could write rows into it makes none whose token they know: not with a token of their
own beside another person, and not with one that was given for something else.
"""

import hashlib
import hmac
import secrets
from contextlib import suppress
from enum import StrEnum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from rules.password import MOST_LENGTH

# argon2id at the strength OWASP gives as enough: 25 ms a comparison on the council's machines.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with where there is no hash, so that the answer takes as long.
_ANYBODY = _HASHER.hash("nobody has this password")
# As letters of recovery codes: none can be taken for another when the password is read out.
_LETTERS = "acdefghjkmnpqrtuvwxy34679"


class Opens(StrEnum):
    """What a person's token opens; one for the one is none for the other."""

    SESSION = "a session"
    SIGN_IN = "a sign-in"
    NEW_PASSWORD = "a new password"


def hash_password(text: str) -> str:
    """Return the hash a password or an own security code is kept as."""
    return _HASHER.hash(text)


def matches(kept: str | None, typed: str) -> bool:
    """Say whether what was typed is behind a hash; where there is none (or it is no hash), in the same time: no."""
    try:
        return _HASHER.verify(kept or "", typed[: MOST_LENGTH + 1])
    except InvalidHashError:
        _waste_time(typed)
        return False
    except VerificationError:
        return False


def given_password() -> str:
    """Return a password to begin with, that can be read out on the telephone: "kxra-m7tq-…", 95 bits of chance."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(5))


def new_token() -> str:
    """Return the secret of a link or a cookie, 256 bits of chance."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the hash a token is kept as: what cannot be guessed needs no slow one to be worthless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of(user_id: int) -> str:
    """Return a new token of a person: a session's, a half-done sign-in's, or that of a link for a new password."""
    return f"{user_id}.{new_token()}"


def kept_as(token: str, opens: Opens, at: str = "") -> str:
    """Return what a person's token is kept as; one of something that has steps, at which of them."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, f"what opens {opens} {at}{token}".encode(), hashlib.sha256).hex()


def is_of(token: str, user_id: int) -> bool:
    """Say whether a token was given to a person: the row it was found by may say more than is true."""
    return token.partition(".")[0] == str(user_id)


def _waste_time(typed: str) -> None:
    with suppress(VerificationError):
        _HASHER.verify(_ANYBODY, typed[: MOST_LENGTH + 1])
