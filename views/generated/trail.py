"""The records that the audit trail speaks of: what each is called, and the way to it."""

from collections.abc import Iterable
from typing import Any, Final

from flask import g
from markupsafe import Markup
from sqlalchemy import Text, cast, literal, select, union_all

from models import AuditEvent, db
from views.generated.words import WORDS, record_in_words, views_by_table
from views.page.format import record_page

# By the first of these that a table has, a record is called.
CALLED_BY: Final = ("reference", "number", "name", "title", "subject", "filename", "last_name")


def remember_names(events: Iterable[AuditEvent]) -> None:
    """Read what the records of a page of the trail are called, by one query, until the end of the request."""
    keys: dict[str, set[int]] = {}
    for event in events:
        if not _own_name(event):
            keys.setdefault(event.record, set()).add(event.record_id)
    views = views_by_table()
    asked: list[Any] = []
    for table, ids in keys.items():
        model = views[table].datamodel.obj if table in views else None
        if model is not None and (column := _called_by(model)):
            called = cast(getattr(model, column), Text).label("called")
            asked.append(select(literal(table).label("record"), model.id, called).where(model.id.in_(ids)))
    found = db.session.execute(union_all(*asked)).all() if asked else []
    g.names_of_records = {(record, key): called for record, key, called in found}


def record_link(event: AuditEvent) -> Markup | str:
    """Return the record that was changed, in words, as the link to it where it is still there to be shown."""
    known: dict[tuple[str, int], str] = g.get("names_of_records", {})
    called = known.get((event.record, event.record_id)) or _own_name(event) or str(event.record_id)
    words = f"{record_in_words(event.record)} {WORDS.get(called, called)}"
    view = views_by_table().get(event.record)
    address = record_page(view.datamodel.obj, event.record_id) if view and event.action != "deleted" else None
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(address, words) if address else words


def _own_name(event: AuditEvent) -> str:
    said = (event.before or {}) | (event.after or {})
    return next((str(said[name]) for name in CALLED_BY if said.get(name) not in (None, "")), "")


def _called_by(model: Any) -> str:
    return next((name for name in CALLED_BY if name in model.__table__.columns), "")
