"""Remittance advice as an organisation reads it: the list, and why a line is what it is."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from models import (
    AbortedVisit,
    AbsenceClaim,
    AbsenceClaimLine,
    Actual,
    ActualVersion,
    ContractDocument,
    ExceptionCheck,
    Invoice,
    InvoiceLine,
    LineItem,
    Rate,
    Remittance,
    RemittanceLine,
    ScheduledPayment,
    db,
)
from models.unpriced import UNPRICED
from rules.refusal import Unknown
from rules.states import LineKind
from workflows.page import Page, page_of

SIZE = 25


@dataclass(frozen=True)
class WeekBehind:
    """What stands behind a line that was invoiced: the week, its visits that were aborted, its check and its rate.

    `units` are the payable units of the whole week; the line has its rate's share of them. `version` is how the week
    stood when a line of a difference was priced.
    """

    line: InvoiceLine
    units: Decimal
    aborted: list[AbortedVisit]
    rate: Rate | None
    version: ActualVersion | None

    @property
    def item(self) -> LineItem:
        """The line item."""
        return self.line.line_item

    @property
    def actual(self) -> Actual:
        """What was delivered."""
        return self.line.actual

    @property
    def check(self) -> ExceptionCheck | None:
        """The week against its exception level."""
        return self.line.actual.check

    @property
    def invoice(self) -> Invoice:
        """The invoice the week was claimed on."""
        return self.line.invoice

    @property
    def product(self) -> Decimal:
        """Units × rate in pounds before rounding."""
        return self.line.units * self.line.rate


@dataclass(frozen=True)
class LineStory:
    """One line of a remittance and how it came about.

    `week` stands behind what was invoiced, `claim` behind an absence, `scheduled` behind care paid without an invoice;
    behind anything else none of them.
    """

    remittance: Remittance
    line: RemittanceLine
    week: WeekBehind | None
    claim: AbsenceClaimLine | None = None
    scheduled: ScheduledPayment | None = None


def remittances_page(page: int) -> Page[Remittance]:
    """Return one page of the remittances of the organisation in scope, newest first."""
    statement = select(Remittance).options(joinedload(Remittance.bank_return))
    return page_of(statement.order_by(Remittance.pay_date.desc(), Remittance.id.desc()), page, SIZE)


def explain_line(remittance_id: int, number: int) -> LineStory:
    """Return how one line of a remittance came about, from what is stored. Raises Unknown."""
    remittance = _get(remittance_id)
    line: RemittanceLine | None = db.session.scalar(
        select(RemittanceLine).where(RemittanceLine.remittance_id == remittance.id, RemittanceLine.number == number)
    )
    if line is None:
        raise Unknown
    week = _week_behind(line.invoice_line_id) if line.invoice_line_id else None
    claim = _claim_behind(line.absence_claim_line_id) if line.absence_claim_line_id else None
    return LineStory(remittance, line, week, claim, _scheduled_behind(line))


def _get(remittance_id: int) -> Remittance:
    found: Remittance | None = db.session.scalar(
        select(Remittance)
        .where(Remittance.id == remittance_id)
        .options(joinedload(Remittance.run), joinedload(Remittance.bank_return))
    )
    if found is None:
        raise Unknown
    return found


def _scheduled_behind(line: RemittanceLine) -> ScheduledPayment | None:
    if line.kind is not LineKind.SCHEDULED:
        return None
    found: ScheduledPayment | None = db.session.scalar(
        select(ScheduledPayment).where(ScheduledPayment.number == line.source)
    )
    return found


def _claim_behind(claim_line_id: int) -> AbsenceClaimLine:
    claim = joinedload(AbsenceClaimLine.absence_claim)
    item = claim.joinedload(AbsenceClaim.line_item)
    found: AbsenceClaimLine = db.session.scalars(
        select(AbsenceClaimLine)
        .where(AbsenceClaimLine.id == claim_line_id)
        .options(
            claim.joinedload(AbsenceClaim.submitted_by),
            claim.joinedload(AbsenceClaim.corrects),
            claim.joinedload(AbsenceClaim.decided_by),
            item.joinedload(LineItem.person),
            item.joinedload(LineItem.element),
        )
    ).one()
    return found


def _week_behind(invoice_line_id: int) -> WeekBehind:
    item = joinedload(InvoiceLine.line_item)
    actual = joinedload(InvoiceLine.actual)
    line: InvoiceLine = db.session.scalars(
        select(InvoiceLine)
        .where(InvoiceLine.id == invoice_line_id)
        .options(
            joinedload(InvoiceLine.invoice).joinedload(Invoice.submitted_by),
            joinedload(InvoiceLine.adjusts).joinedload(InvoiceLine.invoice),
            joinedload(InvoiceLine.priced_by),
            item.joinedload(LineItem.person),
            item.joinedload(LineItem.element),
            item.joinedload(LineItem.document).joinedload(ContractDocument.accepted_by),
            item.options(*UNPRICED),
            actual.joinedload(Actual.confirmed_by),
            actual.joinedload(Actual.check).joinedload(ExceptionCheck.decided),
        )
    ).one()
    same_week = (
        InvoiceLine.invoice_id == line.invoice_id,
        InvoiceLine.actual_id == line.actual_id,
        InvoiceLine.kind == line.kind,
        InvoiceLine.adjusts_id.is_(None) if line.adjusts_id is None else InvoiceLine.adjusts_id.is_not(None),
    )
    units = db.session.scalar(select(func.sum(InvoiceLine.units)).where(*same_week))
    visits = db.session.scalars(
        select(AbortedVisit)
        .where(AbortedVisit.line_item_id == line.line_item_id)
        .where(AbortedVisit.visit_date.between(line.week_starting, line.week_starting + timedelta(days=6)))
        .order_by(AbortedVisit.visit_date, AbortedVisit.planned_start)
    ).all()
    return WeekBehind(line, line.units if units is None else units, list(visits), line.priced_by, _version(line))


def _version(line: InvoiceLine) -> ActualVersion | None:
    """Return how the week of a difference stood when it was priced: as it was saved last up to then."""
    if not line.kind.is_difference:
        return None
    found: ActualVersion | None = db.session.scalar(
        select(ActualVersion)
        .where(ActualVersion.actual_id == line.actual_id, ActualVersion.version <= line.actual_version)
        .options(joinedload(ActualVersion.saved_by))
        .order_by(ActualVersion.version.desc())
        .limit(1)
    )
    return found
