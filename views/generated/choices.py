"""The records that three typed letters may mean: for the list that opens while somebody types, and for a form."""

from typing import Any, Final, NamedTuple

from flask import Response, abort, current_app, jsonify, request
from flask_appbuilder import BaseView, expose
from sqlalchemy import case, or_, select
from sqlalchemy.orm import joinedload

from models import (
    AbsenceClaim,
    ContractDocument,
    LineItem,
    Organisation,
    Person,
    PortalUser,
    Service,
    db,
    folded,
)
from views.access.permissions import may, permitted
from views.access.roles import EVERY_OFFICER
from views.generated.lists.search import LETTERS_OF_A_PART, matching

MOST: Final = 10
# So many that match are put in order; more letters find fewer.
ORDERED: Final = 100


class ChoiceSought(NamedTuple):
    """How a kind of record is chosen: the columns looked into, the first sorts; what is told beside its name."""

    columns: tuple[str, ...]
    name: str
    beside: str


KINDS: Final[dict[type, ChoiceSought]] = {
    AbsenceClaim: ChoiceSought(("number",), "number", "organisation"),
    Organisation: ChoiceSought(("name", "reference"), "name", "reference"),
    Service: ChoiceSought(("name",), "name", "organisation"),
    Person: ChoiceSought(("reference", "name"), "reference", "name"),
    ContractDocument: ChoiceSought(("reference",), "reference", "organisation"),
    LineItem: ChoiceSought(("reference",), "reference", "organisation"),
    PortalUser: ChoiceSought(("last_name", "email"), "full_name", "email"),
}
BY_TABLE: Final[dict[str, type]] = {kind.__tablename__: kind for kind in KINDS}  # type: ignore[attr-defined]


def words_of(record: Any) -> str:
    """Return how a record stands in a field: "Fenland Homecare Ltd (ORG-0001)"."""
    sought = KINDS[type(record)]
    name = str(record) if isinstance(record, PortalUser | ContractDocument) else getattr(record, sought.name)
    return f"{name} ({getattr(record, sought.beside)})"


def choices_of(kind: Any, typed: str) -> list[Any]:
    """Return the records that what was typed may mean, those that begin so first; none for fewer than three letters."""
    if sum(letter.isalnum() for letter in typed) < LETTERS_OF_A_PART or not is_open(kind):
        return []
    columns = KINDS[kind].columns
    some = select(kind.id).where(or_(*(matching(kind, name, typed) for name in columns))).limit(ORDERED)
    begins = or_(*(folded(getattr(kind, name)).startswith(folded(typed)) for name in columns))
    query = select(kind).where(kind.id.in_(some)).order_by(case((begins, 0), else_=1), getattr(kind, columns[0]))
    if KINDS[kind].beside == "organisation":
        query = query.options(joinedload(kind.organisation))
    if kind is LineItem:
        query = query.options(joinedload(LineItem.organisation).load_only(Organisation.name))
    return list(db.session.scalars(query.limit(MOST)))


def is_open(kind: type) -> bool:
    """Say whether whoever is signed in may read the records of a kind."""
    views = current_app.appbuilder.baseviews  # type: ignore[attr-defined]
    return any(
        view.datamodel.obj is kind and may("can_list", view.endpoint) for view in views if hasattr(view, "datamodel")
    )


class RecordChoicesView(BaseView):
    """What a field of a form lists while somebody types."""

    route_base = "/admin/choices"
    roles = {"can_view": EVERY_OFFICER}

    @expose("/<kind>", methods=["GET"])
    @permitted("view")
    def find(self, kind: str) -> Response:
        """Return the records that `q` may mean, as JSON; a kind that is not open to the officer is not found."""
        if kind not in BY_TABLE or not is_open(BY_TABLE[kind]):
            abort(404)
        found = choices_of(BY_TABLE[kind], request.args.get("q", "")[:200])
        return jsonify([{"key": each.id, "words": words_of(each)} for each in found])
