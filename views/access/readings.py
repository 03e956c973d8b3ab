"""Whose records a page showed or a file held, for the audit trail: one event a page or a file."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

from flask import g, request
from sqlalchemy import Integer, Select, literal, select

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
    "ScheduledPaymentsView.pdf": (EXPORTED, "payment_id", Subject.SCHEDULED_PAYMENT),
    "AbsenceClaimsView.show": (READ, "claim_id", Subject.ABSENCE_CLAIM),
    "AbsenceDecisionsView.show": (READ, "claim_id", Subject.ABSENCE_CLAIM),
    "ConversationsView.show": (READ, "conversation_id", Subject.CONVERSATION),
    "ConversationsView.file": (EXPORTED, "conversation_id", Subject.CONVERSATION),
    "StaffConversationsView.show": (READ, "conversation_id", Subject.CONVERSATION),
    "StaffConversationsView.file": (EXPORTED, "conversation_id", Subject.CONVERSATION),
}


# Files about the record whose id stands in their address, noted under its table: by which the people in it are found,
# nothing where the file is kept as it was given, and what is in it only whoever opens it knows.
OF_ONE: Final[dict[str, tuple[str, str, Subject | None]]] = {
    "ActualsUploadView.correction": ("upload", "upload_id", None),
    "ActualsUploadView.result": ("upload", "upload_id", None),
    "ActualsUploadView.file": ("upload", "upload_id", None),
    "ImportsView.correction": ("import_file", "import_id", None),
    "ImportsView.file": ("import_file", "import_id", None),
    "PaperIsosView.scan": ("paper_order", "paper_id", Subject.PAPER_ORDER),
    "BankFilesView.ledger": ("payment_run", "run_id", Subject.PAYMENT_RUN),
}


class NotedFile(NamedTuple):
    """A file that was handed out: of which table, of which record (0: a list), and how its people are found."""

    table: str
    record_id: int
    of: Mapping[Subject, Select[Any]]


def remember(of: Subject, ids: Collection[int], what: str = READ) -> None:
    """Have the people of these records noted as read when the page is answered."""
    g.setdefault("readings", []).append(NotedReading(what, of, ids))


def remember_list(table: str, of: Mapping[Subject, Select[Any]]) -> None:
    """Have a list that is handed out as a file noted, with what was sought in it and who is.

    `of` selects, as `id`, the ids of the records by which its people are found.
    """
    g.exported_file = NotedFile(table, 0, of)


def note_readings() -> None:
    """Write down whose records this answer shows, in one statement a kind of record. The caller commits.

    A crash of the server within the next moment may lose it: no page waits for a disk to know who read it.
    """
    found: list[NotedReading] = g.pop("readings", [])
    if one := ABOUT_ONE.get(request.endpoint or ""):
        what, name, of = one
        found = [*found, NotedReading(what, of, [(request.view_args or {})[name]])]
    file: NotedFile | None = g.pop("exported_file", None) or _of_one()
    if not found and file is None:
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:  # of a page that only reads it is thrown away
        session.rollback()
    if file:
        trail.note_file(file.table, file.record_id, file.of, request.path, request.query_string.decode())
    for reading in found:
        trail.note_people(reading.what, reading.of, reading.ids, request.path, durable=False)


def _of_one() -> NotedFile | None:
    if (request.endpoint or "") not in OF_ONE:
        return None
    table, name, of = OF_ONE[request.endpoint or ""]
    key: int = (request.view_args or {})[name]
    return NotedFile(table, key, {of: select(literal(key, Integer).label("id"))} if of else {})
