"""Wrong passwords and codes are counted in the database, and too many of them lock (policy SE-4, SE-5).

A try is taken before anything is compared and given back where it was right. So twenty guesses sent at the same
moment are twenty tries, of which all but the first few are refused without being looked at.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from models import PortalUser, UnknownAddress, db
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.clock import LONDON, now

# How long wrong tries at an address nobody has are remembered.
REMEMBERED = timedelta(days=1)


def take_try(user_id: int, field: str) -> datetime | None:
    """Take one of a person's tries, committed; return until when they are locked should this one be wrong, or nothing.

    Raises Refused at `field` where they are locked already.
    """
    return _take(PortalUser, PortalUser.id == user_id, field)


def give_back(user_id: int) -> None:
    """Give back a try that was right. What was wrong before it stays counted until the last step of signing in."""
    db.session.execute(
        update(PortalUser)
        .where(PortalUser.id == user_id)
        .values(failed_attempts=func.greatest(PortalUser.failed_attempts - 1, 0), locked_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def take_try_at_unknown(address: str, field: str) -> datetime | None:
    """Do for an address nobody has what `take_try` does for a person, so that the two cannot be told apart."""
    email_hash = remember_unknown(address)
    return _take(UnknownAddress, UnknownAddress.email_hash == email_hash, field)


def remember_unknown(address: str) -> str:
    """Note that an address nobody has was typed, for the caller to commit; return what it is kept as, a hash."""
    email_hash = hashlib.sha256(address.encode()).hexdigest()
    db.session.execute(delete(UnknownAddress).where(UnknownAddress.first_typed_at < now() - REMEMBERED))
    db.session.execute(insert(UnknownAddress).values(email_hash=email_hash).on_conflict_do_nothing())
    return email_hash


def refuse(locked_until: datetime | None, wrong: Problem) -> Refused:
    """Return the refusal of a wrong try: the lock, where this try was the last, else what is `wrong`."""
    return Refused(_locked(locked_until).at(wrong.field) if locked_until else wrong)


def _take(table: Any, which: Any, field: str) -> datetime | None:
    tries, minutes = policy.for_council("wrong_tries"), policy.for_council("lock_minutes")
    at = now()
    # A lock that has run out begins the count anew.
    counted = case((table.locked_until.is_not(None), 1), else_=table.failed_attempts + 1)
    taken = db.session.execute(
        update(table)
        .where(which, or_(table.locked_until.is_(None), table.locked_until <= at))
        .values(
            failed_attempts=counted,
            locked_until=case((counted >= tries, at + timedelta(minutes=minutes)), else_=None),
        )
        .returning(table.locked_until)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    until = taken.locked_until if taken else db.session.scalar(db.select(table.locked_until).where(which))
    db.session.commit()
    if taken is None:
        raise Refused(_locked(until or at).at(field))
    return until  # type: ignore[no-any-return]


def _locked(until: datetime) -> Problem:
    # To the full minute after, so that who waits until the clock shows it does not come too early.
    local = (until + timedelta(seconds=59)).astimezone(LONDON)
    remedy = f"To keep your account safe you can try again at {local:%H:%M}."
    return Problem(Code.TOO_MANY_TRIES, "Too many wrong passwords or codes.", remedy)
