"""Visits that could not take place, as somebody records them."""

from datetime import date, time
from typing import Any

from sqlalchemy import select

from models import Actual, LineItem, db
from tests.support.worlds.weeks import NOV_6
from workflows.aborted_visits.record import VisitEntry

TUESDAY = date(2017, 11, 7)


def visit_on(line: LineItem, day: date = TUESDAY, **more: Any) -> VisitEntry:
    """An aborted visit of 45 minutes at eight in the morning that nobody told the provider about."""
    values: dict[str, Any] = {
        "line_id": line.id,
        "day": day,
        "planned_start": time(8),
        "planned_minutes": 45,
        "reason": "NO_REPLY",
    }
    return VisitEntry(**(values | {"reason": "NO_REPLY"} | more))


def stored(line: LineItem, monday: date = NOV_6) -> Actual:
    statement = select(Actual).where(Actual.line_item_id == line.id, Actual.week_starting == monday)
    found: Actual = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    return found
