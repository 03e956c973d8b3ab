"""Before something that pays, or gives a role that does, an officer proves again who they are: by code or passkey."""

from flask import Flask, g, request

from workflows.access.passkeys import prove
from workflows.access.passkeys.asked import has_passkey, offered
from workflows.access.security_codes import ask_again


def prove_again() -> None:
    """Check the passkey or the security code in the form of the officer who is signed in. Commits.

    Wrong ones count towards the lock (SE-4). Raises Refused at `passkey` or `security_code`.
    """
    if answer := request.form.get("passkey", ""):
        prove.confirm(g.signed_in, answer)
    else:
        ask_again(g.signed_in.user, request.form.get("security_code", ""))


def offer_passkeys(app: Flask) -> None:
    """Let the templates of `app` ask at which address the passkeys of the officer who is signed in work."""
    app.jinja_env.globals["passkey_origin"] = _origin


def _origin() -> str:
    party = offered()
    return party.origin if party and has_passkey(g.signed_in.user_id) else ""
