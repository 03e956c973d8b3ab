"""The e-mails to somebody whose password or passkeys have changed: whoever did not do it learns of it."""

from typing import Final

from flask import current_app

from models import Email
from workflows.mail.outbox import write_email

PASSWORD_CHANGED: Final = "Your password for the provider portal was changed"
PASSKEY_ADDED: Final = "A passkey was added to your account"
PASSKEY_REMOVED: Final = "A passkey was removed from your account"
_WHAT: Final = {
    PASSWORD_CHANGED: "The password of your account on the provider portal of {council} was changed.",
    PASSKEY_ADDED: "A passkey was added to your account on the provider portal of {council}.\n"
    "It can be used instead of your security code.",
    PASSKEY_REMOVED: "A passkey was removed from your account on the provider portal of {council}.",
}
_BODY: Final = """{what}

If it was you, you have nothing to do.

If it was not you, choose a new password now, which signs everybody out, and telephone {telephone}:
{address}
"""


def write_change(recipient: str, what: str) -> Email:
    """Write to somebody what of their account has changed (PASSWORD_CHANGED and its like); the caller commits."""
    settings = current_app.config
    body = _BODY.format(
        what=_WHAT[what].format(council=settings["COUNCIL_NAME"]),
        telephone=settings["COUNCIL_TELEPHONE"] or "the council",
        address=f"{settings['PORTAL_ADDRESS']}/sign-in/forgotten",
    )
    return write_email(recipient, what, body)
