"""The search above a generated list: a plain form whose fields are the framework's own filter names."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from flask_appbuilder.models.filters import BaseFilter, Filters
from wtforms import BooleanField, DateField, DateTimeField, SelectField

from views.generated.lists.plain_rows import NAMED_BY, choices_of_all, words_of
from views.generated.lists.search import Since

SOUGHT_FIRST: Final = ("ct", "eq", "rel_o_m", "rel_m_m")
YES_NO: Final = (("y", "Yes"), ("n", "No"))


class Control(NamedTuple):
    """One field of the search form; `kind` is text, choice or date."""

    name: str
    label: str
    kind: str
    value: str
    options: Sequence[tuple[str, str]]


class SearchField(NamedTuple):
    """A field of the search as it is for everybody: by which filter it seeks (None: by whichever is set).

    Its options are `fixed`, or the records of a `model`.
    """

    column: str
    name: str
    label: str
    kind: str
    filter_: type[BaseFilter] | None = None
    fixed: Sequence[tuple[str, str]] = ()
    model: type | None = None


def fields_of(view: Any) -> list[SearchField]:
    """Return the fields of a view's search form, in a request; to make the framework's own form costs 1 of 12 ms."""
    form, offered = view.search_form.refresh(), view._filters.get_search_filters()
    return [
        field
        for column in view.search_columns
        if offered.get(column)
        for field in _fields(view.datamodel, form[column], column, offered[column])
    ]


def _fields(datamodel: Any, field: Any, column: str, offered: list[BaseFilter]) -> Iterator[SearchField]:
    label = field.label.text
    if isinstance(offered[0], Since):
        for index, each in enumerate(offered):
            yield SearchField(column, f"_flt_{index}_{column}", f"{label}, {each.name}", "date", type(each))
        return
    index = next((i for word in SOUGHT_FIRST for i, each in enumerate(offered) if each.arg_name == word), 0)
    is_date = isinstance(field, DateField | DateTimeField)
    plain = SearchField(column, f"_flt_{index}_{column}", label, "date" if is_date else "text")
    if hasattr(field, "query_func"):
        yield plain._replace(model=datamodel.get_related_model(column))
    elif isinstance(field, BooleanField):
        yield plain._replace(fixed=YES_NO)
    elif isinstance(field, SelectField):
        choices = [(str(value), str(text)) for value, text, *_ in field.iter_choices() if value != ""]
        yield plain._replace(fixed=choices)
    else:
        yield plain


def controls_of(fields: Sequence[SearchField], filters: Filters, session: Any) -> list[Control]:
    """Return the fields of a search form, each with what is sought now and what can be chosen."""
    sought = list(filters.get_filters_values())
    return [_control(field, sought, session) for field in fields]


def _control(field: SearchField, sought: list[tuple[BaseFilter, Any]], session: Any) -> Control:
    values = [value for each, value in sought if each.column_name == field.column]
    if field.filter_:
        values = [value for each, value in sought if each.column_name == field.column and type(each) is field.filter_]
    value = values[0] if values else ""
    options = field.fixed
    if field.model is not None:
        options = _choices(field.model, session)
    shown = str(value[0] if isinstance(value, list) else value)
    return Control(field.name, field.label, "choice" if options else field.kind, shown, options)


def _choices(model: Any, session: Any) -> list[tuple[str, str]]:
    if model not in NAMED_BY:
        return [(str(each.id), str(each)) for each in session.query(model)]
    words = words_of(model)
    return [(str(each[0]), words(each[1:])) for each in session.connection().execute(choices_of_all(model))]
