"""A person's own passkeys: added and removed by who proves it again, and never without their being told."""

import hmac
from collections.abc import Collection
from typing import Final

import webauthn
from flask import current_app
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from webauthn.helpers import options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from models import COUNCIL, SIGN_IN, Passkey, PortalUser, UserSession, acting_for, db
from rules.problem_codes import Code
from rules.record_fields import read_field
from rules.refusal import NotUnderstood, Problem, Refused
from rules.states import PasskeyPurpose
from workflows.access.passkeys.asked import (
    MILLISECONDS,
    NO_ANSWER,
    descriptors,
    live_challenge,
    make_challenge,
    offered,
    own_passkeys,
    use_challenge,
)
from workflows.access.passkeys.step_up import GivenProof, prove_again
from workflows.clock import now
from workflows.mail.account_letters import PASSKEY_ADDED, PASSKEY_REMOVED, write_change

MOST: Final = 10

NOT_ADDED: Final = Problem(
    Code.WRONG_PASSKEY, "The passkey could not be read, so it was not added.", "Add it again.", "add"
)
ADDED_ALREADY: Final = Problem(Code.ASKED_ALREADY, "This passkey has been added already.", "Use another device.", "add")
ADDED_LATE: Final = Problem(
    Code.LATE_PASSKEY, "That took longer than ten minutes, or was sent twice.", "Look whether the passkey is there, or"
    " add it again.", "add",
)  # fmt: skip
TOO_MANY: Final = Problem(
    Code.TOO_MANY, f"You have {MOST} passkeys, and more are not kept.", "Remove one first.", "add"
)
NOTHING_CHOSEN: Final = Problem(Code.MISSING, "Choose what to remove.", "Tick one or more.", "passkeys")


def begin_adding(this: UserSession, given: GivenProof) -> None:
    """Let the person of a session add a passkey in it, once they have proved again who they are. Commits.

    Raises Refused at `security_code` or `passkey`, or at `add` where they have as many as are kept.
    """
    if len(own_passkeys(this.user)) >= MOST:
        raise Refused(TOO_MANY)
    with acting_for(SIGN_IN):
        prove_again(this, given)
        make_challenge(this, PasskeyPurpose.ADD)


def to_add(this: UserSession) -> str | None:
    """Return what the browser asks a device for a new passkey with, as JSON; None where nobody may add one now."""
    party = offered()
    with acting_for(SIGN_IN):
        challenge = live_challenge(this, PasskeyPurpose.ADD)
    if party is None or challenge is None:
        return None
    return options_to_json(
        webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=f"{current_app.config['COUNCIL_NAME']} provider portal",
            user_id=_handle(this.user),
            user_name=this.user.email,
            user_display_name=str(this.user),
            challenge=challenge,
            timeout=MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=descriptors(own_passkeys(this.user)),
        )
    )


def add(this: UserSession, name: str, answer: str) -> None:
    """Keep the passkey that a device made, under a name; its owner is told by e-mail. Commits.

    Raises Refused at `name`, and then the device may answer again; or at `add`, and it is to be begun anew.
    """
    try:
        kept_name = read_field("passkey", "name", name)
    except NotUnderstood as wrong:
        raise Refused(wrong.problem.at("name")) from None
    with acting_for(SIGN_IN):
        challenge = use_challenge(this, PasskeyPurpose.ADD)
        party = offered()
        if challenge is None or party is None:
            raise Refused(ADDED_LATE)
        try:
            made = webauthn.verify_registration_response(
                credential=answer, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
                require_user_verification=True,
            )  # fmt: skip
        except NO_ANSWER:
            raise Refused(NOT_ADDED) from None
    # The login of the sign-in pages makes no passkeys: the council's does, now that the session has said whose.
    with acting_for(COUNCIL):
        added = db.session.execute(
            insert(Passkey)
            .values(
                user_id=this.user_id, name=kept_name, credential_id=made.credential_id, sign_count=made.sign_count,
                public_key=made.credential_public_key, added_at=now(),
            )
            .on_conflict_do_nothing(constraint="uq_passkey_credential_id")
            .returning(Passkey.id)
        ).one_or_none()  # fmt: skip
        if added is None:
            raise Refused(ADDED_ALREADY)
        write_change(this.user.email, PASSKEY_ADDED)
        db.session.commit()


def remove(this: UserSession, chosen: Collection[int], given: GivenProof) -> int:
    """Remove those of a person's passkeys whose ids are chosen, once they have proved it again. Commits.

    Returns how many there were. Their owner is told by e-mail. Raises Refused at `passkeys`, `security_code` or
    `passkey`.
    """
    if not chosen:
        raise Refused(NOTHING_CHOSEN)
    prove_again(this, given)
    with acting_for(COUNCIL):
        which = delete(Passkey).where(Passkey.user_id == this.user_id, Passkey.id.in_(chosen)).returning(Passkey.id)
        removed = len(db.session.execute(which.execution_options(synchronize_session=False)).all())
        if removed:
            write_change(this.user.email, PASSKEY_REMOVED)
        db.session.commit()
        return removed


def _handle(user: PortalUser) -> bytes:
    """Return what devices know a person by: always the same, and it says nothing about them."""
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), f"passkeys of {user.id}".encode(), "sha256")
