"""Whose record a generated screen shows: found by what its row leads to."""

from typing import Any, Final

from views.access import readings
from workflows.upkeep.trail import Subject

# Models that are about people in another way than by a person or a line item.
_BY_TABLE: Final = {
    "person": Subject.PERSON,
    "conversation": Subject.CONVERSATION,
    "invoice": Subject.INVOICE,
    "remittance": Subject.REMITTANCE,
    "scheduled_payment": Subject.SCHEDULED_PAYMENT,
}
_BY_KEY: Final = {
    "person_id": Subject.PERSON,
    "line_item_id": Subject.LINE,
    "actual_id": Subject.ACTUAL,
    "remittance_id": Subject.REMITTANCE,
    "conversation_id": Subject.CONVERSATION,
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


def remember_exported(model: Any) -> None:
    """Have the export of a list noted under its table: a file of a hundred thousand rows is one event."""
    readings.remember_list(model.__tablename__)
