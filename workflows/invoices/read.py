"""What an organisation sees of its invoices: the list, the periods one can be made for, and a sent one (rules.md 8)."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from models import (
    Actual,
    Invoice,
    InvoiceLine,
    LineItem,
    Organisation,
    PaymentPeriod,
    PaymentSource,
    Remittance,
    db,
)
from rules.states import PaymentMethod
from workflows.clock import today
from workflows.page import Page, page_of
from workflows.weeks.corrections import weeks_with_difference

SIZE = 25
LINES = 100


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
class SentInvoice:
    """An invoice that was sent, one page of its lines, and where its payment is."""

    invoice: Invoice
    lines: list[InvoiceLine]
    page: int
    pages: int
    remittance: Remittance | None


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


def sent_invoice(invoice: Invoice, page: int) -> SentInvoice:
    """Return a sent invoice with one page of its lines and the payment it is in, as far as there is one."""
    count = db.session.scalar(select(func.count()).where(InvoiceLine.invoice_id == invoice.id)) or 0
    statement = (
        select(InvoiceLine)
        .where(InvoiceLine.invoice_id == invoice.id)
        .options(joinedload(InvoiceLine.adjusts).joinedload(InvoiceLine.invoice))
        .options(joinedload(InvoiceLine.line_item).joinedload(LineItem.person))
        .options(joinedload(InvoiceLine.line_item).joinedload(LineItem.element))
        .order_by(InvoiceLine.number)
    )
    lines = list(db.session.scalars(statement.offset((page - 1) * LINES).limit(LINES)))
    remittance = db.session.scalar(
        select(Remittance)
        .join(PaymentSource, and_(PaymentSource.run_id == Remittance.run_id, PaymentSource.invoice_id == invoice.id))
        .where(Remittance.organisation_id == invoice.organisation_id, PaymentSource.bank_return_id.is_(None))
        .options(joinedload(Remittance.run))
    )
    return SentInvoice(invoice, lines, page, max(1, -(-count // LINES)), remittance)
