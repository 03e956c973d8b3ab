"""What is kept about one line beside its weeks, read in one round trip: a page of it stays within eight queries."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, cast, func, or_, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from models import (
    AbortedVisit,
    Actual,
    ContractDocument,
    Conversation,
    Deduction,
    DocumentVersion,
    Hold,
    Invoice,
    InvoiceLine,
    LineItem,
    PaymentPeriod,
    PaymentRun,
    PaymentSource,
    Plan,
    Rate,
    Remittance,
    Team,
    db,
)
from models.as_one import as_one
from rules.agreement_states import DocumentState
from rules.scheduled import Deductions, deductions_of
from rules.states import ConversationState, InvoiceState, PaymentBasis, PaymentMethod, VatCode
from workflows.clock import LONDON, today
from workflows.contracts.line_scheduled import ScheduledOf, read_scheduled, scheduled_of


class Terms(NamedTuple):
    """How the line is paid, what is deducted, oldest first, and the contract document it belongs to."""

    document_id: int
    document: str
    document_version: int
    document_accepted: bool
    payment_method: PaymentMethod
    payment_basis: PaymentBasis
    deductions: list[Deductions]
    vat_code: VatCode


class LineChange(NamedTuple):
    """Why a plan, a rate or a deduction began on a day; empty where nobody said."""

    start: date
    reason: str


class LineVersion(NamedTuple):
    """A published version of the contract document and the day on which it was published."""

    number: int
    state: DocumentState
    published_on: date


class HeldBack(NamedTuple):
    """A reason why the line is not paid for now, and whether its weeks go on no invoice meanwhile."""

    start: date
    reason: str
    stops_invoices: bool


class InvoiceOf(NamedTuple):
    """What a live invoice holds of a week in pounds; `remittance` is what it was paid with, if it was.

    `pay_on` is the day on which it reaches the bank, where that is known.
    """

    week: date
    invoice_id: int
    number: str
    state: InvoiceState
    due_by: date | None
    net: Decimal
    remittance_id: int | None
    remittance: str | None
    pay_on: date | None


class LineTalk(NamedTuple):
    """A conversation about the line, or about one of its weeks (`week`, with the id of its actual)."""

    id: int
    subject: str
    team: str
    state: ConversationState
    opened_on: date
    target_on: date | None
    closed_on: date | None
    closed_reason: str
    actual_id: int | None


class Deadline(NamedTuple):
    """A payment period and the day until which its weeks are submitted."""

    start: date
    end: date
    submit_by: date


class LineRecords(NamedTuple):
    """Everything about one line beside its plans, its rates and its weeks."""

    terms: Terms
    changes: list[LineChange]
    versions: list[LineVersion]
    holds: list[HeldBack]
    invoices: list[InvoiceOf]
    scheduled: list[ScheduledOf]
    talks: list[LineTalk]
    aborted: dict[date, Decimal]
    deadlines: list[Deadline]


def read_records(line_id: int) -> LineRecords:
    """Return what is kept about a line of the organisation in scope, which is there: one query."""
    parts = (_terms, _changes, _versions, _holds, _invoices, scheduled_of, _talks, _aborted, _deadlines)
    terms, changes, versions, holds, invoices, scheduled, talks, aborted, deadlines = db.session.execute(
        select(*(as_one(part(line_id)) for part in parts))
    ).one()
    return LineRecords(
        _terms_of(terms[0]),
        [LineChange(_day(start), reason or "") for start, reason in changes],
        [LineVersion(number, DocumentState(state), _london(at)) for number, state, at in versions],
        [HeldBack(_day(start), reason, stops_invoices) for start, reason, stops_invoices in holds],
        [_invoice_of(row) for row in invoices],
        [read_scheduled(row) for row in scheduled],
        [_talk(row) for row in talks],
        {_day(day): Decimal(payable) for day, payable in aborted},
        [Deadline(*map(_day, row)) for row in deadlines],
    )


def _document_of(line_id: int) -> Any:
    return select(LineItem.document_id).where(LineItem.id == line_id).scalar_subquery()


def _terms(line_id: int) -> Any:
    return (
        select(
            LineItem.document_id, ContractDocument.reference, ContractDocument.version,
            ContractDocument.accepted_at.is_not(None).label("accepted"), LineItem.payment_method,
            LineItem.payment_basis, LineItem.start, _text(LineItem.contribution), _text(LineItem.top_up),
            Deduction.of_line().label("later"), LineItem.vat_code,
        )
        .join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .where(LineItem.id == line_id)
    )  # fmt: skip


def _changes(line_id: int) -> Any:
    plans, rates, deductions = (
        select(of.start, of.reason).where(of.line_item_id == line_id) for of in (Plan, Rate, Deduction)
    )
    return union_all(plans, deductions, rates.where(Rate.replaced_at.is_(None)))


def _versions(line_id: int) -> Any:
    return (
        select(DocumentVersion.number, DocumentVersion.state, DocumentVersion.published_at)
        .where(DocumentVersion.document_id == _document_of(line_id))
        .order_by(DocumentVersion.number)
    )


def _holds(line_id: int) -> Any:
    return select(Hold.start, Hold.reason, Hold.stops_invoices).where(
        Hold.in_force(today()),
        or_(Hold.line_item_id == line_id, Hold.line_item_id.is_(None)),
        or_(Hold.document_id == _document_of(line_id), Hold.document_id.is_(None)),
    )


def _invoices(line_id: int) -> Any:
    pay_on = func.coalesce(func.max(Remittance.pay_date), func.max(PaymentRun.pay_date))
    return (
        select(
            InvoiceLine.week_starting, Invoice.id, Invoice.number, Invoice.state, Invoice.due_by,
            _text(func.sum(InvoiceLine.net)), func.max(Remittance.id), func.max(Remittance.number), pay_on,
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        # Not what the bank sent back.
        .outerjoin(
            PaymentSource, and_(PaymentSource.invoice_id == Invoice.id, PaymentSource.bank_return_id.is_(None))
        )
        .outerjoin(PaymentRun, PaymentRun.id == PaymentSource.run_id)
        .outerjoin(
            Remittance,
            and_(Remittance.run_id == PaymentRun.id, Remittance.organisation_id == PaymentSource.organisation_id),
        )
        .where(InvoiceLine.line_item_id == line_id, InvoiceLine.live, Invoice.state != InvoiceState.DRAFT)
        .group_by(InvoiceLine.week_starting, Invoice.id)
        .order_by(InvoiceLine.week_starting, Invoice.id)
    )  # fmt: skip


def _talks(line_id: int) -> Any:
    of_week = select(Actual.id).where(Actual.line_item_id == line_id)
    return (
        select(
            Conversation.id, Conversation.subject, Team.name, Conversation.state, Conversation.opened_at,
            Conversation.target_on, Conversation.closed_at, Conversation.closed_reason, Conversation.actual_id,
        )
        .join(Team, Team.id == Conversation.team_id)
        .where(or_(Conversation.line_item_id == line_id, Conversation.actual_id.in_(of_week)))
        .order_by(Conversation.opened_at.desc(), Conversation.id.desc())
    )  # fmt: skip


def _aborted(line_id: int) -> Any:
    return (
        select(AbortedVisit.visit_date, _text(func.sum(AbortedVisit.payable)))
        .where(AbortedVisit.line_item_id == line_id)
        .group_by(AbortedVisit.visit_date)
    )


def _deadlines(_line_id: int) -> Any:
    return (
        select(PaymentPeriod.start, PaymentPeriod.end, PaymentPeriod.submit_by)
        .where(PaymentPeriod.start <= today())
        .order_by(PaymentPeriod.start)
    )


def _text(of: Any) -> ColumnElement[str]:
    return cast(of, Text)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _maybe(text: str | None) -> date | None:
    return _day(text) if text else None


def _london(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(LONDON).date()


def _terms_of(row: list[Any]) -> Terms:
    document_id, document, version, accepted, method, basis, start, contribution, top_up, later, vat = row
    first = Deductions(_day(start), Decimal(contribution), Decimal(top_up))
    deductions = deductions_of(PaymentBasis(basis), first, Deduction.read_versions(later))
    return Terms(
        document_id, document, version, accepted, PaymentMethod(method), PaymentBasis(basis), deductions, VatCode(vat)
    )


def _invoice_of(row: list[Any]) -> InvoiceOf:
    week, invoice_id, number, state, due_by, net, remittance_id, remittance, pay_on = row
    return InvoiceOf(
        _day(week), invoice_id, number, InvoiceState(state), _maybe(due_by), Decimal(net), remittance_id, remittance,
        _maybe(pay_on),
    )  # fmt: skip


def _talk(row: list[Any]) -> LineTalk:
    key, subject, team, state, opened, target, closed, reason, actual_id = row
    return LineTalk(
        key, subject, team, ConversationState(state), _london(opened), _maybe(target),
        _london(closed) if closed else None, reason, actual_id,
    )  # fmt: skip
