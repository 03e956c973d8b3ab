"""The records that the audit trail speaks of: what each is called, and the way to it."""

from collections.abc import Iterable
from typing import Any, Final

from flask import g, url_for
from markupsafe import Markup
from sqlalchemy import Text, cast, func, literal, select, union_all

from models import AuditEvent, db
from views.generated.words import KEPT_UNDER, WORDS, record_in_words, views_by_table
from views.page.format import record_page

# By the first of these that a table has, a record is called.
CALLED_BY: Final = ("reference", "number", "name", "title", "subject", "filename")
# Tables that are loaded whole: the page that loads them.
LOADED_ON: Final = {"modulus_weight": "ModulusWeightsView.list"}
PERSON: Final = ("first_name", "last_name")


def remember_names(events: Iterable[AuditEvent]) -> None:
    """Read what the records of a page of the trail are called, by one query, until the end of the request."""
    keys: dict[str, set[int]] = {}
    for event in events:
        if not _own_name(event):
            keys.setdefault(event.record, set()).add(event.record_id)
    asked: list[Any] = []
    for table, ids in keys.items():
        view = _view_of(table)
        called = _called_by(view.datamodel.obj) if view else None
        if view and called is not None:
            model = view.datamodel.obj
            asked.append(
                select(literal(table).label("record"), model.id, cast(called, Text).label("called")).where(
                    model.id.in_(ids)
                )
            )
    found = db.session.execute(union_all(*asked)).all() if asked else []
    g.names_of_records = {(record, key): called for record, key, called in found}


def record_link(event: AuditEvent) -> Markup | str:
    """Return the record that was changed, in words, as the link to it where it is still there to be shown."""
    if event.record in LOADED_ON:
        return _link(url_for(LOADED_ON[event.record]), record_in_words(event.record))
    if not event.record_id:
        return _list_link(event.record)
    known: dict[tuple[str, int], str] = g.get("names_of_records", {})
    there = known.get((event.record, event.record_id))
    called = there or _own_name(event) or str(event.record_id)
    of_another = event.record in KEPT_UNDER
    words = f"{record_in_words(event.record)} {'of ' if of_another else ''}{WORDS.get(called, called)}"
    view = _view_of(event.record)
    # Taking a role away deletes no person.
    is_there = there if of_another else event.action != "deleted"
    address = record_page(view.datamodel.obj, event.record_id) if view and is_there else None
    return _link(address, words) if address else words


def _list_link(table: str) -> Markup | str:
    """Return a list that was handed out as a file: an event about no single record."""
    view = _view_of(table)
    if view is None:
        return record_in_words(table)
    return _link(url_for(f"{view.endpoint}.list"), view.list_title) if view.may("list") else str(view.list_title)


def _link(address: str, words: str) -> Markup:
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(address, words)


def _view_of(table: str) -> Any:
    return views_by_table().get(KEPT_UNDER.get(table, table))


def _own_name(event: AuditEvent) -> str:
    said = (event.before or {}) | (event.after or {})
    if all(said.get(name) for name in PERSON):
        return " ".join(str(said[name]) for name in PERSON)
    return next((str(said[name]) for name in CALLED_BY if said.get(name) not in (None, "")), "")


def _called_by(model: Any) -> Any:
    columns = model.__table__.columns
    if all(name in columns for name in PERSON):
        return func.concat_ws(" ", *(getattr(model, name) for name in PERSON))
    return next((getattr(model, name) for name in CALLED_BY if name in columns), None)
