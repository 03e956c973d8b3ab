"""The invoices that officers look after: to check, in dispute, late, unpaid long; and one beside earlier periods."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import SQLColumnExpression, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from models import Invoice, InvoiceLine, PaymentPeriod, db
from models.invoice import UNPAID, late_sql
from rules.late_payment import LatePayment
from rules.states import InvoiceState
from workflows import policy
from workflows.clock import today
from workflows.invoices.due import owed_for_lateness
from workflows.invoices.paid import paid_on
from workflows.page import Page, page_of

SIZE = 25
# An invoice is compared with so many periods before its own.
PERIODS_BEFORE = 3


class DeskShown(StrEnum):
    """Which invoices the desk shows: those an officer has to check, in dispute, late, or unpaid for long."""

    TO_CHECK = ""
    DISPUTED = "disputed"
    LATE = "late"
    UNPAID = "unpaid"


@dataclass(frozen=True)
class DeskRow:
    """An invoice on the desk: for how many days the council has had it, what its provider sent on average for a period
    before it (net pounds, None where there is none), and what is owed for lateness."""

    invoice: Invoice
    days: int
    usual: Decimal | None
    late: LatePayment | None


@dataclass(frozen=True)
class PeriodFigures:
    """What live invoices of a period come to: net pounds, lines, weeks of care, and lines of care in them."""

    period: PaymentPeriod
    net: Decimal
    lines: int
    weeks: int
    care_lines: int


def shown_on_desk(show: DeskShown, day: date) -> SQLColumnExpression[bool]:
    """Return the condition of the invoices a list of the desk holds on a business date; its count asks the same."""
    if show is DeskShown.TO_CHECK:
        return Invoice.to_check
    if show is DeskShown.DISPUTED:
        return Invoice.in_dispute
    if show is DeskShown.LATE:
        return late_sql(Invoice, day)
    received_until = day - timedelta(days=policy.for_council("invoice_reminder_days"))
    return and_(Invoice.state.in_(UNPAID), Invoice.received_on <= received_until)


def desk_counts() -> dict[DeskShown, int]:
    """Return how many invoices each list of the desk holds, in one query."""
    counts = [func.count().filter(shown_on_desk(show, today())) for show in DeskShown]
    found = db.session.execute(select(*counts).where(Invoice.state.in_(UNPAID))).one()
    return dict(zip(DeskShown, found, strict=True))


def desk_page(show: DeskShown, page: int) -> Page[DeskRow]:
    """Return one page of a list of the desk, the longest waiting first."""
    statement = (
        select(Invoice)
        .where(shown_on_desk(show, today()))
        .options(joinedload(Invoice.organisation), joinedload(Invoice.period))
        .order_by(Invoice.received_on, Invoice.id)
    )
    found = page_of(statement, page, SIZE)
    usual = _usual([each.id for each in found.rows])
    rows = [DeskRow(each, days_waiting(each), usual.get(each.id), owed_for_lateness(each)) for each in found.rows]
    return Page(rows, found.total, found.page, found.size)


def days_waiting(invoice: Invoice) -> int:
    """Return for how many days the council has had an invoice."""
    return (today() - invoice.received_on).days if invoice.received_on else 0


def owed_on_desk(invoice: Invoice) -> LatePayment | None:
    """Return what is owed for an invoice that was paid late, or is late now."""
    pay_day = paid_on(invoice)
    return owed_for_lateness(invoice, pay_day)


def periods_compared(invoice: Invoice) -> list[PeriodFigures]:
    """Return what an invoice holds, then what its provider's live invoices of the periods before held, latest first."""
    before = and_(
        Invoice.organisation_id == invoice.organisation_id,
        Invoice.live,
        PaymentPeriod.start < invoice.period.start,
        PaymentPeriod.number >= invoice.period.number - PERIODS_BEFORE,
    )
    from_lines = (
        select(
            PaymentPeriod,
            func.sum(InvoiceLine.net),
            func.count(),
            func.count(func.distinct(InvoiceLine.actual_id)),
            func.count(func.distinct(InvoiceLine.line_item_id)),
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .join(PaymentPeriod, PaymentPeriod.id == Invoice.period_id)
        .where(or_(Invoice.id == invoice.id, before))
        .group_by(PaymentPeriod.id)
        .order_by(PaymentPeriod.start.desc())
    )
    return [PeriodFigures(*row) for row in db.session.execute(from_lines)]


def _usual(invoice_ids: list[int]) -> dict[int, Decimal]:
    """Return what providers sent on average for the periods before each invoice, net pounds by the invoice's id."""
    this, before, period, earlier = aliased(Invoice), aliased(Invoice), aliased(PaymentPeriod), aliased(PaymentPeriod)
    by_period = (
        select(this.id.label("invoice_id"), func.sum(before.net).label("net"))
        .join(period, period.id == this.period_id)
        .join(before, and_(before.organisation_id == this.organisation_id, before.live))
        .join(earlier, and_(earlier.id == before.period_id, earlier.number < period.number))
        .where(this.id.in_(invoice_ids), before.state != InvoiceState.DRAFT)
        .where(earlier.number >= period.number - PERIODS_BEFORE)
        .group_by(this.id, earlier.id)
        .subquery()
    )
    average = func.round(func.avg(by_period.c.net), 2).label("net")
    averages = select(by_period.c.invoice_id, average).group_by(by_period.c.invoice_id)
    return {row.invoice_id: row.net for row in db.session.execute(averages)}
