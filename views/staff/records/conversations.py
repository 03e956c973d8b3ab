"""Conversations with their messages, the teams that answer, and announcements."""

from models import Announcement, Conversation, Message, Team
from views.access.roles import EVERY_OFFICER, NOBODY_ELSE, PROCUREMENT
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords


class MessageView(RecordView):
    """Messages, as they were sent."""

    datamodel = StaffRecords(Message)
    route_base = "/admin/messages"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Messages", "Message"
    list_columns = ["sent_at", "conversation", "from_council", "author", "body"]
    search_columns = ["from_council"]
    base_order = ("sent_at", "desc")
    show_columns = ["conversation", "organisation", "sent_at", "author", "from_council", "body"]
    labels = {"body": "Message", "from_council": "From the council"}


class ConversationView(RecordView):
    """Conversations between organisations and council teams."""

    datamodel = StaffRecords(Conversation)
    route_base = "/admin/conversations"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Conversations", "Conversation"
    list_columns = ["subject", "organisation", "team", "state", "opened_at", "target_on"]
    search_columns = ["organisation", "team", "state"]
    base_order = ("opened_at", "desc")
    show_columns = [
        "subject", "organisation", "team", "state", "document", "line_item", "actual", "invoice", "scheduled_payment",
        "opened_at", "target_on", "closed_at", "closed_reason",
    ]  # fmt: skip
    labels = {"actual": "Week’s actuals", "closed_reason": "Why it was closed"}
    related_views = [MessageView]


class TeamView(RecordView):
    """Council teams that answer providers."""

    datamodel = StaffRecords(Team)
    route_base = "/admin/teams"
    group = "Talking"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = NOBODY_ELSE
    list_title, show_title, add_title = "Teams", "Team", "Add a team"
    list_columns = ["name", "email", "phone"]
    search_columns = ["name"]
    base_order = ("name", "asc")
    show_columns = list_columns
    add_columns = list_columns
    related_views = [ConversationView]


class AnnouncementView(RecordView):
    """Notices on the pages of everybody, of a sector, or of one organisation."""

    datamodel = StaffRecords(Announcement)
    route_base = "/admin/announcements"
    group = "Talking"
    readers = EVERY_OFFICER
    changes = EVERY_CHANGE
    writers = (PROCUREMENT,)
    list_title, show_title, add_title = "Announcements", "Announcement", "Add an announcement"
    list_columns = ["title", "sector", "organisation", "start", "end"]
    search_columns = ["title", "sector", "start"]
    base_order = ("start", "desc")
    show_columns = ["title", "body", "sector", "organisation", "start", "end"]
    add_columns = show_columns
    labels = {"body": "Text"}
    description_columns = {
        "sector": "Leave empty for everybody.",
        "organisation": "Only where it is for one organisation: its reference or its whole name.",
    }
