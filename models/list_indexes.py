"""Indexes for what lists, searches and counts ask of tables that grow: the order of each list, what it is searched by.

A list is read from an index in its order, newest first, equal rows by their key; a search by state, day or kind reads
an index that begins with it. `folded` words are without case, accents, blanks and punctuation: names are found by any
part of them (trigrams), references by how they begin.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Index, Table, func, text

from models.aborted_visit import AbortedVisit
from models.absence_claim import AbsenceClaim, AbsenceClaimLine
from models.actual import Actual
from models.audit_event import AuditEvent
from models.contract_document import ContractDocument
from models.conversation import Conversation, Message
from models.email import Email
from models.exception_check import ExceptionCheck
from models.exception_decision import ExceptionDecision
from models.invoice import Invoice, InvoiceLine
from models.job_run import JobRun
from models.line_item import LineItem, Rate
from models.one_off_payment import OneOffPayment
from models.organisation import Organisation, Service
from models.person import Person
from models.remittance import Remittance, RemittanceLine
from models.scheduled_payment import ScheduledPayment, ScheduledPaymentLine
from models.user import PortalUser


def folded(words: Any) -> ColumnElement[str]:
    """Return the SQL of words without case, accents, blanks and punctuation (a function of the database)."""
    return func.folded(words)


# Each before the key: an order, or what is searched by equality.
_SORTED: Final[dict[type, tuple[str, ...]]] = {
    AbortedVisit: ("visit_date", "reason"),
    AbsenceClaim: ("state",),
    AbsenceClaimLine: ("week_starting",),
    Actual: ("week_starting",),
    AuditEvent: ("user_id", "organisation_id", "action", "record", "at"),
    ContractDocument: ("state",),
    Conversation: ("opened_at", "state"),
    Email: ("written_at", "state"),
    ExceptionDecision: ("decision",),
    Invoice: ("state", "due_by"),
    InvoiceLine: ("week_starting",),
    JobRun: ("started_at", "job", "due_on", "state"),
    LineItem: ("payment_method",),
    Message: ("sent_at",),
    OneOffPayment: ("state",),
    Rate: ("start",),
    Remittance: ("pay_date",),
    ScheduledPayment: ("state",),
    ScheduledPaymentLine: ("week_starting",),
}
# Found by any part of them, and by their beginning where two letters were typed, of which there is no trigram.
_NAMES: Final[dict[type, tuple[str, ...]]] = {
    Organisation: ("name",),
    Person: ("name",),
    PortalUser: ("last_name", "email"),
    Service: ("name",),
}
# Found by how they begin.
_REFERENCES: Final[dict[type, tuple[str, ...]]] = {
    AbsenceClaim: ("number",),
    ContractDocument: ("reference",),
    Email: ("recipient",),
    Invoice: ("number",),
    LineItem: ("reference",),
    OneOffPayment: ("number",),
    Organisation: ("reference",),
    Person: ("name", "reference"),
    Remittance: ("number",),
    ScheduledPayment: ("number",),
}
# What few rows of many are: whatever waits, whatever is out of the ordinary.
_FEW: Final[tuple[tuple[type, str, tuple[str, ...], str], ...]] = (
    (Actual, "to_invoice", ("organisation_id", "week_starting"), "state = 'confirmed'"),
    (Actual, "saved_again", ("organisation_id", "id"), "version > 1"),
    (Actual, "state", ("state", "week_starting", "id"), "state <> 'paid'"),
    (Actual, "deceased", ("line_item_id",), "reason = 'DECEASED'"),
    (ExceptionCheck, "held", ("organisation_id", "actual_id"), "over AND decision_id IS NULL"),
    (ExceptionCheck, "over", ("over", "id"), "over"),
    (ExceptionCheck, "decided", ("organisation_id", "actual_id"), "decision_id IS NOT NULL"),
    (InvoiceLine, "kind", ("kind", "id"), "kind <> 'CURRENT'"),
    (RemittanceLine, "kind", ("kind", "id"), "kind <> 'CURRENT'"),
)


def _table(model: Any) -> Table:
    table: Table = model.__table__
    return table


def _make() -> None:
    for model, names in _SORTED.items():
        for name in names:
            table = _table(model)
            Index(f"ix_{table.name}_by_{name}", table.c[name], table.c.id)
    for model, names in _NAMES.items():
        for name in names:
            words = folded(_table(model).c[name]).label("words")
            ops = {"words": "gin_trgm_ops"}
            Index(f"ix_{_table(model).name}_{name}_parts", words, postgresql_using="gin", postgresql_ops=ops)
    for model, names in _REFERENCES.items():
        for name in names:
            words = folded(_table(model).c[name]).label("words")
            Index(f"ix_{_table(model).name}_{name}_begins", words, postgresql_ops={"words": "text_pattern_ops"})
    for model, suffix, names, where in _FEW:
        table = _table(model)
        Index(f"ix_{table.name}_{suffix}", *(table.c[name] for name in names), postgresql_where=text(where))


_make()


def begins(model: type, name: str) -> bool:
    """Say whether a column of a model is found by how it begins."""
    return name in _REFERENCES.get(model, ())


def has_parts(model: type, name: str) -> bool:
    """Say whether a column of a model is found by any part of it."""
    return name in _NAMES.get(model, ())
