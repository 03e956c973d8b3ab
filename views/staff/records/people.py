"""People who receive care."""

from typing import Any

from flask import url_for

from models import Person
from views.access.permissions import may
from views.access.roles import BROKERAGE, EVERY_OFFICER
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords
from views.staff.records.contracts import ContractDocumentView
from views.staff.records.line_items import LineItemView


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
        """Return the way to everything about the person, for who may take it away."""
        asked = ("Subject access", url_for("SubjectAccessView.ask", person_id=item.id))
        return [asked] if may("can_take", "SubjectAccessView") else []
