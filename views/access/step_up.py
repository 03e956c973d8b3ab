"""Before a step that binds somebody, a form asks again who they are: by their security code or a passkey.

`macros/step_up.html` is what it asks with.
"""

from flask import Flask, g, request

from rules.refusal import Refused
from workflows.access.passkeys import step_up
from workflows.access.passkeys.asked import has_passkey, offered
from workflows.access.passkeys.step_up import GivenProof

CODE = "security_code"


def given(code_field: str = CODE) -> GivenProof:
    """Return what was given on the form that was sent, to prove who sent it."""
    return GivenProof(request.form.get(code_field, ""), request.form.get("passkey", ""))


def prove_again(code_field: str = CODE) -> None:
    """Check the passkey or the security code on the form of who is signed in. Commits.

    Wrong ones count towards the lock (SE-4). Raises Refused at `passkey` or the field of the code.
    """
    try:
        step_up.prove_again(g.signed_in, given(code_field))
    except Refused as refused:
        at = [each.at(code_field) if each.field == CODE else each for each in refused.problems]
        raise Refused(*at) from None


def passkey_origin() -> str:
    """Return the address at which the passkeys of who is signed in work, nothing where they have none.

    A provider's page calls it before it reads what it shows: asking puts what was loaded out of the session.
    """
    if "passkey_origin" not in g:
        party = offered()
        g.passkey_origin = party.origin if party and has_passkey(g.signed_in.user_id) else ""
    return str(g.passkey_origin)


def offer_passkeys(app: Flask) -> None:
    """Let the templates of `app` ask at which address the passkeys of who is signed in work."""
    app.jinja_env.globals["passkey_origin"] = passkey_origin
