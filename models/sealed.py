"""Text that is encrypted where it is kept: a stolen copy of the database shows nothing of it and cannot be searched."""

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from flask import current_app
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# How every sealed text begins (Fernet's version and the first bytes of its time).
SEALED = "gAAAAA"


def keys_of(setting: str) -> MultiFernet:
    """Return the keys of a setting of the configuration, separated by commas: the first seals, all of them open."""
    return MultiFernet([Fernet(key.strip()) for key in current_app.config[setting].split(",")])


def seal(text: str) -> str:
    """Return a text encrypted with the newest key of SECRETS_KEY."""
    return keys_of("SECRETS_KEY").encrypt(text.encode()).decode()


class Sealed(TypeDecorator[str]):
    """A column of text that is encrypted with SECRETS_KEY below the model and readable above it.

    What was stored before there was a key is read as it stands, until `rotate-key` or `set-up` seals it. Two seals of
    one text differ, so no query can look for a value.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal what is stored; an empty text holds no secret."""
        return seal(value) if value else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Open what was read."""
        if not value or not value.startswith(SEALED):
            return value
        return keys_of("SECRETS_KEY").decrypt(value.encode()).decode()
