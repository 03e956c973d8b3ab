"""What no change of a row can tell the audit trail: whose record was read or handed out, and who came in or did not."""

import json
from collections.abc import Collection
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import text

from models import db


class Subject(StrEnum):
    """What a page or file is about, by whose ids the people in it are found."""

    PERSON = "person"
    LINE = "line item"
    DOCUMENT = "contract document"
    ACTUAL = "actual"
    ABORTED_VISIT = "aborted visit"
    INVOICE = "invoice"
    SCHEDULED_PAYMENT = "scheduled payment"
    ABSENCE_CLAIM = "absence claim"
    REMITTANCE = "remittance"
    CONVERSATION = "conversation"
    SERVICE = "service"


_OF_LINES: Final = (
    "SELECT DISTINCT line_item.person_id FROM line_item JOIN {0} AS part ON part.line_item_id = line_item.id"
)
# Each finds people by the ids of one kind of record, under the reader's own row-level security.
_PEOPLE: Final = {
    Subject.PERSON: "SELECT id FROM person WHERE id = ANY (:ids)",
    Subject.LINE: "SELECT DISTINCT person_id FROM line_item WHERE id = ANY (:ids)",
    Subject.DOCUMENT: "SELECT DISTINCT person_id FROM contract_document WHERE id = ANY (:ids)",
    Subject.ACTUAL: f"{_OF_LINES.format('actual')} WHERE part.id = ANY (:ids)",
    Subject.ABORTED_VISIT: f"{_OF_LINES.format('aborted_visit')} WHERE part.id = ANY (:ids)",
    Subject.INVOICE: f"{_OF_LINES.format('invoice_line')} WHERE part.invoice_id = ANY (:ids)",
    Subject.SCHEDULED_PAYMENT: (
        f"{_OF_LINES.format('scheduled_payment_line')} WHERE part.scheduled_payment_id = ANY (:ids)"
    ),
    Subject.ABSENCE_CLAIM: f"{_OF_LINES.format('absence_claim')} WHERE part.id = ANY (:ids)",
    Subject.REMITTANCE: (
        "SELECT id FROM person WHERE reference IN"
        " (SELECT person_reference FROM remittance_line WHERE remittance_id = ANY (:ids))"
    ),
    Subject.CONVERSATION: (
        "SELECT DISTINCT line_item.person_id FROM conversation LEFT JOIN actual ON actual.id = conversation.actual_id"
        " JOIN line_item ON line_item.id = coalesce(conversation.line_item_id, actual.line_item_id)"
        " WHERE conversation.id = ANY (:ids)"
    ),
    # With no service named, everybody for whom the reader's organisation has a line.
    Subject.SERVICE: (
        "SELECT DISTINCT person_id FROM line_item WHERE service_id = ANY (:ids) OR cardinality(:ids) = 0"
    ),
}
# A transaction that has only read does not wait for a disk because it notes that it has.
_NOTE: Final = (
    "SELECT note_in_trail(:what, :record, {}, CAST(:values AS jsonb), :why), set_config('synchronous_commit',"
    " CASE WHEN :wait THEN current_setting('synchronous_commit') ELSE 'off' END, true)"
)
_NOTE_PEOPLE: Final = {
    subject: text(_NOTE.format(f"ARRAY({found.replace(':ids', 'CAST(:ids AS integer[])')})"))
    for subject, found in _PEOPLE.items()
}
_NOTE_RECORD: Final = text(_NOTE.format("ARRAY[CAST(:id AS integer)]"))


def note_people(
    what: str, of: Subject, ids: Collection[int], page: str, why: str = "", *, durable: bool = True
) -> None:
    """Write an event for each person the records with these ids are about, in one statement; the caller commits.

    `what` is "read" or "exported"; `page` is the address, which holds no name. Where it need not be `durable`, the
    commit waits for no disk: a crash of the server within the next moment loses it.
    """
    asked = {"what": what, "record": "person", "ids": list(ids), "values": json.dumps({"page": page}), "why": why}
    db.session.execute(_NOTE_PEOPLE[of], asked | {"wait": durable})


def note(what: str, record: str, record_id: int, why: str = "", *, durable: bool = True, **values: Any) -> None:
    """Write one event about one record (0: none in particular, or nobody), with values; the caller commits."""
    said = json.dumps(values) if values else None
    asked = {"what": what, "record": record, "id": record_id, "values": said, "why": why, "wait": durable}
    db.session.execute(_NOTE_RECORD, asked)
