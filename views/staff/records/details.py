"""What organisations say of themselves: changes they asked for, contacts they named, and how those were invited."""

from models import ChangeRequest, ContactReview, ContactsForm, DetailChange, Invitation, InvitationWave, ProposedContact
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


class InvitationView(RecordView):
    """Invitations sent to contacts, one by one or with their sector."""

    datamodel = StaffRecords(Invitation)
    route_base = "/admin/invitations"
    group = "Go-live"
    readers = EVERY_OFFICER
    list_title, show_title = "Invitations", "Invitation"
    list_columns = ["contact", "organisation", "state", "asked_at", "sent_at", "problem"]
    search_columns = ["organisation", "state"]
    base_order = ("asked_at", "desc")
    show_columns = ["contact", "organisation", "state", "asked_at", "invited_by", "sent_at", "problem", "wave"]
    labels = {"asked_at": "Asked for", "invited_by": "By whom", "wave": "With the sector"}


class InvitationWaveView(RecordView):
    """Invitations of whole sectors."""

    datamodel = StaffRecords(InvitationWave)
    route_base = "/admin/invitation-waves"
    group = "Go-live"
    readers = EVERY_OFFICER
    list_title, show_title = "Invitations of sectors", "Invitation of a sector"
    list_columns = show_columns = ["sector", "asked_at", "asked_by", "ended_at"]
    search_columns = ["sector"]
    base_order = ("asked_at", "desc")
    labels = {"asked_at": "Asked for", "asked_by": "By whom", "ended_at": "Ended"}
    related_views = [InvitationView]


class ContactsFormView(RecordView):
    """Links to the contacts form sent to organisations."""

    datamodel = StaffRecords(ContactsForm)
    route_base = "/admin/contacts-forms"
    group = "Go-live"
    readers = EVERY_OFFICER
    list_title, show_title = "Contacts forms", "Contacts form"
    list_columns = ["organisation", "sent_on", "opened_at", "answered_at", "expires_at"]
    search_columns = ["organisation", "sent_on"]
    base_order = ("sent_on", "desc")
    show_columns = ["organisation", "sent_on", "sent_by", "opened_at", "answered_at", "expires_at"]
    labels = {"sent_by": "By whom", "expires_at": "The link works until"}


class ProposedContactView(RecordView):
    """People whom organisations named on their contacts forms."""

    datamodel = StaffRecords(ProposedContact)
    route_base = "/admin/proposed-contacts"
    group = "Go-live"
    readers = EVERY_OFFICER
    list_title, show_title = "Proposed contacts", "Proposed contact"
    list_columns = ["name", "organisation", "named_for", "email", "state", "proposed_at"]
    search_columns = ["name", "organisation", "email", "state"]
    base_order = ("proposed_at", "desc")
    show_columns = [
        "name", "organisation", "job", "email", "phone", "named_for", "state", "proposed_at", "decided_at",
        "decided_by", "contact",
    ]  # fmt: skip
    labels = {"decided_by": "By whom"}
