"""Choosing one record among thousands: typed by its reference or name, in forms and in the search above a list."""

from typing import Any, Final

from flask import url_for
from flask_appbuilder.models.filters import BaseFilter
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import StopValidation

from models import AbsenceClaim, ContractDocument, LineItem, Organisation, Person, PortalUser, Service, db
from rules.number import whole_number
from rules.refusal import Refused
from views.generated.choices import choices_of, words_of
from views.generated.lists.search import matching
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
    """A record of `kind`, typed by its reference or name, or chosen from what three letters find.

    Beside the text a form sends the key of the record that was chosen for it (`<name>-key`), which counts as long as
    the text is that record's own, and where the answer asked which one is meant, the choice (`<name>-choice`).
    """

    def __init__(self, *args: Any, kind: type, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.found: list[tuple[int, str]] = []
        self._key = self._choice = ""

    @property
    def address(self) -> str:
        """Where the records are asked for that three letters may mean."""
        return url_for("RecordChoicesView.find", kind=self.kind.__tablename__)  # type: ignore[attr-defined]

    @property
    def key(self) -> int | str:
        """The key of the record in the field, empty where there is none."""
        return self.data.id if self.data is not None else ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read what the form says beside the text."""
        if formdata is not None:
            self._key, self._choice = (formdata.get(f"{self.name}-{part}", "") for part in ("key", "choice"))
        super().process(formdata, *args, **kwargs)

    def _value(self) -> str:
        if self.data is not None:
            return words_of(self.data)
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Find the record that was typed or chosen; where there is none, or it may be several, say so at the field."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = self._by_key(self._choice)
        if self.data is not None or not typed:
            return
        chosen = self._by_key(self._key)
        if chosen is not None and words_of(chosen) == typed:
            self.data = chosen
            return
        try:
            self.data = lookup.find(self.kind, typed)
        except Refused as refused:
            self.found = [(each.id, words_of(each)) for each in choices_of(self.kind, typed)]
            raise ValueError("Which of these do you mean?" if self.found else str(refused)) from refused

    def _by_key(self, key: str) -> Any:
        number = whole_number(key)
        return None if number is None else db.session.get(self.kind, number)


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
