"""How organisations come to the portal: invitations of their contacts."""

from models import Invitation, InvitationWave
from views.access.roles import EVERY_OFFICER
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords


class InvitationView(RecordView):
    """Invitations sent to contacts, one by one or with their sector."""

    datamodel = StaffRecords(Invitation)
    route_base = "/admin/invitations"
    group = "Providers"
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
    group = "Providers"
    readers = EVERY_OFFICER
    list_title, show_title = "Invitations of sectors", "Invitation of a sector"
    list_columns = show_columns = ["sector", "asked_at", "asked_by", "ended_at"]
    search_columns = ["sector"]
    base_order = ("asked_at", "desc")
    labels = {"asked_at": "Asked for", "asked_by": "By whom", "ended_at": "Ended"}
    related_views = [InvitationView]
