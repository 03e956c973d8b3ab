"""The queue of changes that organisations asked for."""

from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from models import ChangeRequest, db

MOST_DECIDED = 20


class RequestsShown(StrEnum):
    """Which requests the queue holds: all that wait for an officer, or changed accounts to call back about."""

    ALL = ""
    TO_CALL = "to-call"


def waiting(show: RequestsShown = RequestsShown.ALL) -> list[ChangeRequest]:
    """Return what waits for an officer, to be confirmed or rung back about: what holds payments first, then by age."""
    shown = ChangeRequest.to_call if show is RequestsShown.TO_CALL else ChangeRequest.waits
    return list(db.session.scalars(_named().where(shown).order_by(ChangeRequest.to_call.desc(), ChangeRequest.id)))


def decided_lately() -> list[ChangeRequest]:
    """Return what was decided last and waits for nothing, newest first."""
    decided = _named().where(ChangeRequest.decided_at.is_not(None), ~ChangeRequest.waits)
    return list(db.session.scalars(decided.order_by(ChangeRequest.decided_at.desc()).limit(MOST_DECIDED)))


def _named() -> Select[tuple[ChangeRequest]]:
    return select(ChangeRequest).options(
        joinedload(ChangeRequest.organisation),
        joinedload(ChangeRequest.asked_by),
        joinedload(ChangeRequest.checked_by),
        joinedload(ChangeRequest.decided_by),
    )
