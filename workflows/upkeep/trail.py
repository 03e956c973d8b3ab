"""What no change of a row can tell the audit trail: whose record was read or handed out, and who came in or did not."""

import json
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Select, select, text

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
    REMITTANCE_LINE = "remittance line"
    PAPER_ORDER = "paper order"
    PAYMENT_RUN = "payment run"
    CONVERSATION = "conversation"
    SERVICE = "service"


# Where an event keeps the ids of everybody on a page or in a file of many.
PEOPLE: Final = "people"

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
    # Not joined: it is taken for short, and each line item would be looked for in all of it (6 of 7 ms at 1,200 lines).
    Subject.INVOICE: (
        "SELECT DISTINCT person_id FROM line_item WHERE id = ANY (ARRAY("
        "SELECT DISTINCT line_item_id FROM invoice_line WHERE invoice_id = ANY (:ids)))"
    ),
    Subject.SCHEDULED_PAYMENT: (
        f"{_OF_LINES.format('scheduled_payment_line')} WHERE part.scheduled_payment_id = ANY (:ids)"
    ),
    Subject.ABSENCE_CLAIM: f"{_OF_LINES.format('absence_claim')} WHERE part.id = ANY (:ids)",
    Subject.REMITTANCE: (
        "SELECT id FROM person WHERE reference IN"
        " (SELECT person_reference FROM remittance_line WHERE remittance_id = ANY (:ids))"
    ),
    Subject.REMITTANCE_LINE: (
        "SELECT id FROM person WHERE reference IN (SELECT person_reference FROM remittance_line WHERE id = ANY (:ids))"
    ),
    Subject.PAPER_ORDER: (
        "SELECT id FROM person WHERE reference IN (SELECT person_reference FROM paper_order WHERE id = ANY (:ids))"
    ),
    # What a run pays, before its remittances are written as well.
    Subject.PAYMENT_RUN: (
        "SELECT DISTINCT line_item.person_id FROM payment_source AS source"
        " LEFT JOIN invoice_line ON invoice_line.invoice_id = source.invoice_id"
        " LEFT JOIN scheduled_payment_line AS scheduled ON scheduled.scheduled_payment_id = source.scheduled_payment_id"
        " LEFT JOIN absence_claim AS claim ON claim.id = source.absence_claim_id"
        " LEFT JOIN one_off_payment AS one_off ON one_off.id = source.one_off_payment_id"
        " JOIN line_item ON line_item.id IN (invoice_line.line_item_id, scheduled.line_item_id, claim.line_item_id,"
        " one_off.line_item_id) WHERE source.run_id = ANY (:ids)"
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
    "SELECT note_in_trail(:what, :record, {}, {}, :why), set_config('synchronous_commit',"
    " CASE WHEN :wait THEN current_setting('synchronous_commit') ELSE 'off' END, true)"
)
_VALUES: Final = "CAST(:values AS jsonb)"
_IF_SEVERAL: Final = "CASE WHEN cardinality(people) > 1 THEN {} ELSE {} END"
_WITH_ALL: Final = f"{_VALUES} || jsonb_build_object('{PEOPLE}', people)"
_SEVERAL: Final = (
    _NOTE.format(_IF_SEVERAL.format("ARRAY[0]", "people"), _IF_SEVERAL.format(_WITH_ALL, _VALUES))
    + " FROM (SELECT ARRAY({}) AS people) AS found"
)
_NOTE_PEOPLE: Final = {
    subject: text(_SEVERAL.format(found.replace(":ids", "CAST(:ids AS integer[])")))
    for subject, found in _PEOPLE.items()
}
# A file of many is one event with everybody in it: one for each would be a hundred thousand rows a download.
_IN_FILE: Final = (
    "note_in_trail('exported', :record, ARRAY[CAST(:id AS integer)], jsonb_build_object('page', CAST(:page AS text),"
    f" 'sought', CAST(:sought AS text), '{PEOPLE}', (SELECT coalesce(jsonb_agg(who ORDER BY who), '[]')"
    " FROM ({}) AS found (who) WHERE who IS NOT NULL)), ''), set_config('synchronous_commit', 'off', true)"
)
_NOTE_RECORD: Final = text(_NOTE.format("ARRAY[CAST(:id AS integer)]", _VALUES))


def note_people(
    what: str, of: Subject, ids: Collection[int], page: str, why: str = "", *, durable: bool = True
) -> None:
    """Write one event of the people whom the records with these ids are about, in one statement; the caller commits.

    It is about the one person, or about none in particular with the ids of all of them; of nobody nothing is written.
    `what` is "read" or "exported"; `page` is the address, which holds no name. Where it need not be `durable`, the
    commit waits for no disk: a crash of the server within the next moment loses it.
    """
    asked = {"what": what, "record": "person", "ids": list(ids), "values": json.dumps({"page": page}), "why": why}
    db.session.execute(_NOTE_PEOPLE[of], asked | {"wait": durable})


def note_file(record: str, record_id: int, of: Mapping[Subject, Select[Any]], page: str, sought: str = "") -> None:
    """Write one event about a file with the people in it, in one statement; the caller commits.

    `record` is the table whose rows it holds, `record_id` the one it is of (0: a list). `of` selects, as `id`, the ids
    of the records by which the people are found. As `note_people` where it need not be durable.
    """
    found = [_PEOPLE[each].replace("= ANY (:ids)", f"IN (SELECT id FROM asked_{at})") for at, each in enumerate(of)]
    people = " UNION ".join(found) or "SELECT NULL::integer"
    statement = select(text(_IN_FILE.format(people)))
    for at, ids in enumerate(of.values()):
        statement = statement.add_cte(ids.cte(f"asked_{at}"))
    asked = {"record": record, "id": record_id, "page": page, "sought": sought}
    db.session.execute(statement, asked)


def note(what: str, record: str, record_id: int, why: str = "", *, durable: bool = True, **values: Any) -> None:
    """Write one event about one record (0: none in particular, or nobody), with values; the caller commits."""
    said = json.dumps(values) if values else None
    asked = {"what": what, "record": record, "id": record_id, "values": said, "why": why, "wait": durable}
    db.session.execute(_NOTE_RECORD, asked)
