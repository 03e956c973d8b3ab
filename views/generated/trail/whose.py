"""Whose record a generated screen shows: found by what its row leads to."""

from typing import Any, Final

from views.access import readings
from views.generated.records import StaffRecords
from workflows.upkeep.trail import Subject

# Models that are about people in another way than by a person or a line item.
_BY_TABLE: Final = {
    "person": Subject.PERSON,
    "conversation": Subject.CONVERSATION,
    "invoice": Subject.INVOICE,
    "remittance": Subject.REMITTANCE,
    "scheduled_payment": Subject.SCHEDULED_PAYMENT,
    "remittance_line": Subject.REMITTANCE_LINE,
    "paper_order": Subject.PAPER_ORDER,
}
_BY_KEY: Final = {
    "person_id": Subject.PERSON,
    "line_item_id": Subject.LINE,
    "actual_id": Subject.ACTUAL,
    "remittance_id": Subject.REMITTANCE,
    "conversation_id": Subject.CONVERSATION,
    "document_id": Subject.DOCUMENT,
    "absence_claim_id": Subject.ABSENCE_CLAIM,
}


def remember_read(item: Any) -> None:
    """Have the people that a record is about noted as read, where it is about any."""
    if of := _BY_TABLE.get(item.__tablename__):
        readings.remember(of, [item.id])
        return
    for name, of in _BY_KEY.items():
        if key := getattr(item, name, None):
            readings.remember(of, [key])
            return


def remember_exported(records: StaffRecords, filters: Any) -> None:
    """Have a list that is handed out noted under its table, with everybody in it: however many rows, one event."""
    model = records.obj
    if of := _BY_TABLE.get(model.__tablename__):
        found = {of: records.keys(filters, model.id)}
    else:
        found = {
            of: records.keys(filters, getattr(model, name)) for name, of in _BY_KEY.items() if hasattr(model, name)
        }
    readings.remember_list(model.__tablename__, found)
