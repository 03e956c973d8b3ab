"""What the main menu shows a contact: what needs doing, what was paid, and the dates ahead.

Each number is counted by the condition of the list it leads to.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import DateTime, bindparam, exists, func, select
from sqlalchemy.orm import joinedload

from models import (
    AbsenceClaim,
    Actual,
    ChangeRequest,
    Contact,
    ContactReview,
    ContractDocument,
    ExceptionCheck,
    Invoice,
    PaymentPeriod,
    Remittance,
    ScheduledPayment,
    db,
)
from rules.agreement_states import DocumentState
from rules.states import InvoiceState, ProviderFunction, ScheduledState
from workflows.absences.read import ClaimsShown, lately, shown
from workflows.actuals.late import LATE_COUNT, late_asked
from workflows.actuals.period import PeriodWeeks, period_weeks
from workflows.clock import today
from workflows.counts import ON_ACTUALS, ON_SCHEDULE, count_of
from workflows.exceptions.queue import NOT_ASKED
from workflows.invoices.paid import in_days, median_days, paid_lately
from workflows.invoices.read import weeks_to_invoice

PAY_DATES = 6
PERIODS_AHEAD = 2


@dataclass(frozen=True)
class ProviderWaiting:
    """What waits for the organisation in scope, beside what the navigation counts (workflows.counts).

    Of claims, the first one each; `oldest_document` is when the document that waits longest was published. Then
    whether anything was ever accepted, entered and sent; whether there is a document to view, a line that is paid for
    what was delivered, one that is paid every four weeks without an invoice, and more than one contact; when the
    contacts were last looked through, and since when there are any; since when payments wait for the call-back about
    new bank details.
    """

    late: int
    to_invoice: int
    not_asked: int
    refused_claims: int
    refused_claim: int | None
    draft_claims: int
    draft_claim: int | None
    oldest_document: datetime | None
    has_accepted: bool
    has_actuals: bool
    has_invoices: bool
    has_documents: bool
    on_actuals: bool
    on_schedule: bool
    has_colleagues: bool
    reviewed_at: datetime | None
    first_contact: date
    held_since: datetime | None


@dataclass(frozen=True)
class MainMenu:
    """The main menu of one contact: the weeks of the period that is due (None: no line takes any), and what was paid on
    the last pay dates (pounds; nothing for who does not see money).

    `unpaid` are the scheduled payments that are not paid yet, `periods` the next ones that end in such a payment;
    `median_days` is how long the council takes to pay an invoice, None where none was paid lately.
    """

    waiting: ProviderWaiting
    period: PeriodWeeks | None
    paid: list[tuple[date, Decimal]]
    median_days: Decimal | None
    unpaid: list[ScheduledPayment]
    periods: list[PaymentPeriod]


_LATELY = bindparam("lately", type_=DateTime(timezone=True))
_REFUSED, _DRAFTS = shown(ClaimsShown.REFUSED, _LATELY), shown(ClaimsShown.DRAFTS, _LATELY)
_TO_ACCEPT = ContractDocument.state == DocumentState.PUBLISHED
# Everything that waits, in the order of ProviderWaiting, then the days to pay; put together once, for that takes as
# long as to answer it.
_WAITING = select(
    LATE_COUNT,
    select(func.count()).select_from(weeks_to_invoice().subquery()).scalar_subquery(),
    count_of(ExceptionCheck, NOT_ASKED),
    count_of(AbsenceClaim, _REFUSED),
    select(func.min(AbsenceClaim.id)).where(_REFUSED).scalar_subquery(),
    count_of(AbsenceClaim, _DRAFTS),
    select(func.min(AbsenceClaim.id)).where(_DRAFTS).scalar_subquery(),
    select(func.min(ContractDocument.published_at)).where(_TO_ACCEPT).scalar_subquery(),
    exists(ContractDocument.id).where(ContractDocument.state == DocumentState.ACCEPTED),
    exists(Actual.id),
    exists(Invoice.id).where(Invoice.state != InvoiceState.DRAFT),
    exists(ContractDocument.id).where(ContractDocument.state.in_((DocumentState.PUBLISHED, DocumentState.ACCEPTED))),
    ON_ACTUALS,
    ON_SCHEDULE,
    count_of(Contact) > 1,
    select(func.max(ContactReview.reviewed_at)).scalar_subquery(),
    select(func.min(Contact.start)).scalar_subquery(),
    select(func.min(ChangeRequest.decided_at)).where(ChangeRequest.to_call).scalar_subquery(),
    median_days(),
)


def for_contact(contact: Contact) -> MainMenu:
    """Return what the main menu of a contact shows; the organisation in scope is theirs."""
    asked = late_asked() | paid_lately() | {"lately": lately()}
    *counts, median = db.session.execute(_WAITING, asked).one()
    waiting = ProviderWaiting(*counts)
    sees_money = ProviderFunction.PAYMENTS in contact.functions
    only_scheduled = waiting.on_schedule and not waiting.on_actuals
    return MainMenu(
        waiting=waiting,
        period=None if only_scheduled else period_weeks(),
        paid=_paid() if sees_money else [],
        median_days=in_days(median) if sees_money else None,
        unpaid=_unpaid() if sees_money and waiting.on_schedule else [],
        periods=_periods_ahead() if waiting.on_schedule else [],
    )


def _paid() -> list[tuple[date, Decimal]]:
    """Return the last pay dates, in order, each with what was paid on it in pounds."""
    totals = (
        select(Remittance.pay_date, func.sum(Remittance.total))
        .group_by(Remittance.pay_date)
        .order_by(Remittance.pay_date.desc())
        .limit(PAY_DATES)
    )
    return [(day, total) for day, total in db.session.execute(totals)][::-1]


def _unpaid() -> list[ScheduledPayment]:
    """Return the scheduled payments that are not paid yet, in the order of their periods."""
    done = (ScheduledState.PAID, ScheduledState.ON_HOLD)
    statement = (
        select(ScheduledPayment)
        .join(ScheduledPayment.period)
        .options(joinedload(ScheduledPayment.period))
        .where(ScheduledPayment.state.not_in(done))
        .order_by(PaymentPeriod.number)
    )
    return list(db.session.scalars(statement.limit(PAY_DATES)))


def _periods_ahead() -> list[PaymentPeriod]:
    """Return the next periods that are paid for today or later, in order."""
    ahead = select(PaymentPeriod).where(PaymentPeriod.pay_on >= today()).order_by(PaymentPeriod.number)
    return list(db.session.scalars(ahead.limit(PERIODS_AHEAD)))
