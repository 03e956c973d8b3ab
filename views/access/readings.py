"""Whose records a page showed or a file held, for the audit trail: one event for each person and view."""

from collections.abc import Collection
from typing import Final, NamedTuple

from flask import g, request

from models import db
from workflows.upkeep import trail
from workflows.upkeep.trail import Subject

READ: Final = "read"
EXPORTED: Final = "exported"


class NotedReading(NamedTuple):
    """What was done with the records that have these ids."""

    what: str
    of: Subject
    ids: Collection[int]


# Pages and files about the one record whose id stands in their address: under which name, and what it is of.
ABOUT_ONE: Final[dict[str, tuple[str, str, Subject]]] = {
    "LineItemsView.show": (READ, "line_id", Subject.LINE),
    "ContractDocumentsView.show": (READ, "document_id", Subject.DOCUMENT),
    "ContractDocumentsView.version": (READ, "document_id", Subject.DOCUMENT),
    "ContractDocumentsView.compare": (READ, "document_id", Subject.DOCUMENT),
    "ContractDocumentsView.accept": (READ, "document_id", Subject.DOCUMENT),
    "ContractDocumentsView.reject": (READ, "document_id", Subject.DOCUMENT),
    "ContractDocumentsView.pdf": (EXPORTED, "document_id", Subject.DOCUMENT),
    "RemittancesView.show": (READ, "remittance_id", Subject.REMITTANCE),
    "RemittancesView.why": (READ, "remittance_id", Subject.REMITTANCE),
    "RemittancesView.file": (EXPORTED, "remittance_id", Subject.REMITTANCE),
    "InvoicesView.show": (READ, "invoice_id", Subject.INVOICE),
    "InvoicesView.file": (EXPORTED, "invoice_id", Subject.INVOICE),
    "ScheduledPaymentsView.show": (READ, "payment_id", Subject.SCHEDULED_PAYMENT),
    "ScheduledPaymentsView.excel": (EXPORTED, "payment_id", Subject.SCHEDULED_PAYMENT),
    "ScheduledPaymentsView.csv": (EXPORTED, "payment_id", Subject.SCHEDULED_PAYMENT),
    "AbsenceClaimsView.show": (READ, "claim_id", Subject.ABSENCE_CLAIM),
    "AbsenceDecisionsView.show": (READ, "claim_id", Subject.ABSENCE_CLAIM),
    "ConversationsView.show": (READ, "conversation_id", Subject.CONVERSATION),
    "ConversationsView.file": (EXPORTED, "conversation_id", Subject.CONVERSATION),
    "StaffConversationsView.show": (READ, "conversation_id", Subject.CONVERSATION),
    "StaffConversationsView.file": (EXPORTED, "conversation_id", Subject.CONVERSATION),
}


def remember(of: Subject, ids: Collection[int], what: str = READ) -> None:
    """Have the people of these records noted as read when the page is answered."""
    g.setdefault("readings", []).append(NotedReading(what, of, ids))


def remember_list(table: str) -> None:
    """Have a list that is handed out as a file noted, with what was sought in it."""
    g.exported_list = table


def note_readings() -> None:
    """Write down whose records this answer shows, in one statement a kind of record. The caller commits.

    A crash of the server within the next moment may lose it: no page waits for a disk to know who read it.
    """
    found: list[NotedReading] = g.pop("readings", [])
    if one := ABOUT_ONE.get(request.endpoint or ""):
        what, name, of = one
        found = [*found, NotedReading(what, of, [(request.view_args or {})[name]])]
    table = g.pop("exported_list", "")
    if not found and not table:
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:  # of a page that only reads it is thrown away
        session.rollback()
    if table:
        sought = request.query_string.decode()
        trail.note(EXPORTED, table, 0, durable=False, page=request.path, sought=sought)
    for reading in found:
        trail.note_people(reading.what, reading.of, reading.ids, request.path, durable=False)
