"""The history of one line's week: whose it is, how it stands, and every version that was saved of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import ExceptionCheck, ExceptionDecision, InvoiceLine, LineItem, db
from rules.open_days import closed_because
from rules.period import DAY
from rules.refusal import Unknown
from rules.states import PlanKind, label
from workflows.actuals.sheet_row import explanation_of
from workflows.clock import today
from workflows.weeks.corrections import VersionRow, difference, history, invoiced_lines
from workflows.weeks.entry import calendar_now
from workflows.weeks.line_week import LineWeek
from workflows.weeks.read import read_weeks


@dataclass(frozen=True)
class WeekHistory:
    """A line's week and its versions, latest first; `state` as pages show it.

    `days` are those for which an aborted visit or an absence can be entered, none where the week is on an invoice;
    `explanation` says in sentences why a week is held, and `held_id` is then its id.
    `decisions` are those of Service Brokerage, latest first, each with whether it is in force. `invoiced` is what
    invoices held of it, earliest first, each with what its invoice is called; `waiting` are the pounds that come with
    the next one.
    """

    line_id: int
    reference: str
    person: str
    person_reference: str
    element: str
    week: date
    state: str
    correctable: bool
    weekly: bool
    days: list[date]
    held_id: int | None
    explanation: Sequence[str]
    versions: list[VersionRow]
    decisions: Sequence[tuple[ExceptionDecision, bool]]
    invoiced: list[tuple[InvoiceLine, str]]
    waiting: Decimal


def week_history(line_id: int, week: date) -> WeekHistory:
    """Return the history of a week (its Monday). Raises Unknown where the organisation in scope has no such week."""
    stored = next(iter(read_weeks([week], LineItem.id == line_id)), None)
    if stored is None:
        raise Unknown
    line = stored.line
    versions = history(line, week) if stored.actual else []
    invoiced = invoiced_lines(stored.actual.id) if stored.actual else []
    return WeekHistory(
        line_id=line.id,
        reference=line.reference,
        person=line.person_shown,
        person_reference=line.person_reference,
        element=line.element,
        week=week,
        state="Not started" if stored.not_started or stored.actual is None else label(stored.actual.state),
        correctable=stored.is_money,
        weekly=stored.plan.kind is PlanKind.WEEKLY,
        days=_open_days(stored),
        held_id=stored.check.actual_id if stored.check and stored.check.held else None,
        explanation=explanation_of(stored),
        versions=versions,
        decisions=_decisions(stored.actual.id) if stored.actual else [],
        invoiced=[(each.line, each.line.invoice.called(each.pay_date, today())) for each in invoiced],
        waiting=difference(versions, invoiced),
    )


def _open_days(stored: LineWeek) -> list[date]:
    calendar, days = calendar_now(), [stored.week + index * DAY for index in range(7)]
    return [] if stored.is_money else [day for day in days if not closed_because(stored.plan, day, calendar)]


def _decisions(actual_id: int) -> Sequence[tuple[ExceptionDecision, bool]]:
    statement = (
        select(ExceptionDecision, ExceptionDecision.id.is_not_distinct_from(ExceptionCheck.decision_id))
        .join(ExceptionCheck, ExceptionCheck.actual_id == ExceptionDecision.actual_id)
        .where(ExceptionDecision.actual_id == actual_id)
        .order_by(ExceptionDecision.id.desc())
        .options(joinedload(ExceptionDecision.decided_by))
    )
    return [(made, in_force) for made, in_force in db.session.execute(statement)]
