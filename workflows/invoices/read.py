"""What an organisation sees of its invoices: the list, the periods one can be made for, and a sent one (rules.md 8)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from models import (
    Actual,
    Invoice,
    LineItem,
    Organisation,
    PaymentPeriod,
    PaymentSource,
    Remittance,
    db,
)
from rules.states import LineKind, PaymentMethod
from workflows.clock import today
from workflows.invoices.preview import Preview
from workflows.page import Page, page_of
from workflows.weeks.corrections import weeks_with_difference

SIZE = 25


@dataclass(frozen=True)
class PeriodChoice:
    """A period an invoice can be made for: `ready` confirmed weeks, `late` of them from periods before it.

    `corrected` are weeks on earlier invoices whose difference can go on it.
    """

    period: PaymentPeriod
    ready: int
    late: int
    corrected: int = 0


@dataclass(frozen=True)
class LatePeriod:
    """A period that is over, and how many weeks of its lines come late."""

    period: PaymentPeriod
    weeks: int


def invoices_page(page: int) -> Page[Invoice]:
    """Return one page of the invoices of the organisation in scope, drafts included, newest first."""
    return page_of(select(Invoice).options(joinedload(Invoice.period)).order_by(Invoice.id.desc()), page, SIZE)


def weeks_to_invoice() -> Select[date]:
    """Return the query of the weeks that wait to be invoiced, one row of its Monday for each line's.

    The preview of an invoice says which of them cannot go on it yet, and why.
    """
    return (
        select(Actual.week_starting)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .where(Actual.to_invoice(), LineItem.payment_method == PaymentMethod.ACTUALS)
    )


def periods_to_invoice(organisation: Organisation) -> list[PeriodChoice]:
    """Return the periods an invoice can be made for, latest first: those over already, and those with weeks ready.

    A week counts for its own period and, as late, for every one after it.
    """
    weeks = weeks_to_invoice().where(Actual.organisation_id == organisation.id).subquery()
    ready = select(weeks.c.week_starting, func.count().label("weeks")).group_by(weeks.c.week_starting).subquery()
    late = func.coalesce(func.sum(ready.c.weeks).filter(ready.c.week_starting < PaymentPeriod.start), 0)
    statement = (
        select(PaymentPeriod, func.coalesce(func.sum(ready.c.weeks), 0), late)
        .outerjoin(ready, ready.c.week_starting <= PaymentPeriod.end)
        .where(PaymentPeriod.start <= today())
        .group_by(PaymentPeriod.id)
        .order_by(PaymentPeriod.start.desc())
    )
    rows = db.session.execute(statement).all()
    corrected = [actual.week_starting for actual, _ in weeks_with_difference(organisation) if not actual.is_held]
    return [
        PeriodChoice(period, int(n), int(old), sum(week <= period.end for week in corrected))
        for period, n, old in rows
        if period.end < today() or n > old
    ]


def remittance_of(invoice: Invoice) -> Remittance | None:
    """Return the remittance advice that an invoice was paid with, None where it is not paid."""
    found: Remittance | None = db.session.scalar(
        select(Remittance)
        .join(PaymentSource, and_(PaymentSource.run_id == Remittance.run_id, PaymentSource.invoice_id == invoice.id))
        .where(Remittance.organisation_id == invoice.organisation_id, PaymentSource.bank_return_id.is_(None))
    )
    return found


def late_weeks_of(found: Preview) -> list[LatePeriod]:
    """Return the periods before its own of which an invoice holds weeks, in order, each with how many those are."""
    weeks = {(each.actual.id, each.actual.week_starting) for each in found.lines if each.kind is LineKind.LATE}
    if not weeks:
        return []
    mondays = [week for _, week in weeks]
    statement = select(PaymentPeriod).where(PaymentPeriod.start <= max(mondays), PaymentPeriod.end >= min(mondays))
    counts = [
        LatePeriod(period, sum(period.start <= week <= period.end for week in mondays))
        for period in db.session.scalars(statement.order_by(PaymentPeriod.start))
    ]
    return [each for each in counts if each.weeks]
