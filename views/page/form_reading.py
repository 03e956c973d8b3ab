"""What was typed into a form or an address, read as values."""

from datetime import date

from flask import request

from rules.form_reading import FormReading
from rules.number import whole_number
from rules.refusal import Unknown

__all__ = ["FormReading", "asked_day", "read_key"]


def read_key(text: str) -> int:
    """Return the number of a record. Raises Unknown for what is none."""
    key = whole_number(text)
    if key is None:
        raise Unknown
    return key


def asked_day(name: str) -> date | None:
    """Return the day an address asks for, nothing where none is. Raises Unknown for what is no day."""
    asked = request.args.get(name)
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        raise Unknown from None
    # Weeks beyond these cannot be counted from; nobody has care in them.
    if not 2000 <= day.year <= 2100:
        raise Unknown
    return day
