"""Where somebody is signed in now: shown to themselves, who can end what they do not know."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from models import SIGN_IN, Organisation, UserSession, acting_for, db
from rules.browser import UNKNOWN
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.access import passwords
from workflows.access.sessions import can_still_be_used, end_sessions
from workflows.clock import now

WHY = "By the person, from another browser: {browser}."
NOTHING_CHOSEN = Problem(
    Code.MISSING, "Choose what to sign out.", "Tick one or more, or sign out everywhere else.", "sessions"
)


@dataclass(frozen=True)
class OpenSession:
    """A session that can still be used: `browser` in words, the network address it began from, both empty if unknown.

    `organisation` is the one it acts for, empty for the council.
    """

    id: int
    is_this: bool
    browser: str
    address: str
    organisation: str
    began_at: datetime
    last_seen_at: datetime


def open_sessions(this: UserSession) -> list[OpenSession]:
    """Return where the person of a session is signed in: this one first, then by when it was last used."""
    with acting_for(SIGN_IN):
        found = db.session.execute(
            select(UserSession, Organisation.name)
            .outerjoin(Organisation, Organisation.id == UserSession.organisation_id)
            .where(UserSession.user_id == this.user_id, can_still_be_used(now()))
            .order_by(UserSession.id != this.id, UserSession.last_seen_at.desc(), UserSession.id)
        ).all()
        return [
            OpenSession(
                each.id, each.id == this.id, each.browser, each.address, name or "", each.created_at, each.last_seen_at
            )
            for each, name in found
        ]


def end_chosen(this: UserSession, chosen: Collection[int], password: str) -> int:
    """End those of a person's other sessions whose ids are chosen, and return how many there were.

    The password is asked for again. Commits. Raises Refused at `sessions` or `password`.
    """
    if not chosen:
        raise Refused(NOTHING_CHOSEN)
    passwords.confirm(this.user, password)
    with acting_for(SIGN_IN):
        return end_sessions(_others(this), UserSession.id.in_(chosen), why=_why(this))


def end_others(this: UserSession, password: str) -> int:
    """End all of a person's other sessions, and return how many. Commits. Raises Refused as `end_chosen`."""
    passwords.confirm(this.user, password)
    with acting_for(SIGN_IN):
        return end_sessions(_others(this), why=_why(this))


def _others(this: UserSession) -> ColumnElement[bool]:
    return and_(UserSession.user_id == this.user_id, UserSession.id != this.id)


def _why(this: UserSession) -> str:
    return WHY.format(browser=this.browser or UNKNOWN)
