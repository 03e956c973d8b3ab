"""A passkey proves who somebody is, in place of a security code: a second step that cannot be phished.

What was signed is taken only from the portal's own address, by a device that made sure who holds it.
"""

from typing import Final, NamedTuple

import webauthn
from sqlalchemy import or_, select, update
from webauthn.helpers import options_to_json, parse_authentication_credential_json
from webauthn.helpers.structs import UserVerificationRequirement

from models import SIGN_IN, Passkey, SignIn, UserSession, acting_for, db
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PasskeyPurpose
from workflows.access import wrong_tries
from workflows.access.passkeys.asked import (
    MILLISECONDS,
    NO_ANSWER,
    descriptors,
    make_challenge,
    offered,
    own_passkeys,
    use_challenge,
)
from workflows.access.sign_in import Next, finish
from workflows.clock import now

FIELD: Final = "passkey"

WRONG: Final = Problem(
    Code.WRONG_PASSKEY, "This passkey is not one of yours.", "Use another, or your security code.", FIELD
)
COUNTED_BACK: Final = Problem(
    Code.WRONG_PASSKEY,
    "This passkey counts back, as a copy of it would.",
    "Use your security code, and remove this passkey from your account.",
    FIELD,
)
LATE: Final = Problem(Code.LATE_PASSKEY, "That took too long, or was sent twice.", "Use your passkey again.", FIELD)


class Proof(NamedTuple):
    """What a device signed, as it was checked: the passkey, and what the device counted its signatures to."""

    passkey: Passkey
    sign_count: int


def to_prove(browser: SignIn | UserSession) -> str | None:
    """Return what a browser asks a device to prove its owner with, as JSON: in signing in, or before a step that binds.

    Commits. None where the person has no passkey.
    """
    party, passkeys = offered(), own_passkeys(browser.user)
    if party is None or not passkeys:
        return None
    with acting_for(SIGN_IN):
        challenge = make_challenge(browser, _purpose_in(browser))
    return options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.id, challenge=challenge, timeout=MILLISECONDS, allow_credentials=descriptors(passkeys),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )  # fmt: skip


def sign_in_with(sign_in: SignIn, answer: str) -> Next:
    """Let somebody in whose device has answered. Raises Refused at `passkey`; a wrong one counts as a wrong code."""
    with acting_for(SIGN_IN):
        confirm(sign_in, answer)
        return finish(sign_in)


def confirm(browser: SignIn | UserSession, answer: str) -> None:
    """Check what a device answered, in place of a security code: in signing in, or in the council's scope. Commits.

    Wrong ones count towards the lock (SE-4). Raises Refused at `passkey`.
    """
    taken = wrong_tries.take_try(browser.user_id, FIELD, code=True)
    challenge = use_challenge(browser, _purpose_in(browser))
    if challenge is None:
        raise wrong_tries.refuse(taken, LATE)
    proof = _proof(browser.user_id, challenge, answer)
    if proof is None:
        raise wrong_tries.refuse(taken, WRONG)
    if not _counts_on(proof):
        raise wrong_tries.refuse(taken, COUNTED_BACK)
    wrong_tries.give_back(taken)


def _proof(user_id: int, challenge: bytes, answer: str) -> Proof | None:
    """Return what an answer proves, nothing where it proves nothing. What was counted is still to be judged."""
    party = offered()
    try:
        credential = parse_authentication_credential_json(answer)
        of_person = Passkey.user_id == user_id, Passkey.credential_id == credential.raw_id
        passkey = db.session.scalar(select(Passkey).where(*of_person))
        if passkey is None or party is None:
            return None
        proved = webauthn.verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            credential_public_key=passkey.public_key, credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
    except NO_ANSWER:
        return None
    return Proof(passkey, proved.new_sign_count)


def _counts_on(proof: Proof) -> bool:
    """Keep what a device counted to, and say whether it is more than before; both stay 0 where it does not count.

    The database decides which of two that come at the same moment was first.
    """
    neither = (Passkey.sign_count == 0) & (proof.sign_count == 0)
    counted = db.session.execute(
        update(Passkey)
        .where(Passkey.id == proof.passkey.id, or_(Passkey.sign_count < proof.sign_count, neither))
        .values(sign_count=proof.sign_count, last_used_at=now())
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return counted is not None


def _purpose_in(browser: SignIn | UserSession) -> PasskeyPurpose:
    return PasskeyPurpose.SIGN_IN if isinstance(browser, SignIn) else PasskeyPurpose.CONFIRM
