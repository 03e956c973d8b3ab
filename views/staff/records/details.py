"""What organisations asked to be changed, what was changed of addresses, and when contacts were looked through."""

from models import ChangeRequest, ContactReview, DetailChange
from rules.states import ChangeState
from views.access.roles import EVERY_OFFICER
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords


class ChangeRequestRecordView(RecordView):
    """Changes of legal name, VAT number and bank details; decided at `/staff/change-requests`."""

    datamodel = StaffRecords(ChangeRequest)
    route_base = "/admin/change-requests"
    group = "Providers"
    readers = EVERY_OFFICER
    list_title, show_title = "Changes asked for", "Change asked for"
    list_columns = ["kind", "organisation", "wanted", "state", "asked_at", "decided_at"]
    search_columns = ["organisation", "kind", "state"]
    base_order = ("asked_at", "desc")
    show_columns = [
        "kind", "organisation", "was", "wanted", "digits", "state", "asked_at", "asked_by", "checked_at", "checked_by",
        "decided_at", "decided_by", "sent_back_reason", "called_at", "called_by", "called_who", "called_number",
    ]  # fmt: skip
    labels = {
        "kind": "What", "was": "Before", "wanted": "Asked for", "asked_at": "Asked on", "asked_by": "Asked by",
        "checked_at": "Confirmed first", "checked_by": "First officer", "decided_by": "Second officer",
        "sent_back_reason": "Why it went back", "called_at": "Rung back", "called_by": "Rung back by",
        "called_who": "Who was rung", "called_number": "Number rung", "digits": "Modulus check",
    }  # fmt: skip

    def notes(self, item: ChangeRequest) -> list[str]:
        """Say where it is decided."""
        return ["It waits under Change requests."] if item.waits and item.state is not ChangeState.REPLACED else []


class DetailChangeView(RecordView):
    """What addresses, telephone numbers and e-mails were before they were changed, whoever changed them."""

    datamodel = StaffRecords(DetailChange)
    route_base = "/admin/detail-changes"
    group = "Providers"
    readers = EVERY_OFFICER
    list_title, show_title = "Changed details", "Changed detail"
    list_columns = ["changed_at", "organisation", "service", "field", "was", "became", "changed_by"]
    search_columns = ["organisation"]
    base_order = ("changed_at", "desc")
    show_columns = list_columns
    labels = {"changed_at": "Changed", "changed_by": "Changed by", "field": "What", "was": "Before", "became": "Now"}


class ContactReviewView(RecordView):
    """When organisations looked through their contacts, which they are asked to do every quarter."""

    datamodel = StaffRecords(ContactReview)
    route_base = "/admin/contact-reviews"
    group = "Providers"
    readers = EVERY_OFFICER
    list_title, show_title = "Checks of contacts", "Check of contacts"
    list_columns = show_columns = ["reviewed_at", "organisation", "reviewed_by"]
    search_columns = ["organisation"]
    base_order = ("reviewed_at", "desc")
    labels = {"reviewed_at": "Checked", "reviewed_by": "By whom"}
