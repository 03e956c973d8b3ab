"""What Today shows an officer: what waits for the council, the next dates, and how the jobs went.

Each number is counted by the condition of the list it leads to.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from models import (
    AbsenceClaim,
    Actual,
    ChangeRequest,
    ContractDocument,
    Conversation,
    ExceptionCheck,
    Invoice,
    JobRun,
    PaymentPeriod,
    PaymentRun,
    PortalUser,
    Proposal,
    db,
)
from rules.agreement_states import DocumentState
from workflows.clock import today
from workflows.counts import count_of
from workflows.exceptions.queue import SINCE
from workflows.front_pages.charts import Charts, charts
from workflows.invoices.due import base_rate_to_enter
from workflows.invoices.paid import in_days, median_days, paid_lately
from workflows.invoices.queue import DeskShown, shown_on_desk
from workflows.payments.run_read import waiting
from workflows.proposals.steps import sent_back_to


@dataclass(frozen=True)
class CouncilWaiting:
    """What waits for officers, beside what the navigation counts (workflows.counts).

    `late_answers` are conversations whose target has passed; of weeks held, claims and invoices to check, since when
    the oldest waits. `to_call` are changed accounts that hold payments until somebody rings back, the oldest since
    `call_since`.
    """

    to_pay: int
    not_accepted: int
    to_settle: int
    late_answers: int
    held_since: datetime | None
    claim_since: datetime | None
    disputed_invoices: int
    late_invoices: int
    invoice_since: date | None
    to_call: int
    call_since: datetime | None


@dataclass(frozen=True)
class Today:
    """The first page of one officer; `periods` are those with a date ahead, `jobs` the last run of each.

    `sent_back` is what the officer proposed and somebody sent back, until they have looked at it; `median_days` how
    long the council takes to pay an invoice, None where none was paid lately; `base_rate_of` the day whose base rate
    somebody has to enter before interest on late invoices is right.
    """

    waiting: CouncilWaiting
    periods: list[PaymentPeriod]
    jobs: list[JobRun]
    sent_back: list[Proposal]
    median_days: Decimal | None
    charts: Charts
    base_rate_of: date | None


def for_officer(officer: PortalUser, teams: Collection[str]) -> Today:
    """Return what Today shows an officer who answers for these teams, or for none."""
    (waiting, median), periods = _waiting(teams), _periods()
    to_submit = next((each for each in periods if each.end < today()), None)
    sent_back, drawn = sent_back_to(officer), charts(to_submit)
    return Today(waiting, periods, _jobs(), sent_back, median, drawn, base_rate_to_enter())


def _waiting(teams: Collection[str]) -> tuple[CouncilWaiting, Decimal | None]:
    late = and_(Conversation.waits_for_teams(teams), Conversation.target_on < today())
    counts = select(
        count_of(ContractDocument, ContractDocument.state == DocumentState.PUBLISHED),
        count_of(PaymentRun, PaymentRun.to_settle(today())),
        count_of(Conversation, late),
        select(func.min(SINCE))
        .select_from(ExceptionCheck)
        .join(Actual, Actual.id == ExceptionCheck.actual_id)
        .where(ExceptionCheck.held)
        .scalar_subquery(),
        select(func.min(AbsenceClaim.submitted_at)).where(AbsenceClaim.to_decide).scalar_subquery(),
        count_of(Invoice, shown_on_desk(DeskShown.DISPUTED, today())),
        count_of(Invoice, shown_on_desk(DeskShown.LATE, today())),
        select(func.min(Invoice.received_on)).where(Invoice.to_check).scalar_subquery(),
        count_of(ChangeRequest, ChangeRequest.to_call),
        select(func.min(ChangeRequest.decided_at)).where(ChangeRequest.to_call).scalar_subquery(),
        median_days(),
    )
    *found, median = db.session.execute(counts, paid_lately()).one()
    return CouncilWaiting(waiting().invoices, *found), in_days(median)


def _periods() -> list[PaymentPeriod]:
    """Return the periods that are over and not paid yet, and the one that is running or next, in order."""
    next_start = select(func.min(PaymentPeriod.start)).where(PaymentPeriod.end >= today()).scalar_subquery()
    unpaid = and_(PaymentPeriod.end < today(), PaymentPeriod.pay_on >= today())
    ahead = select(PaymentPeriod).where(or_(unpaid, PaymentPeriod.start == next_start))
    return list(db.session.scalars(ahead.order_by(PaymentPeriod.start)))


def _jobs() -> list[JobRun]:
    last = select(JobRun).ext(distinct_on(JobRun.job)).order_by(JobRun.job, JobRun.started_at.desc())
    return list(db.session.scalars(last))
