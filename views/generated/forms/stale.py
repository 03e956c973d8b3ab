"""A form that was opened before somebody else saved: what was changed meanwhile, beside what was typed.

The form carries a digest of each of its fields as they stood when it was opened. A field whose digest is another now
was changed by somebody else, and one that still says what it said then was not touched by who sends the form.
"""

import datetime as dt
import enum
import hashlib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, Field, Form

from models import AuditEvent, db
from rules.record_fields import read_text
from views.page.format import DASH, uk_time

# The name of the hidden field.
OPENED: Final = "_opened"


class ChangedMeanwhile(NamedTuple):
    """A field that somebody else changed: what is stored now, and what was typed, nothing where it was not touched."""

    label: str
    stored: str
    typed: str


def opened(form: Form, columns: Sequence[str]) -> str:
    """Return what a form says of its fields as they stand now, for the hidden field."""
    return json.dumps({name: _digest(form[name]) for name in columns}, separators=(",", ":"))


def changed_meanwhile(form: Form, now: Form, token: str, columns: Sequence[str]) -> list[ChangedMeanwhile]:
    """Return the fields that say something else `now` than when the form was opened, and than the form says.

    In the form, those that were not touched say from now on what is stored.
    """
    then = _read(token)
    found = []
    for name in columns:
        mine, stored = form[name], now[name]
        unread = bool(mine.process_errors)
        if then.get(name) == _digest(stored) or (not unread and _digest(mine) == _digest(stored)):
            continue
        touched = unread or then.get(name) != _digest(mine)
        found.append(ChangedMeanwhile(mine.label.text, _words(stored), _words(mine) if touched else ""))
        if not touched:
            form._fields[name] = stored
    return found


def who_saved(item: Any) -> str:
    """Return the sentence of who changed a record last, and when."""
    last = db.session.scalars(
        select(AuditEvent)
        .where(AuditEvent.record == item.__tablename__, AuditEvent.record_id == item.id)
        .order_by(AuditEvent.id.desc())
        .options(joinedload(AuditEvent.user))
        .limit(1)
    ).first()
    who = last.user if last and last.user else "Somebody else"
    when = f" on {uk_time(last.at)}" if last else ""
    return f"{who} saved this record{when}, after you had opened it."


def _read(token: str) -> dict[str, str]:
    try:
        found = json.loads(token)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _digest(field: Field) -> str:
    return hashlib.sha256(_said(field.data).encode()).hexdigest()[:16]


def _said(data: Any) -> str:
    """Return what a field holds in one way, whether it was read from the record or from what was sent."""
    if isinstance(data, list | tuple):
        return ",".join(sorted(map(_said, data)))
    if hasattr(data, "__mapper__"):
        return str(data.id)
    if isinstance(data, enum.Enum):
        return str(data.value)
    if isinstance(data, Decimal):
        return f"{data.normalize():f}"
    if isinstance(data, dt.date):
        return data.isoformat()
    return "" if data is None else read_text(str(data))


def _words(field: Field) -> str:
    if isinstance(field, BooleanField):
        return "Yes" if field.data else "No"
    if hasattr(field, "iter_choices"):
        chosen = [str(choice[1]) for choice in field.iter_choices() if choice[2]]
        return ", ".join(chosen) or DASH
    return str(field._value()) or DASH
