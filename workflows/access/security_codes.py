"""The six-digit security code, from an authenticator app or chosen by the person, and the codes for when it is lost."""

import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyotp
from flask import current_app
from sqlalchemy import delete, select, update

from models import COUNCIL, PortalUser, RecoveryCode, SignIn, acting_for, db
from rules.password import RECOVERY_ALPHABET, check_digits, recovery_codes
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import CodeKind, SignInStep
from workflows import policy
from workflows.access import wrong_tries
from workflows.access.sign_in import Next, advance, finish
from workflows.clock import now
from workflows.hashes import hash_password, matches
from workflows.mail.account_letters import CODE_CREATED, write_change

STEP_SECONDS = 30
# A code typed just before the app shows the next one is good (RFC 6238, 5.2).
IN_TIME = (0, -1)
# A code within five minutes is the right app with a clock that is wrong, or a code typed too late.
OUT_OF_TIME = tuple(offset for offset in range(-10, 11) if offset not in IN_TIME)

WRONG = Problem(Code.WRONG_CODE, "The security code is not right.", field="security_code")
LATE = Problem(
    Code.LATE_CODE,
    "This code is out of time.",
    "Wait for the next code and enter it at once. If that does not help, set the time of the device with the app to"
    " automatic.",
)
RESET_EXPIRED = Problem(
    Code.LATE_CODE, "Your reset code has expired.", "Ask the council for another one.", field="reset_code"
)
WRONG_RESET = Problem(
    Code.WRONG_CODE, "This is not the reset code the council gave you.", "It has eight letters and numbers, and works"
    " once.", "reset_code",
)  # fmt: skip
USED = Problem(Code.USED_CODE, "This code has been used.", "Wait for the next code in your app.", "security_code")


@dataclass(frozen=True)
class NewCode:
    """What the page offers: the kinds policy allows (SE-3, SE-9), and the app's key with its address for the QR code.

    After a reset a person needs the code that an officer gave them.
    """

    kinds: list[CodeKind]
    key: str
    address: str
    takes_reset_code: bool


def prepare(sign_in: SignIn) -> NewCode:
    """Return what somebody needs to create a security code; the app's key is the same until it is confirmed."""
    user = sign_in.user
    with acting_for(COUNCIL):
        db.session.execute(
            update(PortalUser)
            .where(PortalUser.id == user.id, PortalUser.totp_secret.is_(None))
            .values(totp_secret=pyotp.random_base32())
            .execution_options(synchronize_session=False)
        )
        key = _kept_key(user)
        db.session.commit()
    issuer = f"{current_app.config['COUNCIL_NAME']} provider portal"
    address = pyotp.TOTP(key).provisioning_uri(name=user.email, issuer_name=issuer)
    return NewCode(_allowed(user), key, address, _reset_until(user) is not None)


def create_from_app(sign_in: SignIn, typed: str, reset_code: str = "") -> Next:
    """Take an authenticator app that shows its code. Raises Refused at `app_code` or `reset_code`."""
    user = sign_in.user
    _refuse_kind(user, CodeKind.APP)
    step = _step_shown(_kept_key(user), _digits(typed, "app_code"))
    if step is None:
        remedy = "Enter the six digits it shows now."
        raise Refused(Problem(Code.WRONG_CODE, "This is not the code the app shows.", remedy, "app_code"))
    if step < 0:
        raise Refused(LATE.at("app_code"))
    _check_reset_code(user, reset_code)
    return _keep(sign_in, code_kind=CodeKind.APP, security_code=None, totp_last_step=step)


def create_from_digits(sign_in: SignIn, typed: str, again: str, reset_code: str = "") -> Next:
    """Take six digits a person chose. Raises Refused at `security_code`, `security_code_again` or `reset_code`."""
    _refuse_kind(sign_in.user, CodeKind.DIGITS)
    problems = check_digits(_compact(typed), _compact(again))
    if problems:
        raise Refused(*problems)
    _check_reset_code(sign_in.user, reset_code)
    kept = hash_password(_compact(typed))
    return _keep(sign_in, code_kind=CodeKind.DIGITS, security_code=kept, totp_secret=None)


def no_kind() -> Refused:
    """Return the refusal of a form in which no kind of code was chosen, or one that policy does not allow."""
    return Refused(Problem(Code.MISSING, "Choose how you get your security code.", field="kind"))


def codes_behind(token: str) -> list[str]:
    """Return the ten recovery codes made at a step of signing in.

    They can be worked out from the step's token and the portal's own key, so they are kept nowhere as they are.
    """
    drawn = _draw(token)
    return recovery_codes(lambda letters: letters[next(drawn) % len(letters)])


def check(sign_in: SignIn, typed: str) -> Next:
    """Check the security code of somebody signing in. Raises Refused at `security_code`."""
    user = sign_in.user
    ask_again(user, typed)
    if user.code_kind not in _allowed(user):
        following = advance(sign_in, SignInStep.NEW_CODE)
        db.session.commit()
        return following
    return finish(sign_in)


def ask_again(user: PortalUser, typed: str) -> None:
    """Check a person's security code, before something that pays or gives a role that does as at the sign-in. Commits.

    Wrong ones count towards the lock (SE-4). Raises Refused at `security_code`.
    """
    digits = _digits(typed, "security_code")
    taken = wrong_tries.take_try(user.id, "security_code", code=True)
    if user.code_kind is CodeKind.APP:
        _check_app(user, digits, taken)
    elif not matches(_kept_digits(user), digits):
        raise wrong_tries.refuse(taken, WRONG)
    wrong_tries.give_back(taken)


def use_recovery_code(sign_in: SignIn, typed: str) -> Next:
    """Let somebody in with one of their recovery codes, once. Raises Refused at `recovery_code`."""
    user, letters = sign_in.user, compact_letters(typed)
    if len(letters) != 8 or not set(letters) <= set(RECOVERY_ALPHABET):
        wrong = "Enter a recovery code, eight letters and numbers such as ACDE-FGHJ."
        raise Refused(Problem(Code.NOT_A_RECOVERY_CODE, wrong, field="recovery_code"))
    taken = wrong_tries.take_try(user.id, "recovery_code", code=True)
    unused = db.session.execute(
        select(RecoveryCode.id, RecoveryCode.code_hash).where(
            RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
        )
    ).all()
    found = next((row.id for row in unused if matches(row.code_hash, letters)), 0)
    used = db.session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.id == found, RecoveryCode.used_at.is_(None))
        .values(used_at=now())
        .returning(RecoveryCode.id)
    ).one_or_none()
    if used is None:
        wrong = "This recovery code is not right, or it has been used."
        raise wrong_tries.refuse(taken, Problem(Code.WRONG_CODE, wrong, field="recovery_code"))
    wrong_tries.give_back(taken)
    left = len(unused) - 1
    return finish(sign_in, f"You used a recovery code. You have {left or 'none'} left.")


def compact_letters(typed: str) -> str:
    """Return a recovery or reset code as it is compared: its capital letters and digits alone."""
    return re.sub("[^A-Z0-9]", "", typed.upper())


def _check_reset_code(user: PortalUser, typed: str) -> None:
    """Let somebody whose code was reset go on with the reset code alone. Commits the try. Raises Refused."""
    until = _reset_until(user)
    if until is None:
        return
    if until <= now():
        raise Refused(RESET_EXPIRED)
    kept = db.session.scalar(select(PortalUser.reset_code).where(PortalUser.id == user.id))
    taken = wrong_tries.take_try(user.id, "reset_code", code=True)
    if not matches(kept, compact_letters(typed)):
        raise wrong_tries.refuse(taken, WRONG_RESET)
    wrong_tries.give_back(taken)


def _reset_until(user: PortalUser) -> datetime | None:
    until: datetime | None = db.session.scalar(select(PortalUser.reset_until).where(PortalUser.id == user.id))
    return until


def _keep(sign_in: SignIn, **code: object) -> Next:
    """Keep a new code and take its owner on; under the council's login, for that of the sign-in pages writes none.

    Whoever else stands at this step, or waits for this moment, with the password alone begins anew, and meets the code.
    Raises StartAgain where somebody else was first.
    """
    user_id = sign_in.user_id
    code |= {"reset_code": None, "reset_until": None}  # it works once
    new = update(PortalUser).where(PortalUser.id == user_id).values(**code)
    with acting_for(COUNCIL):
        # First: the second of two waits here, and finds no step any more to take.
        db.session.execute(new.execution_options(synchronize_session=False))
        following = advance(sign_in, SignInStep.RECOVERY_CODES)
        others = delete(SignIn).where(SignIn.user_id == user_id, SignIn.id != sign_in.id)
        db.session.execute(others.execution_options(synchronize_session=False))
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        for each in codes_behind(following.token):
            db.session.add(RecoveryCode(user_id=user_id, code_hash=hash_password(each.replace("-", ""))))
        write_change(sign_in.user.email, CODE_CREATED)
        db.session.commit()
    return following


def _check_app(user: PortalUser, digits: str, taken: wrong_tries.Try) -> None:
    step = _step_shown(_kept_key(user), digits)
    if step is None:
        raise wrong_tries.refuse(taken, WRONG)
    if step < 0:
        raise wrong_tries.refuse(taken, LATE.at("security_code"))
    # The database decides which of two who send the same code at the same moment was first.
    first = db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user.id, PortalUser.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(PortalUser.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if first is None:
        raise wrong_tries.refuse(taken, USED)


def _step_shown(key: str, digits: str) -> int | None:
    """Return the time step whose code this is, -1 for one that is out of time, nothing for no code of this app."""
    current, app = int(now().timestamp()) // STEP_SECONDS, pyotp.TOTP(key)
    for offset in (*IN_TIME, *OUT_OF_TIME):
        if hmac.compare_digest(app.at((current + offset) * STEP_SECONDS), digits):
            return current + offset if offset in IN_TIME else -1
    return None


def _kept_key(user: PortalUser) -> str:
    return db.session.scalar(select(PortalUser.totp_secret).where(PortalUser.id == user.id)) or ""


def _kept_digits(user: PortalUser) -> str | None:
    kept: str | None = db.session.scalar(select(PortalUser.security_code).where(PortalUser.id == user.id))
    return kept


def _digits(typed: str, field: str) -> str:
    compact = _compact(typed)
    if not re.fullmatch("[0-9]{6}", compact):
        raise Refused(Problem(Code.NOT_SIX_DIGITS, "Enter all six digits of your security code.", field=field))
    return compact


def _compact(typed: str) -> str:
    return re.sub(r"[\s-]", "", typed)


def _allowed(user: PortalUser) -> list[CodeKind]:
    return [CodeKind(kind) for kind in policy.for_council("officer_code_kinds" if user.council else "code_kinds")]


def _refuse_kind(user: PortalUser, kind: CodeKind) -> None:
    if kind not in _allowed(user):
        raise no_kind()


def _draw(token: str) -> Iterator[int]:
    number = 0
    while True:
        text = f"recovery codes {token} {number}".encode()
        yield int.from_bytes(hmac.digest(current_app.config["SECRET_KEY"].encode(), text, "sha256"))
        number += 1
