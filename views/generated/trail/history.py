"""The history of one record on its own page: when, who, what, before and after, newest first."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Integer, Select, bindparam, inspect, select

from models import AuditEvent, PortalUser
from models.audit_event import AUDITED, CHANGES
from views.generated.words import KEPT_UNDER, column_in_words, value_in_words
from views.page.format import label

# So many are shown; the audit trail has them all.
LATEST: Final = 20
# What says nothing to people.
SILENT: Final = frozenset({"id", "organisation_id", "version", "content", "payload", "decided_in"})
ANOTHER: Final = "another one"


class FieldChange(NamedTuple):
    """One field of one change; nothing before where the record was added, nothing after where it was deleted."""

    label: str
    before: str
    after: str


class Happened(NamedTuple):
    """One change of a record; `who` is the portal where nobody was signed in."""

    at: dt.datetime
    who: str
    what: str
    why: str
    changes: list[FieldChange]


def history_of(view: Any, item: Any) -> list[Happened] | None:
    """Return the latest changes of a record, one more than LATEST where there are; None where none are kept of it."""
    table = item.__tablename__
    if table not in AUDITED:
        return None
    events = view.datamodel.session.connection().execute(_latest_of(table), {"key": item.id})
    return [
        Happened(
            event.at,
            "The portal" if event.known is None else f"{event.first_name} {event.last_name}",
            label(event.action),
            event.why,
            list(_changes(event, item)),
        )
        for event in events
    ]


@cache
def _latest_of(table: str) -> Select[Any]:
    """Return the query of the latest changes of a record of a table, as plain values, with who made them."""
    beside = [kept for kept, under in KEPT_UNDER.items() if under == table]
    own = (AuditEvent.at, AuditEvent.action, AuditEvent.why, AuditEvent.before, AuditEvent.after)
    return (
        select(*own, PortalUser.id.label("known"), PortalUser.first_name, PortalUser.last_name)
        .outerjoin(AuditEvent.user)
        .where(
            AuditEvent.record.in_([table, *beside]),
            AuditEvent.record_id == bindparam("key", type_=Integer),
            AuditEvent.action.in_(CHANGES),
        )
        .order_by(AuditEvent.id.desc())
        .limit(LATEST + 1)
    )


def _changes(event: Any, item: Any) -> Iterator[FieldChange]:
    before, after = event.before or {}, event.after or {}
    for name in before | after:
        # What is kept as an object, such as the findings of an import, is shown on a page of its own.
        if any(isinstance(each.get(name), dict) for each in (before, after)):
            continue
        values = [_value(item, name, each.get(name)) for each in (before, after)]
        # Of a new record what was left empty is no news.
        if name not in SILENT and (event.action == "changed" or values[0] != values[1]):
            yield FieldChange(column_in_words(item.__tablename__, name), *values)


def _value(item: Any, name: str, value: Any) -> str:
    """Return a value in words; a key of another record by its name where the record still leads there."""
    if not name.endswith("_id") or value is None:
        return value_in_words(value)
    relation = name.removesuffix("_id")
    state = inspect(item)
    known = relation in state.mapper.relationships and relation not in state.unloaded
    return str(getattr(item, relation)) if known and getattr(item, name) == value else ANOTHER
