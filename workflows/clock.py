"""The two times the portal knows: the business date, and this instant."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask import current_app

LONDON = ZoneInfo("Europe/London")

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def today() -> date:
    """Return the business date in London; PORTAL_TODAY stands in for it outside production."""
    if instant := _told.get():
        return instant.astimezone(LONDON).date()
    fixed = current_app.config["PORTAL_TODAY"]
    return date.fromisoformat(fixed) if fixed else datetime.now(LONDON).date()


def now() -> datetime:
    """Return this instant, in UTC."""
    return _told.get() or datetime.now(UTC)


def london_day(moment: datetime) -> date:
    """Return the date that a clock in London showed at an instant."""
    return moment.astimezone(LONDON).date()


@contextmanager
def story_at(day: date, hour: int = 10) -> Iterator[None]:
    """Let it be that hour of a day in London for a while: the demonstration tells what happened before today."""
    token = _told.set(datetime.combine(day, time(hour), LONDON).astimezone(UTC))
    try:
        yield
    finally:
        _told.reset(token)
