"""Before a step that binds somebody, they prove again who they are: by their security code, or by a passkey.

One door for all of it: approving, releasing, giving roles, bank details, and what their own account opens with.
"""

from contextlib import nullcontext
from typing import NamedTuple

from models import COUNCIL, SIGN_IN, UserSession, acting_for, scope
from workflows.access.passkeys import prove
from workflows.access.security_codes import ask_again


class GivenProof(NamedTuple):
    """What somebody gave to prove it: the code they typed, or what their device signed, which then alone counts."""

    security_code: str = ""
    passkey: str = ""


def prove_again(this: UserSession, given: GivenProof) -> None:
    """Check that whoever has a session is its person. Commits, so nothing is to be changed or locked before.

    Wrong ones count towards the lock (SE-4). Raises Refused at `passkey` or `security_code`.
    """
    # An officer's work stays under its login: going over to another puts what was loaded out of the session.
    with nullcontext() if scope() == COUNCIL else acting_for(SIGN_IN):
        if given.passkey:
            prove.confirm(this, given.passkey)
        else:
            ask_again(this.user, given.security_code)
