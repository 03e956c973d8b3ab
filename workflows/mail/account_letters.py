"""The letters to somebody whose password, code or passkeys have changed: whoever did not do it learns of it."""

from typing import Final

from flask import current_app

from models import Email
from workflows.mail.letters import write_letter

PASSWORD_CHANGED: Final = "password changed"
CODE_CREATED: Final = "security code created"
PASSKEY_ADDED: Final = "passkey added"
PASSKEY_REMOVED: Final = "passkey removed"


def write_change(recipient: str, what: str) -> Email:
    """Write to somebody what of their account has changed (PASSWORD_CHANGED and its like); the caller commits."""
    return write_letter(recipient, what, address=f"{current_app.config['PORTAL_ADDRESS']}/sign-in/forgotten")
