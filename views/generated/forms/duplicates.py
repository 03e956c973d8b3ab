"""A record that would be the same as another: found before anything is stored, and named with a link to it."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup
from sqlalchemy import UniqueConstraint, select
from wtforms import Form

from models import NO_TWO_ALIKE, Service, same_key
from views.page.format import shown


def tell_duplicates(form: Form, view: Any, item: Any) -> bool:
    """Say at its field, with a link, which other record has what a form says of `item`, None for a new one.

    Returns whether there is one.
    """
    found = False
    for columns in _keys(view.datamodel.obj):
        field = _field_of(form, columns[-1])
        values = [_value(form, name, item) for name in columns]
        # What was refused already says so; an empty one is no duplicate.
        if field is None or field.errors or any(value in (None, "") for value in values):
            continue
        if other := _other(view, columns, values, item):
            word, label = view.datamodel.word, field.label.text[:1].lower() + field.label.text[1:]
            said = Markup("There is already a record with this {}: {} {}.").format(label, word, shown(other))
            field.errors = [*field.errors, said]
            found = True
    return found


def _keys(model: Any) -> Iterator[tuple[str, ...]]:
    """Yield the columns that no two rows share, those first that say within what."""
    table = model.__table__
    alike = NO_TWO_ALIKE.get(model)
    if alike:
        yield ("organisation_id", alike) if model is Service else (alike,)
    for each in table.constraints:
        names = tuple(column.name for column in each.columns)
        if isinstance(each, UniqueConstraint) and "id" not in names and names[-1] != alike:
            yield names


def _field_of(form: Form, column: str) -> Any:
    return form._fields.get(column) or form._fields.get(column.removesuffix("_id"))


def _value(form: Form, column: str, item: Any) -> Any:
    field = _field_of(form, column)
    if field is None:
        return getattr(item, column, None)
    return getattr(field.data, "id", None) if column.endswith("_id") else field.data


def _other(view: Any, columns: tuple[str, ...], values: list[Any], item: Any) -> Any:
    model = view.datamodel.obj
    query = select(model)
    for name, value in zip(columns, values, strict=True):
        column = getattr(model, name)
        alike = NO_TWO_ALIKE.get(model) == name
        query = query.where(same_key(column) == same_key(value) if alike else column == value)
    if item is not None:
        query = query.where(model.id != item.id)
    with view.datamodel.session.no_autoflush:
        return view.datamodel.session.scalars(query.limit(1)).first()
