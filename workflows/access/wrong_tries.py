"""Wrong passwords and codes are counted in the database, and too many of them lock (policy SE-4, SE-5).

They are counted for each account and place, so that a guesser locks out nobody but themselves. Strangers who come from
many places are locked out of the account together, and one who tries many accounts out of all; a known device has a
count of its own, which nobody else can fill.

A try is taken before anything is compared and given back where it was right. So twenty guesses sent at the same
moment are twenty tries, of which all but the first few are refused without being looked at.
"""

import hashlib
import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app, g
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from models import PortalUser, WrongTry, db
from rules.period import uk_clock
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows import policy
from workflows.access import devices
from workflows.clock import LONDON, now
from workflows.mail.letters import write_letter
from workflows.upkeep.trail import note

# How long wrong tries are remembered where nobody signs in.
REMEMBERED = timedelta(days=1)
# Wherever strangers come from.
ANYWHERE = ""
# So many times the tries of one place lock all strangers out of an account, and one place out of all accounts.
TOGETHER = 10
# Whoever types a wrong code knows the password: it weighs as much as so many wrong passwords for strangers together.
CODE_WEIGHS = 10
# A household or an office has a network of this size, with more addresses than anybody can guess passwords.
IPV6_NETWORK = 64


class Count(NamedTuple):
    """One row to count in: whose account (neither: every one), where, how much a try weighs, how much locks."""

    user_id: int | None
    email_hash: str | None
    place: str
    weight: int
    most: int


@dataclass(frozen=True)
class Try:
    """A try that was taken: what it was counted in, and until when that locks should it be wrong."""

    counts: tuple[Count, ...]
    locked_until: datetime | None


def take_try(user_id: int, field: str, *, code: bool = False) -> Try:
    """Take one of a person's tries where this request comes from, committed; a wrong `code` weighs more.

    Raises Refused at `field` where they are locked out there already.
    """
    return _take(_counts(user_id, None, CODE_WEIGHS if code else 1), field)


def take_try_at_unknown(address: str, field: str) -> Try:
    """Do for an address nobody has what `take_try` does for a person, so that the two cannot be told apart."""
    return _take(_counts(None, hashlib.sha256(address.encode()).hexdigest(), 1), field)


def give_back(taken: Try) -> None:
    """Give back a try that was right, committed. What was wrong before it stays counted until the last step."""
    for count in taken.counts:
        left = func.greatest(WrongTry.tries - count.weight, 0)
        locked = case((left < count.most, None), else_=WrongTry.locked_until)
        _change(count, tries=left, locked_until=locked)
    db.session.commit()


def refuse(taken: Try, wrong: Problem) -> Refused:
    """Return the refusal of a wrong try: the lock, where this try was the last, else what is `wrong`.

    The owner of an account that strangers are locked out of is told so by e-mail, once; the trail knows it. Commits.
    """
    note_refused(taken.counts[0].user_id, wrong.wrong, taken.counts[0].email_hash)
    db.session.commit()
    if taken.locked_until is None:
        return Refused(wrong)
    _tell_owner(taken)
    return Refused(_locked(taken.locked_until).at(wrong.field))


def note_refused(user_id: int | None, why: str, email_hash: str | None = None) -> None:
    """Note a sign-in that was refused, of a person or of an address nobody has, for the caller to commit."""
    values: dict[str, Any] = {"address": email_hash} if email_hash else {}
    note("sign-in refused", "ab_user", user_id or 0, why, **values)


def forgive(user_id: int) -> None:
    """Forget what went wrong where somebody has now signed in from, for the caller to commit."""
    for count in _counts(user_id, None, 1):
        if count.user_id and count.place != ANYWHERE:
            db.session.execute(delete(WrongTry).where(_is(count)).execution_options(synchronize_session=False))


def lift(user_id: int) -> None:
    """End every lock of a person's account, for the caller to commit."""
    db.session.execute(delete(WrongTry).where(WrongTry.user_id == user_id).execution_options(synchronize_session=False))


def _counts(user_id: int | None, email_hash: str | None, weight: int) -> tuple[Count, ...]:
    tries = policy.for_council("wrong_tries")
    if own := _own_place(user_id):
        return (Count(user_id, email_hash, own, 1, tries),)
    place = network(g.get("acting_address") or "")
    # Always in this order: two who try at the same moment wait for each other instead of locking each other up.
    return (
        Count(user_id, email_hash, place, 1, tries),
        Count(user_id, email_hash, ANYWHERE, weight, tries * TOGETHER),
        Count(None, None, place, 1, tries * TOGETHER),
    )


def _own_place(user_id: int | None) -> str:
    """Return the place of somebody signed in, or of a device known for them; nothing for a stranger's."""
    session = g.get("signed_in")
    if session and session.user_id == user_id:
        return f"session {session.id}"
    device = devices.known(user_id) if user_id else ""
    return f"device {device}" if device else ""


def network(address: str) -> str:
    """Return the network address tries are counted by: IPv6 by /64, for a household has as many as it likes."""
    with suppress(ValueError):
        known = ipaddress.ip_address(address)
        mapped = known.ipv4_mapped if known.version == 6 else None
        if known.version == 6 and mapped is None:
            return str(ipaddress.ip_network((known, IPV6_NETWORK), strict=False))
        return str(mapped or known)
    return "no address"


def _take(counts: tuple[Count, ...], field: str) -> Try:
    at = now()
    db.session.execute(
        delete(WrongTry)
        .where(WrongTry.first_at < at - REMEMBERED, or_(WrongTry.locked_until.is_(None), WrongTry.locked_until < at))
        .execution_options(synchronize_session=False)
    )
    try:
        with db.session.begin_nested():  # a try that is refused is counted nowhere
            locked = [_count_in(count, at, field) for count in counts]
    except Refused:
        note_refused(counts[0].user_id, "Locked out.", counts[0].email_hash)
        raise
    finally:
        db.session.commit()
    return Try(counts, max((until for until in locked if until), default=None))


def _count_in(count: Count, at: datetime, field: str) -> datetime | None:
    lock = at + timedelta(minutes=policy.for_council("lock_minutes"))
    # A lock that has run out begins the count anew.
    tries = case((WrongTry.locked_until.is_not(None), count.weight), else_=WrongTry.tries + count.weight)
    new = insert(WrongTry).values(
        user_id=count.user_id, email_hash=count.email_hash, place=count.place, tries=count.weight, first_at=at,
        locked_until=lock if count.weight >= count.most else None,
    )  # fmt: skip
    taken = db.session.execute(
        new.on_conflict_do_update(
            constraint="uq_wrong_try_user_id_email_hash_place",
            set_={"tries": tries, "locked_until": case((tries >= count.most, lock), else_=None)},
            where=or_(WrongTry.locked_until.is_(None), WrongTry.locked_until <= at),
        ).returning(WrongTry.locked_until)
    ).one_or_none()
    if taken is None:
        raise Refused(_locked(db.session.scalar(select(WrongTry.locked_until).where(_is(count))) or at).at(field))
    return taken.locked_until  # type: ignore[no-any-return]


def _tell_owner(taken: Try) -> None:
    strangers = next((count for count in taken.counts if count.user_id and count.place == ANYWHERE), None)
    if strangers is None:
        return
    first = db.session.execute(
        update(WrongTry)
        .where(_is(strangers), WrongTry.told.is_(False))
        .values(told=True)
        .returning(WrongTry.id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if first:
        email = db.session.scalar(select(PortalUser.email).where(PortalUser.id == strangers.user_id))
        address = f"{current_app.config['PORTAL_ADDRESS']}/sign-in/forgotten"
        write_letter(email or "", "password guessed", address=address)
    db.session.commit()


def _change(count: Count, **values: object) -> None:
    db.session.execute(update(WrongTry).where(_is(count)).values(**values).execution_options(synchronize_session=False))


def _is(count: Count) -> ColumnElement[bool]:
    return and_(
        WrongTry.user_id.is_not_distinct_from(count.user_id),
        WrongTry.email_hash.is_not_distinct_from(count.email_hash),
        WrongTry.place == count.place,
    )


def _locked(until: datetime) -> Problem:
    # To the full minute after, so that who waits until the clock shows it does not come too early.
    local = (until + timedelta(seconds=59)).astimezone(LONDON)
    remedy = f"To keep your account safe you can try again at {uk_clock(local)}."
    if not g.get("signed_in"):
        remedy += " You get in sooner with a new password: choose “Forgotten your password?” on the sign-in page."
    return Problem(Code.TOO_MANY_TRIES, "Too many wrong passwords or codes.", remedy)
