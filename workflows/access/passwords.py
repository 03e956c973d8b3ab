"""Passwords: kept as argon2id hashes, compared in the same time right or wrong, changed, and asked for again."""

from contextlib import suppress
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update

import rules
from models import SIGN_IN, PasswordReset, PortalUser, SignIn, UserSession, acting_for, db
from rules.password import MOST_LENGTH, check_password
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access import wrong_tries
from workflows.clock import now

# argon2id at the strength OWASP gives as enough: 25 ms a comparison on the council's machines.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Compared with where there is no hash, so that the answer takes as long.
_ANYBODY = _HASHER.hash("nobody has this password")


def hash_password(text: str) -> str:
    """Return the hash a password or an own security code is kept as."""
    return _HASHER.hash(text)


def matches(kept: str | None, typed: str) -> bool:
    """Say whether what was typed is behind a hash; where there is none (or it is no hash), in the same time: no."""
    try:
        return _HASHER.verify(kept or "", typed[: MOST_LENGTH + 1])
    except InvalidHashError:
        _waste_time(typed)
        return False
    except VerificationError:
        return False


def confirm(user: PortalUser, password: str, field: str = "password") -> None:
    """Check the password of somebody signed in, asked for again before a step that binds them.

    Commits, so it is to be called before anything else is changed or locked. Raises Refused at `field`; a wrong
    password counts toward the lock as it does at signing in.
    """
    with acting_for(SIGN_IN):
        locked_until = wrong_tries.take_try(user.id, field)
        if not matches(user.password, password):
            raise wrong_tries.refuse(
                locked_until,
                Problem(Code.WRONG_PASSWORD, "The password is not right.", field=field)
                if password
                else Problem(Code.MISSING, "Enter your password.", field=field),
            )
        wrong_tries.give_back(user.id)


def check_new_password(user: PortalUser, new: str, again: str) -> None:
    """Raise Refused, at `new_password` or `new_password_again`, where a person may not take a password (SE-1, SE-2)."""
    denied = common_passwords() if policy.for_council("password_deny_list") else frozenset()
    # The present password is known only by its hash: it stands for itself where the new one fits it.
    present = new if matches(user.password, new) else ""
    problems = check_password(new, again, present, user.email, denied, policy.for_council("password_least_length"))
    if problems:
        raise Refused(*problems)


def set_password(user: PortalUser, new: str) -> None:
    """Give a person a new password, unchecked: their sessions, half-done sign-ins and links end with the old."""
    ended = now()
    db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user.id)
        .values(password=hash_password(new), must_change_password=False)
        .execution_options(synchronize_session=False)
    )
    for table, column in ((UserSession, UserSession.ended_at), (PasswordReset, PasswordReset.used_at)):
        db.session.execute(update(table).where(table.user_id == user.id, column.is_(None)).values({column: ended}))
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    db.session.commit()


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that many people use, in lower case."""
    return frozenset((Path(rules.__file__).parent / "common_passwords.txt").read_text().split())


def _waste_time(typed: str) -> None:
    with suppress(VerificationError):
        _HASHER.verify(_ANYBODY, typed[: MOST_LENGTH + 1])
