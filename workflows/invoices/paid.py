"""When invoices are paid: one of them, and how long it takes (Procurement Regulations 2024, regulation 38)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    ScalarSelect,
    Select,
    Values,
    and_,
    any_,
    bindparam,
    cast,
    column,
    false,
    func,
    or_,
    select,
    values,
)

from models import Hold, Invoice, InvoiceLine, LineItem, PaymentRun, PaymentSource, db
from rules.half_year import HalfYear
from rules.states import InvoiceState, RunState
from workflows.clock import today
from workflows.payments.run import suggested_pay_date

TENTH = Decimal("0.1")
# Of a half-year: payments, pounds, within 30 and 60 days and later, average and median of days.
NOTHING_PAID = (0, Decimal(0), 0, 0, 0, None, None)
PAID_RUNS = (RunState.RELEASED, RunState.SETTLED)
# The median says how fast the council has paid lately: on pay days of so many days.
LATELY = timedelta(days=182)

# Day 1 is the first after the one on which the invoice was received; it is paid when the money reaches the bank.
DAYS_TO_PAY = PaymentRun.pay_date - Invoice.received_on

# What pays an invoice; a payment that came back from the bank does not.
PAYS = and_(PaymentSource.invoice_id == Invoice.id, PaymentSource.bank_return_id.is_(None))


@dataclass(frozen=True)
class PaymentTimes:
    """How fast the council paid in a half-year: invoices and pounds paid by days taken, their average of days.

    `became_due` are those whose due date is in it, undisputed; of them `not_paid` were not paid by its end.
    """

    half: HalfYear
    became_due: int
    not_paid: int
    paid: int
    pounds: Decimal
    within_30: int
    within_60: int
    over_60: int
    average: Decimal | None
    median: Decimal | None

    def share(self, count: int) -> Decimal | None:
        """Return how many in a hundred of the payments these are, to one place; None where nothing was paid."""
        return _in_a_hundred(count, self.paid)

    @property
    def not_paid_share(self) -> Decimal | None:
        """How many in a hundred of what became due was not paid in it."""
        return _in_a_hundred(self.not_paid, self.became_due)


@dataclass(frozen=True)
class PayDay:
    """When an invoice reaches the bank: the day of its payment run, or, not `in_run`, the next pay day.

    A provider sees a run, and so its day, from its release on.
    """

    day: date
    in_run: bool


class OnHold(NamedTuple):
    """Why an accepted invoice is not paid for now: a hold on a line of it, by reference, or on its organisation."""

    reason: str
    line: str | None


def holds_on(invoice: Invoice) -> list[OnHold]:
    """Return the holds in force today on a line of an invoice or on its organisation.

    It is one source of a payment run, so that it waits as a whole (rules.md 10).
    """
    # An array, found once: a subquery is looked through for each line item of the organisation.
    on_it = func.array(select(InvoiceLine.line_item_id).where(InvoiceLine.invoice_id == invoice.id).scalar_subquery())
    held = or_(LineItem.id == Hold.line_item_id, LineItem.document_id == Hold.document_id)
    of_all = and_(Hold.line_item_id.is_(None), Hold.document_id.is_(None))
    statement = (
        select(Hold.reason, LineItem.reference)
        .outerjoin(LineItem, and_(held, LineItem.id == any_(on_it)))
        .where(Hold.organisation_id == invoice.organisation_id, Hold.in_force(today()))
        .where(or_(of_all, LineItem.id.is_not(None)))
        .order_by(Hold.id, LineItem.reference)
    )
    return [OnHold(*row) for row in db.session.execute(statement)]


def pay_day(invoice: Invoice) -> PayDay | None:
    """Return when an invoice is, or was, paid; None where the council has not accepted it, or disputes it."""
    if day := paid_on(invoice):
        return PayDay(day, in_run=True)
    waits = invoice.state in (InvoiceState.ACCEPTED, InvoiceState.IN_RUN) and not invoice.disputed_on
    return PayDay(suggested_pay_date(), in_run=False) if waits else None


def paid_on(invoice: Invoice) -> date | None:
    """Return the pay day of the run that an invoice is in, None where it is in none."""
    if invoice.state not in (InvoiceState.IN_RUN, InvoiceState.PAID):
        return None
    run = select(PaymentRun.pay_date).join(PaymentSource, PaymentSource.run_id == PaymentRun.id).join(Invoice, PAYS)
    found: date | None = db.session.scalar(run.where(Invoice.id == invoice.id))
    return found


def median_days() -> ScalarSelect[Any]:
    """Return the median of days to pay the invoices in scope that were paid lately, as a column; NULL where none was.

    For a page that asks for something else as well: it gives `paid_lately()` with it.
    """
    since, until = (bindparam(name, type_=Date) for name in ("paid_since", "paid_until"))
    paid = _paid(func.percentile_cont(0.5).within_group(DAYS_TO_PAY))
    return paid.where(PaymentRun.pay_date.between(since, until)).scalar_subquery()


def paid_lately() -> dict[str, date]:
    """Return what `median_days` asks for: the first and the last pay day that count."""
    return {"paid_since": today() - LATELY, "paid_until": today()}


def payment_times(halves: Sequence[HalfYear]) -> list[PaymentTimes]:
    """Return how fast the council paid in each half-year, until today where it runs still. Two queries for all."""
    asked = values(column("start", Date), column("last", Date), name="half").data(
        [(half.start, min(half.end, today())) for half in halves]
    )
    half = asked.c
    paid = db.session.execute(
        _paid(
            half.start,
            func.count(),
            func.sum(Invoice.gross),
            func.count().filter(DAYS_TO_PAY <= 30),
            func.count().filter(DAYS_TO_PAY.between(31, 60)),
            func.count().filter(DAYS_TO_PAY > 60),
            func.round(func.avg(DAYS_TO_PAY), 1),
            func.round(cast(func.percentile_cont(0.5).within_group(DAYS_TO_PAY), Numeric), 1),
        )
        .join(asked, PaymentRun.pay_date.between(half.start, half.last))
        .group_by(half.start)
    )
    by_half, due = {start: found for start, *found in paid}, _due_in(asked)
    return [PaymentTimes(each, *due.get(each.start, (0, 0)), *by_half.get(each.start, NOTHING_PAID)) for each in halves]


def half_years() -> list[HalfYear]:
    """Return the half-years from the one of the first invoice received to today's, latest first."""
    first = db.session.scalar(select(func.min(Invoice.received_on))) or today()
    found = [HalfYear.of(today())]
    while found[-1].start > first:
        found.append(found[-1].before)
    return found


def _due_in(halves: Values) -> dict[date, tuple[int, int]]:
    """Return how many invoices became due in each half-year, by its start, and how many were not paid in it."""
    pays = (
        select(PaymentSource.invoice_id, PaymentRun.pay_date)
        .join(PaymentRun, PaymentRun.id == PaymentSource.run_id)
        .where(PaymentSource.bank_return_id.is_(None), PaymentRun.state.in_(PAID_RUNS))
        .subquery("pays")
    )
    half, paid_in_time = halves.c, func.coalesce(pays.c.pay_date <= halves.c.last, false())
    rows = db.session.execute(
        select(half.start, func.count(), func.count().filter(~paid_in_time))
        .select_from(Invoice)
        .join(halves, Invoice.due_by.between(half.start, half.last))
        .outerjoin(pays, pays.c.invoice_id == Invoice.id)
        .where(_owed(), Invoice.disputed_on.is_(None))
        .group_by(half.start)
    )
    return {start: (due, unpaid) for start, due, unpaid in rows}


def _owed() -> ColumnElement[bool]:
    return and_(Invoice.live, Invoice.state != InvoiceState.DRAFT, Invoice.gross > 0)


def _paid(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Invoice)
        .join(PaymentSource, PAYS)
        .join(PaymentRun, PaymentRun.id == PaymentSource.run_id)
        .where(PaymentRun.state.in_(PAID_RUNS), _owed())
    )


def _in_a_hundred(count: int, of: int) -> Decimal | None:
    return (Decimal(100 * count) / of).quantize(TENTH, ROUND_HALF_UP) if of else None


def in_days(found: float | None) -> Decimal | None:
    """Return a median as the database knows it to one place; None where nothing was paid."""
    return None if found is None else Decimal(str(found)).quantize(TENTH)
