"""People who sign in, as staff look after them: kept out, let in again, unlocked."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from models import PasswordReset, PortalUser, SignIn, UserSession, db
from rules.password import check_password
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access import wrong_tries
from workflows.access.administrators import refuse_without_administrator
from workflows.access.passwords import common_passwords, known_words
from workflows.clock import now


def check_given_password(password: str, email: str) -> None:
    """Raise Refused, at `given_password`, where an officer may not begin with a password (SE-1, SE-2)."""
    denied = common_passwords() if policy.for_council("password_deny_list") else frozenset()
    least = policy.for_council("password_least_length")
    problems = check_password(password, password, "", email, denied, least, known_words())
    if problems:
        raise Refused(*(problem.at("given_password") for problem in problems))


def given_until() -> datetime:
    """Return until when a password works that is given now and not changed (policy: SE-10)."""
    return now() + timedelta(days=policy.for_council("given_password_days"))


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
        wrong_tries.lift(user.id)
    db.session.commit()
    return len(users)


def _not_oneself(users: Sequence[PortalUser], officer: PortalUser, wrong: str) -> None:
    if any(user.id == officer.id for user in users):
        raise Refused(Problem(Code.OWN_ACCESS, wrong, "Ask another administrator."))


def _end_sessions(user: PortalUser) -> None:
    for table, column in ((UserSession, UserSession.ended_at), (PasswordReset, PasswordReset.used_at)):
        db.session.execute(update(table).where(table.user_id == user.id, column.is_(None)).values({column: now()}))
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
