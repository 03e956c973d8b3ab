"""How organisations come to the portal: invitations of their contacts."""

from models import ContactsForm, Invitation, InvitationWave, ProposedContact
from views.access.roles import EVERY_OFFICER
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords


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
