"""People who sign in, as staff look after them: access given, taken away, unlocked."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from models import Contact, PasswordReset, PortalUser, RecoveryCode, SignIn, UserSession, db
from rules.password import check_password
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access.administrators import refuse_without_administrator
from workflows.access.first_administrator import given_password
from workflows.access.passwords import common_passwords, hash_password
from workflows.clock import now, today


@dataclass(frozen=True)
class GivenAccess:
    """A contact who can sign in now; `password` is shown once, and empty for somebody who had one already."""

    contact: Contact
    password: str


def give_access(contacts: Sequence[Contact]) -> list[GivenAccess]:
    """Let contacts sign in: each without a user gets one with a given password, or is linked to the one they have.

    Raises Refused, and changes nothing, where a contact's access has ended or the address is an officer's.
    """
    problems = [problem for contact in contacts if (problem := _why_no_access(contact))]
    if problems:
        raise Refused(*problems)
    given = [_give_access(contact) for contact in contacts]
    db.session.commit()
    return given


def _why_no_access(contact: Contact) -> Problem | None:
    if contact.end and contact.end < today():
        ended = f"The access of {contact} ended on {uk_date(contact.end)}."
        return Problem(Code.ACCESS_ENDED, ended, "Change that first.")
    user = _user_of(contact.email)
    if user and user.council:
        return Problem(Code.TAKEN, f"{contact.email} is the address of an officer of the council.")
    return None


def _give_access(contact: Contact) -> GivenAccess:
    user = contact.user or _user_of(contact.email)
    if user:
        contact.user = user
        return GivenAccess(contact, "")
    password = given_password()
    first, _, last = contact.name.partition(" ")
    contact.user = PortalUser(
        first_name=first[:64], last_name=(last or first)[:64], username=contact.email, email=contact.email, active=True,
        council=False, must_change_password=True, password=hash_password(password),
    )  # fmt: skip
    db.session.flush()
    return GivenAccess(contact, password)


def _user_of(email: str) -> PortalUser | None:
    found: PortalUser | None = db.session.scalar(
        select(PortalUser).where(func.lower(PortalUser.email) == email.lower())
    )
    return found


def check_given_password(password: str, email: str) -> None:
    """Raise Refused, at `given_password`, where an officer may not begin with a password (SE-1, SE-2)."""
    denied = common_passwords() if policy.for_council("password_deny_list") else frozenset()
    least = policy.for_council("password_least_length")
    problems = check_password(password, password, "", email, denied, least)
    if problems:
        raise Refused(*(problem.at("given_password") for problem in problems))


def switch_off(users: Sequence[PortalUser], officer: PortalUser) -> int:
    """Keep people out from now on, and end their sessions; return how many.

    Raises Refused for the officer's own, and for the last administrator.
    """
    _not_oneself(users, officer, "You cannot switch off your own access.")
    refuse_without_administrator(users)
    for user in users:
        user.active = False
        _end_sessions(user)
    db.session.commit()
    return len(users)


def switch_on(users: Sequence[PortalUser]) -> int:
    """Let people in again, and return how many."""
    for user in users:
        user.active = True
    db.session.commit()
    return len(users)


def unlock(users: Sequence[PortalUser]) -> int:
    """End the lock after wrong passwords or codes, and return of how many."""
    for user in users:
        user.failed_attempts, user.locked_until = 0, None
    db.session.commit()
    return len(users)


def reset_code(users: Sequence[PortalUser], officer: PortalUser) -> int:
    """Have people create their security code anew at the next sign-in, and return how many. Not the officer's own."""
    _not_oneself(users, officer, "You cannot reset your own security code.")
    for user in users:
        user.code_kind = user.security_code = user.totp_secret = None
        db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        _end_sessions(user)
    db.session.commit()
    return len(users)


def _not_oneself(users: Sequence[PortalUser], officer: PortalUser, wrong: str) -> None:
    if any(user.id == officer.id for user in users):
        raise Refused(Problem(Code.OWN_ACCESS, wrong, "Ask another administrator."))


def _end_sessions(user: PortalUser) -> None:
    for table, column in ((UserSession, UserSession.ended_at), (PasswordReset, PasswordReset.used_at)):
        db.session.execute(update(table).where(table.user_id == user.id, column.is_(None)).values({column: now()}))
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
