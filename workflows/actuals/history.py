"""The history of one line's week: whose it is, how it stands, and every version that was saved of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models import InvoiceLine, LineItem, db
from rules.money import NOTHING
from rules.refusal import Unknown
from rules.states import label
from workflows.weeks.corrections import VersionRow, difference, history
from workflows.weeks.read import read_weeks


@dataclass(frozen=True)
class WeekHistory:
    """A line's week and its versions, latest first; `state` as pages show it.

    `invoiced` is what invoices held of it, earliest first; `waiting` are the pounds that come with the next one.
    """

    line_id: int
    reference: str
    person: str
    person_reference: str
    element: str
    week: date
    state: str
    correctable: bool
    versions: list[VersionRow]
    invoiced: list[InvoiceLine]
    waiting: Decimal


def week_history(line_id: int, week: date) -> WeekHistory:
    """Return the history of a week (its Monday). Raises Unknown where the organisation in scope has no such week."""
    stored = next(iter(read_weeks([week], LineItem.id == line_id)), None)
    if stored is None:
        raise Unknown
    line = stored.line
    return WeekHistory(
        line_id=line.id,
        reference=line.reference,
        person=line.person_shown,
        person_reference=line.person_reference,
        element=line.element,
        week=week,
        state=label(stored.actual.state) if stored.actual else "Not started",
        correctable=stored.is_money,
        versions=history(line_id, week),
        invoiced=_invoiced(stored.actual.id) if stored.actual else [],
        waiting=difference(stored.actual.id) if stored.actual else NOTHING,
    )


def _invoiced(actual_id: int) -> list[InvoiceLine]:
    statement = select(InvoiceLine).where(InvoiceLine.actual_id == actual_id).order_by(InvoiceLine.id)
    return list(db.session.scalars(statement.options(joinedload(InvoiceLine.invoice))))
