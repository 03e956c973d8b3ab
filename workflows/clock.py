"""The two times the portal knows: the business date, and this instant."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import current_app

LONDON = ZoneInfo("Europe/London")


def today() -> date:
    """Return the business date in London; PORTAL_TODAY stands in for it outside production."""
    fixed = current_app.config["PORTAL_TODAY"]
    return date.fromisoformat(fixed) if fixed else datetime.now(LONDON).date()


def now() -> datetime:
    """Return this instant, in UTC."""
    return datetime.now(UTC)
