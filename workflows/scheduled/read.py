"""Scheduled payments as they are read: the list, one payment added up by line, and one line's weeks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, select, true
from sqlalchemy.orm import aliased, contains_eager, joinedload

from models import (
    Conversation,
    Hold,
    LineItem,
    PaymentPeriod,
    PaymentSource,
    Remittance,
    ScheduledPayment,
    ScheduledPaymentLine,
    db,
)
from models.unpriced import UNPRICED
from rules.refusal import Unknown
from rules.states import ScheduledState
from workflows.clock import today
from workflows.page import Page, page_of
from workflows.scheduled.sums import LineSum, ReportedAbsence, sums_of

SIZE = 25
Line = ScheduledPaymentLine


class PaymentsShown(StrEnum):
    """Which payments a list holds: all, or those that can still be queried."""

    ALL = ""
    TO_CHECK = "to-check"


@dataclass(frozen=True)
class PaymentSheet:
    """One payment: its lines added up, by person and reference, the payment before it, and where it is now.

    `lines` and `before` are by the line's id; `items` the lines themselves; `conversation` is the one last opened.
    `holds` are the reasons why the organisation as a whole is not paid for now.
    """

    payment: ScheduledPayment
    lines: dict[int, LineSum]
    previous: ScheduledPayment | None
    before: dict[int, LineSum]
    items: dict[int, LineItem]
    reports: dict[int, ReportedAbsence]
    remittance: Remittance | None
    conversation: Conversation | None
    holds: list[str]

    @property
    def paid(self) -> list[LineSum]:
        """The lines that something is paid or taken back for, in order."""
        return [each for each in self.lines.values() if each.days or each.gross or each.late_weeks]

    @property
    def kept(self) -> list[LineSum]:
        """The lines of which something is kept back, in order."""
        return [each for each in self.lines.values() if each.why_kept]


def payments_page(page: int, show: PaymentsShown) -> Page[ScheduledPayment]:
    """Return one page of the payments of the organisation in scope, the newest first."""
    which = ScheduledPayment.to_check(today()) if show is PaymentsShown.TO_CHECK else true()
    period = ScheduledPayment.period
    statement = select(ScheduledPayment).join(period).options(joinedload(period)).where(which)
    return page_of(statement.order_by(PaymentPeriod.number.desc()), page, SIZE)


def get_payment(payment_id: int) -> ScheduledPayment:
    """Return a payment of the organisation in scope with its period. Raises Unknown."""
    statement = select(ScheduledPayment).where(ScheduledPayment.id == payment_id)
    found: ScheduledPayment | None = db.session.scalar(
        statement.options(joinedload(ScheduledPayment.period)).execution_options(populate_existing=True)
    )
    if found is None:
        raise Unknown
    return found


def payment_sheet(payment_id: int) -> PaymentSheet:
    """Return what a page shows of a payment. Raises Unknown."""
    payment, previous = _with_previous(payment_id)
    sums, reports = sums_of([payment.id, *([previous.id] if previous else [])])
    own, before = sums[payment.id], sums[previous.id] if previous else {}
    items = _items({*own, *before})
    order = sorted(items, key=lambda key: (items[key].person.reference, items[key].reference))
    return PaymentSheet(
        payment,
        {key: own[key] for key in order if key in own},
        previous,
        {key: before[key] for key in order if key in before},
        items,
        reports,
        _remittance(payment),
        _conversation(payment),
        _holds(payment),
    )


def weeks_of_line(payment: ScheduledPayment, line_id: int) -> list[ScheduledPaymentLine]:
    """Return the priced segments of one line in a payment, in the order of their weeks."""
    statement = select(Line).where(Line.scheduled_payment_id == payment.id, Line.line_item_id == line_id)
    return list(db.session.scalars(statement.order_by(Line.week_starting, Line.segment)))


def segments_of(payment: ScheduledPayment) -> list[ScheduledPaymentLine]:
    """Return every segment of a payment with its line and person, by person, line and week."""
    item = joinedload(Line.line_item)
    statement = (
        select(Line)
        .where(Line.scheduled_payment_id == payment.id)
        .options(item.options(joinedload(LineItem.person), *UNPRICED))
    )
    found = db.session.scalars(statement).all()
    return sorted(
        found,
        key=lambda each: (each.line_item.person.reference, each.line_item.reference, each.week_starting, each.segment),
    )


def rows_of(payment: ScheduledPayment) -> Iterator[tuple[Any, ...]]:
    """Yield every segment of a payment for a workbook or CSV; HEADINGS says what stands in it."""
    for each in segments_of(payment):
        yield (
            payment.number, each.kind.value, each.line_item.reference, each.line_item.person.reference,
            each.week_starting, each.days, each.paid_days, each.units, each.unit.value, each.rate, each.amount,
            each.contribution, each.top_up, each.net, each.vat, each.gross, each.kept_back, each.explained, each.rule,
        )  # fmt: skip


HEADINGS = (
    "Payment", "Kind", "CPLI", "Person ref", "Week starting", "Days", "Days paid in full", "Units", "Unit", "Rate",
    "Amount", "Contribution", "Top-up", "Net", "VAT", "Gross", "Kept back because", "Absence", "Rule",
)  # fmt: skip


def _items(line_ids: Iterable[int]) -> dict[int, LineItem]:
    statement = (
        select(LineItem)
        .where(LineItem.id.in_(line_ids))
        .options(joinedload(LineItem.person), joinedload(LineItem.element), joinedload(LineItem.deductions), *UNPRICED)
    )
    return {line.id: line for line in db.session.scalars(statement).unique()}


def _with_previous(payment_id: int) -> tuple[ScheduledPayment, ScheduledPayment | None]:
    """Return a payment of the organisation in scope and the one before it, with their periods. Raises Unknown."""
    found = db.session.execute(_WITH_PREVIOUS, {"payment": payment_id}).one_or_none()
    if found is None:
        raise Unknown
    return found[0], found[1]


def _select_with_previous() -> Select[ScheduledPayment, ScheduledPayment]:
    earlier, its_period, previous = aliased(ScheduledPayment), aliased(PaymentPeriod), aliased(ScheduledPayment)
    last = (
        select(earlier.id)
        .join(its_period, its_period.id == earlier.period_id)
        .where(
            earlier.organisation_id == ScheduledPayment.organisation_id,
            earlier.state != ScheduledState.PREVIEW,
            its_period.number < PaymentPeriod.number,
        )
        .order_by(its_period.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(ScheduledPayment, previous)
        .join(ScheduledPayment.period)
        .outerjoin(previous, previous.id == last)
        .where(ScheduledPayment.id == bindparam("payment"))
        .options(contains_eager(ScheduledPayment.period), joinedload(previous.period))
        .execution_options(populate_existing=True)
    )


def _remittance(payment: ScheduledPayment) -> Remittance | None:
    if payment.state is not ScheduledState.PAID:
        return None
    found: Remittance | None = db.session.scalar(
        select(Remittance)
        .join(PaymentSource, PaymentSource.run_id == Remittance.run_id)
        .where(PaymentSource.scheduled_payment_id == payment.id, Remittance.organisation_id == payment.organisation_id)
    )
    return found


def _holds(payment: ScheduledPayment) -> list[str]:
    if payment.state is ScheduledState.PAID:
        return []
    of_all = select(Hold.reason).where(Hold.organisation_id == payment.organisation_id, Hold.in_force(today()))
    return list(db.session.scalars(of_all.where(Hold.document_id.is_(None), Hold.line_item_id.is_(None))))


def _conversation(payment: ScheduledPayment) -> Conversation | None:
    about = select(Conversation).where(Conversation.scheduled_payment_id == payment.id)
    found: Conversation | None = db.session.scalar(about.order_by(Conversation.id.desc()).limit(1))
    return found


# Put together once: its three aliases take 1 ms, more than the query.
_WITH_PREVIOUS = _select_with_previous()
