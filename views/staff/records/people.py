"""People who receive care, and the care packages that providers reported missing."""

from typing import Any

from flask import url_for

from models import MissingPackage, Person
from rules.agreement_states import MissingState
from views.access.permissions import may
from views.access.roles import BROKERAGE, EVERY_OFFICER
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.staff.records.contracts import ContractDocumentView
from views.staff.records.line_items import LineItemView
from workflows.contracts.missing_package import look_again


class PersonView(RecordView):
    """People who receive care, with what was commissioned for each."""

    datamodel = StaffRecords(Person)
    route_base = "/admin/people"
    group = "Care"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (BROKERAGE,)
    list_title, show_title, add_title = "People", "Person", "Add a person"
    list_columns = show_columns = add_columns = search_columns = ["reference", "name"]
    base_order = ("reference", "asc")
    labels = {"reference": "Person reference"}
    related_views = [LineItemView, ContractDocumentView]
    instead = "What was commissioned has to stay readable: leave this record."

    def verbs(self, item: Any) -> list[tuple[str, str]]:
        """Return the ways to who saw the record, and to everything about the person, for who may go them."""
        seen = ("Who has seen it", url_for("SeenByView.show", person_id=item.id))
        asked = ("Subject access", url_for("SubjectAccessView.ask", person_id=item.id))
        ways = ((seen, "can_view", "SeenByView"), (asked, "can_take", "SubjectAccessView"))
        return [way for way, permission, view in ways if may(permission, view)]


class MissingPackageView(RecordView):
    """Care packages that providers do not find; publishing a line that fits tells them."""

    datamodel = StaffRecords(MissingPackage)
    route_base = "/admin/missing-packages"
    group = "Care"
    readers = EVERY_OFFICER
    changes = frozenset({"edit"})
    writers = (BROKERAGE,)
    list_title, show_title = "Missing care packages", "Missing care package"
    edit_title = "Put the person reference right"
    list_columns = ["person_reference", "organisation", "element", "start", "reported_at", "state", "line_item"]
    search_columns = ["person_reference", "organisation", "state"]
    base_order = ("id", "desc")
    show_columns = [
        "person_reference", "person_name", "born_on", "organisation", "service", "element", "start", "plan",
        "agreed_with", "agreed_on", "paper_reference", "comment", "state", "reported_at", "reported_by", "conversation",
        "line_item", "found_at",
    ]  # fmt: skip
    edit_columns = ["person_reference"]
    labels = {
        "person_reference": "Person reference", "person_name": "Name", "born_on": "Born", "plan": "Agreed care",
        "paper_reference": "Reference on paper", "reported_at": "Reported", "found_at": "Found",
        "line_item": "Found as",
    }  # fmt: skip
    description_columns = {
        "person_reference": "A line of this person that is published from now on is told to the provider; one that is"
        " published already is told at once."
    }

    def kept(self, item: MissingPackage) -> str:
        """Keep what was found."""
        return f"It was found as line {item.line_item} and is kept." if item.state is MissingState.FOUND else ""

    def pre_update(self, item: MissingPackage) -> None:
        """Look for it under its new reference."""
        look_again(item)
