"""Weeks whose period was due and that nobody has confirmed: the list, and how many there are for the main menu.

And those whose date comes near, for the reminder.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Select, bindparam, cast, func, select, true
from sqlalchemy.orm import joinedload

from models import Actual, LineItem, PaymentPeriod, Person, db
from models.search import NAMES_OF_A_LINE, holding
from workflows import policy
from workflows.clock import today
from workflows.page import Page, counted_page

# Periods that began longer ago are no news, and a line of many years would make the query slow.
LATE_FOR: Final = timedelta(days=180)


@dataclass(frozen=True)
class LateWeek:
    """A line's week that was to be submitted by `due`; `started` where figures of it are kept."""

    line: LineItem
    week: date
    due: date
    started: bool


_TODAY: Final = bindparam("today", type_=Date)


def _unconfirmed(*periods: ColumnElement[bool]) -> tuple[Select[Any], Any]:
    """Return the query of the unconfirmed weeks of some periods, and its column of their Mondays.

    It asks for what `late_asked` returns, and for what the conditions of the periods name.
    """
    asked = {name: bindparam(name, type_=Date) for name in ("today", "claimed_since", "portal_start")}
    mondays = select(cast(func.generate_series(PaymentPeriod.start, PaymentPeriod.end, timedelta(days=7)), Date))
    # As in the weeks of a period: an array keeps the plan generic.
    monday = func.unnest(func.array(mondays.correlate(PaymentPeriod).scalar_subquery()), type_=Date)
    week = select(monday.label("monday")).lateral("week").c.monday
    statement = (
        select(LineItem.id)
        .select_from(PaymentPeriod)
        .join(week.table, true())
        .join(LineItem, LineItem.to_confirm_in(week, **asked))
        .outerjoin(Actual, Actual.of_line(LineItem.id, week))
        .where(*periods, Actual.unconfirmed())
    )
    return statement, week


_LATE, _MONDAY = _unconfirmed(
    PaymentPeriod.submit_by < _TODAY, PaymentPeriod.start > bindparam("late_after", type_=Date)
)
_SOON, _ = _unconfirmed(
    PaymentPeriod.submit_by >= _TODAY,
    PaymentPeriod.submit_by <= bindparam("soon", type_=Date),
    PaymentPeriod.end < _TODAY,
)
# MATERIALIZED: joined with people at once, all were read for each line and period (6,000 weeks: 119 ms, now 11).
_FOUND = (
    _LATE.with_only_columns(
        LineItem.id, _MONDAY, PaymentPeriod.submit_by.label("due"), Actual.started().label("started")
    )
    .cte("late")
    .prefix_with("MATERIALIZED")
)
_PAGE = (
    select(LineItem, _FOUND.c.monday, _FOUND.c.due, _FOUND.c.started, func.count().over())
    .join(_FOUND, _FOUND.c.id == LineItem.id)
    .join(Person, Person.id == LineItem.person_id)
    .options(joinedload(LineItem.person), joinedload(LineItem.element))
    .order_by(_FOUND.c.monday, Person.reference, LineItem.reference)
)
LATE_COUNT: Final = _LATE.with_only_columns(func.count()).scalar_subquery()


def late_asked() -> dict[str, date]:
    """Return what the list and LATE_COUNT ask for now."""
    return {
        "today": today(),
        "claimed_since": policy.claimed_since(),
        "portal_start": policy.for_council("portal_start"),
        "late_after": today() - LATE_FOR,
    }


def due_soon() -> list[tuple[int, str]]:
    """Return the organisations with unconfirmed weeks whose date is near by the policy (RM-1), and of which period.

    Each with the first day of the period, as text. In the council's scope.
    """
    soon = today() + timedelta(days=policy.for_council("reminder_weeks_days"))
    statement = _SOON.with_only_columns(LineItem.organisation_id, PaymentPeriod.start).distinct()
    rows = db.session.execute(statement, late_asked() | {"soon": soon})
    return [(organisation_id, start.isoformat()) for organisation_id, start in rows]


def late_weeks(page: int, size: int, sought: str = "") -> Page[LateWeek]:
    """Return a page of the late weeks of the organisation in scope, the oldest first.

    `sought` is looked for in the line's reference, and the name and reference of the person.
    """
    found = counted_page(_PAGE.where(holding(sought, *NAMES_OF_A_LINE)), page, size, late_asked())
    return found.showing([LateWeek(line, week, due, started) for line, week, due, started, _ in found.rows])
