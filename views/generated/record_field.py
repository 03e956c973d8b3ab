"""Choosing one record among thousands: typed by its reference or name, in forms and in the search above a list."""

from typing import Any, Final

from flask_appbuilder.models.filters import BaseFilter
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import StopValidation

from models import AbsenceClaim, ContractDocument, LineItem, Organisation, Person, PortalUser, Service
from rules.refusal import Refused
from views.generated.search import matching
from workflows import lookup

FEW: Final = 200

# The column of each kind that a search looks into.
SOUGHT_BY: Final[dict[type, str]] = {
    AbsenceClaim: "number",
    Organisation: "name",
    Service: "name",
    Person: "reference",
    ContractDocument: "reference",
    LineItem: "reference",
    PortalUser: "last_name",
}


class MustBeGiven:
    """A record must be given; a reference that is no record's has its own message already."""

    field_flags: Final = {"required": True}

    def __call__(self, _form: Any, field: Any) -> None:
        """Refuse an empty field."""
        if field.data is None:
            raise StopValidation(None if field.errors else "Fill this in.")


class RecordField(StringField):
    """A record of `kind`, typed by its reference or name."""

    def __init__(self, *args: Any, kind: type, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return lookup.name_of(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the record that was typed; where there is none, say so at the field."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = lookup.find(self.kind, valuelist[0])
            except Refused as refused:
                raise ValueError(str(refused)) from refused


class RelatedContains(BaseFilter):
    """Records of which the related record's reference or name contains what is sought."""

    name = "Contains"
    arg_name = "ct"

    def apply(self, query: Any, value: str) -> Any:
        """Return `query` with those records; the related ones are found first, so that the plan knows how few."""
        relation, kind = getattr(self.model, self.column_name), self.kind()
        found = matching(kind, SOUGHT_BY[kind], value)
        keys = list(query.session.scalars(select(kind.id).where(found).limit(FEW + 1)))  # type: ignore[attr-defined]
        return query.filter(relation.has(kind.id.in_(keys) if len(keys) <= FEW else found))  # type: ignore[attr-defined]

    def kind(self) -> type:
        """Return the kind of the related record."""
        kind: type = self.datamodel.get_related_model(self.column_name)
        return kind
