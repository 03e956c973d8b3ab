"""What a person confirmed as planned last, so that the page of a week offers to undo it right after it was done."""

from datetime import datetime

from flask import session

from workflows.actuals.period import PeriodWeeks
from workflows.actuals.together import ConfirmedBatch, batch_of

_KEY = "confirmed_together"


def remember(at: datetime | None) -> None:
    """Remember the moment of what was confirmed as planned, until the next or the end of the session."""
    if at is not None:
        session[_KEY] = at.isoformat()


def forget() -> None:
    """Forget it: it was undone."""
    session.pop(_KEY, None)


def just_confirmed(period: PeriodWeeks) -> ConfirmedBatch | None:
    """Return what was confirmed last in this session, if this period has something of it that can be undone."""
    if (at := session.get(_KEY)) is None:
        return None
    return batch_of(datetime.fromisoformat(at), [week.monday for week in period.weeks])
