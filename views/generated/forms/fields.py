"""Fields of the forms that Flask-AppBuilder generates, where its own would lose or refuse what people enter."""

import datetime as dt
from enum import StrEnum
from typing import Any, Final

from flask_appbuilder.fields import QuerySelectField
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.validators import Unique
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Optional, ValidationError

from rules.number import NotANumber, read_number
from rules.period import NotADate, read_date
from rules.record_fields import read_field, rule_of
from rules.refusal import NotUnderstood
from rules.text import refuse_unseen
from views.page.format import label

# Columns of text that are written in several lines; everything else is one.
LONG: Final = frozenset({"address", "body", "description", "note", "notes", "reason", "terms", "text"})

# What a column of whole numbers holds at most.
LARGEST_WHOLE: Final = 2_147_483_647

PLAIN: Final = {
    "This field is required.": "Fill this in.",
    "Not a valid choice.": "Choose one of those offered.",
    "Not a valid choice": "Choose one of those offered.",
    "Invalid Choice: could not coerce.": "Choose one of those offered.",
    "Not a valid integer value.": "Enter a whole number.",
}


class WordField(SelectField):
    """One word of a vocabulary, stored as its value and read as its label."""

    def __init__(self, *args: Any, vocabulary: type[StrEnum], **kwargs: Any) -> None:
        words = [(word.value, label(word)) for word in vocabulary]
        super().__init__(*args, coerce=lambda value: vocabulary(value) if value else None, **kwargs)
        self.choices = words if self.default else [("", ""), *words]


class DayField(DateField):
    """A date typed as people write it, 16/10/2017 or 16 October 2017."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%d/%m/%Y}" if isinstance(self.data, dt.date) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the first value typed; what is wrong with it is told at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = read_date(valuelist[0])
        except NotADate as problem:
            raise ValueError(str(problem)) from problem


class FigureField(DecimalField):
    """A figure, read as every other figure is, and shown with all its places."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The framework shows two places: a saved rate of 19.7550 would become 19.76.
        super().__init__(*args, places=None, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the first value typed; what is wrong with it is told at the field."""
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = read_number(valuelist[0])
        except NotANumber as problem:
            raise ValueError(problem.problem.about(self.label.text).message) from problem


def suit_fields(form: type[Form], datamodel: SQLAInterface) -> None:
    """Replace fields of a generated form class by ours.

    Vocabularies by value (the framework looks them up by name), dates as people type them, figures that are numbers,
    one line for a name, a box that may stay empty for what is not required, a tick that may stay off.
    """
    for name, unbound in list(vars(form).items()):
        if not isinstance(unbound, UnboundField):
            continue
        if name in datamodel.list_columns:
            setattr(form, name, _suited(name, unbound, datamodel))
        elif unbound.field_class is QuerySelectField:
            # Nobody chooses an organisation by leaving the first one standing.
            unbound.kwargs["allow_blank"] = True


def valid(form: Form) -> bool:
    """Check a generated form; what is wrong stands at its fields in our words."""
    if form.validate():
        return True
    for field in form:
        field.errors = [PLAIN.get(str(error), str(error)) for error in field.errors]
    return False


def _suited(name: str, unbound: UnboundField, datamodel: SQLAInterface) -> UnboundField:
    kind: type[Field] = unbound.field_class
    kwargs = {key: value for key, value in unbound.kwargs.items() if key not in ("widget", "enum_class", "enums")}
    # Ours names the record that has the value (views/generated/forms/duplicates.py).
    kwargs["validators"] = [each for each in kwargs.get("validators") or [] if not isinstance(each, Unique)]
    column = datamodel.list_columns[name]
    if datamodel.is_enum(name):
        return _field(WordField, unbound, kwargs | {"vocabulary": column.type.enum_class})
    if issubclass(kind, BooleanField):
        return _field(BooleanField, unbound, kwargs | {"validators": []})
    if issubclass(kind, DecimalField):
        return _field(FigureField, unbound, kwargs)
    if issubclass(kind, DateField):
        return _field(DayField, unbound, kwargs)
    if issubclass(kind, StringField):
        validators = kwargs["validators"]
        if kwargs.get("default") == "" or column.server_default is not None:
            validators = [Optional(), *_without_required(validators)]
        table = column.table.name
        kwargs["validators"] = [*validators, FieldOf(table, name) if rule_of(table, name) else _all_seen]
        return _field(TextAreaField if name in LONG else StringField, unbound, kwargs)
    if issubclass(kind, IntegerField):
        kwargs["validators"] = [*kwargs["validators"], _fits]
    unbound.kwargs["validators"] = kwargs["validators"]
    return unbound


class FieldOf:
    """What is typed into a column of a table follows its rule, and is kept as the rule says."""

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column

    def __call__(self, _form: Form, field: Field) -> None:
        """Keep what can stand there; say what is wrong where nothing can."""
        try:
            field.data = read_field(self.table, self.column, field.data or "")
        except NotUnderstood as problem:
            raise ValidationError(str(problem)) from problem


def _all_seen(_form: Form, field: Field) -> None:
    if problem := refuse_unseen(field.data or ""):
        raise ValidationError(problem.message)


def _fits(_form: Form, field: Field) -> None:
    """Refuse a whole number beyond its column, before it is looked for: the database breaks off at the question."""
    if field.data is not None and abs(field.data) > LARGEST_WHOLE:
        raise ValidationError(f"Enter a number up to {LARGEST_WHOLE:,}.")


def _field(kind: type[Field], unbound: UnboundField, kwargs: dict[str, Any]) -> UnboundField:
    return UnboundField(kind, *unbound.args, **kwargs)


def _without_required(validators: list[Any]) -> list[Any]:
    return [validator for validator in validators if not isinstance(validator, InputRequired)]
