"""What a conversation is about: the one record of the organisation in scope that a typed reference names."""

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from models import (
    Actual,
    ContractDocument,
    Conversation,
    Invoice,
    LineItem,
    Remittance,
    ScheduledPayment,
    db,
)
from rules.agreement_states import DocumentState
from rules.period import NotADate, monday_of, read_date
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import InvoiceState

FIELD = "about"
# "48210, week of 16 October 2017", "48210 16/10/2017"
_WEEK = re.compile(r"(?P<line>\S+?),?\s+(?:week\s+of\s+|week\s+)?(?P<day>\d.*)", re.IGNORECASE)


@dataclass(frozen=True)
class RecordAbout:
    """At most one record that a conversation is about."""

    line_item: LineItem | None = None
    actual: Actual | None = None
    invoice: Invoice | None = None
    document: ContractDocument | None = None
    scheduled_payment: ScheduledPayment | None = None
    remittance: Remittance | None = None

    def write_to(self, conversation: Conversation) -> None:
        """Let a conversation be about it."""
        for name in ("line_item", "actual", "invoice", "document", "scheduled_payment", "remittance"):
            record = getattr(self, name)
            setattr(conversation, f"{name}_id", record.id if record else None)


def read_about(typed: str) -> tuple[RecordAbout, Problem | None]:
    """Return what a reference names, or what is wrong with it at the field `about`; nothing typed names nothing.

    It is that of an invoice, a line item, a line item with a day in a week of care, a contract document, a scheduled
    payment or a remittance advice. A line is that line, not the document it stands in.
    """
    wanted = typed.strip()
    if not wanted:
        return RecordAbout(), None
    if found := _named(wanted):
        return found, None
    if week := _WEEK.fullmatch(wanted):
        return _week(week["line"], week["day"])
    unknown = "You have no invoice, payment, contract document or line item with this reference."
    return RecordAbout(), Problem(Code.NOT_FOUND, unknown, field=FIELD)


def _named(reference: str) -> RecordAbout | None:
    wanted = reference.lower()
    if invoice := _one(
        select(Invoice).where(func.lower(Invoice.number) == wanted, Invoice.state != InvoiceState.DRAFT)
    ):
        return RecordAbout(invoice=invoice)
    if line := _one(_line(wanted)):
        return RecordAbout(line_item=line)
    document = select(ContractDocument).where(
        ContractDocument.state != DocumentState.DRAFT, func.lower(ContractDocument.reference) == wanted
    )
    if found := _one(document):
        return RecordAbout(document=found)
    if payment := _one(select(ScheduledPayment).where(func.lower(ScheduledPayment.number) == wanted)):
        return RecordAbout(scheduled_payment=payment)
    if remittance := _one(select(Remittance).where(func.lower(Remittance.number) == wanted)):
        return RecordAbout(remittance=remittance)
    return None


def _one(statement: Select[Any]) -> Any:
    return db.session.scalar(statement.limit(1))


def _line(reference: str) -> Select[tuple[LineItem]]:
    return (
        select(LineItem)
        .join(LineItem.document)
        .where(func.lower(LineItem.reference) == reference, ContractDocument.state != DocumentState.DRAFT)
    )


def _week(reference: str, day: str) -> tuple[RecordAbout, Problem | None]:
    try:
        week = monday_of(read_date(day))
    except NotADate as error:
        return RecordAbout(), error.problem.at(FIELD)
    line = db.session.scalar(_line(reference.lower()))
    if line is None:
        return RecordAbout(), Problem(Code.NOT_FOUND, f"You have no line item {reference}.", field=FIELD)
    actual = db.session.scalar(select(Actual).where(Actual.of_line(line.id, week)))
    if actual is None:
        wrong = f"Line item {reference} has no week of {week:%-d %B %Y} with actuals."
        return RecordAbout(), Problem(Code.NOT_FOUND, wrong, "Leave the date out to ask about the line.", FIELD)
    return RecordAbout(actual=actual), None
