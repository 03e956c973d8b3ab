"""Conversations with their messages, the teams that answer, and announcements."""

from models import Announcement, Attachment, Conversation, ConversationNote, Message, Team
from views.access.roles import EVERY_OFFICER, NOBODY_ELSE
from views.generated.record_view import EVERY_CHANGE, RecordView
from views.generated.records import StaffRecords


class AttachmentView(RecordView):
    """Files that came with messages; they are opened from their conversation."""

    datamodel = StaffRecords(Attachment)
    route_base = "/admin/attachments"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Attachments", "Attachment"
    list_columns = ["attached_at", "filename", "size", "organisation", "message"]
    search_columns = ["organisation", "from_council"]
    base_order = ("attached_at", "desc")
    show_columns = ["filename", "kind", "size", "sha256", "attached_at", "from_council", "organisation", "message"]
    labels = {"size": "Bytes", "sha256": "Fingerprint", "from_council": "From the council"}


class ConversationNoteView(RecordView):
    """Internal notes, as they were written."""

    datamodel = StaffRecords(ConversationNote)
    route_base = "/admin/conversation-notes"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Internal notes", "Internal note"
    list_columns = show_columns = ["written_at", "conversation", "author", "body"]
    search_columns = ["author"]
    base_order = ("written_at", "desc")
    labels = {"body": "Note"}


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
    show_columns = ["conversation", "organisation", "sent_at", "author", "from_council", "team", "moved", "body"]
    labels = {"body": "Message", "from_council": "From the council", "moved": "Says that it moved"}
    related_views = [AttachmentView]


class ConversationView(RecordView):
    """Conversations between organisations and council teams."""

    datamodel = StaffRecords(Conversation)
    route_base = "/admin/conversations"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Conversations", "Conversation"
    list_columns = ["subject", "topic", "organisation", "team", "assigned_to", "state", "opened_at", "target_on"]
    search_columns = ["organisation", "team", "topic", "state"]
    base_order = ("opened_at", "desc")
    show_columns = [
        "subject", "topic", "organisation", "team", "assigned_to", "state", "document", "line_item", "actual",
        "invoice", "scheduled_payment", "remittance", "opened_at", "first_answer_by", "target_on", "resolve_by",
        "closed_at", "closed_reason",
    ]  # fmt: skip
    labels = {
        "actual": "Week’s actuals", "closed_reason": "Why it was closed", "topic": "Subject from the list",
        "target_on": "Answer by", "first_answer_by": "First answer by", "resolve_by": "To be settled by",
        "assigned_to": "Answered by",
    }  # fmt: skip
    related_views = [MessageView, ConversationNoteView]


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
    """Notices on the pages of everybody, of a sector, or of some organisations; written at their desk."""

    datamodel = StaffRecords(Announcement)
    route_base = "/admin/announcements"
    group = "Talking"
    readers = EVERY_OFFICER
    list_title, show_title = "Announcements", "Announcement"
    list_columns = ["title", "audience", "sector", "widespread", "start", "end", "ended_at"]
    search_columns = ["title", "audience", "sector", "start"]
    base_order = ("start", "desc")
    show_columns = ["title", "body", "audience", "sector", "widespread", "for_staff", "by_email", "start", "end",
                    "ended_at"]  # fmt: skip
    labels = {"body": "Text", "audience": "For", "for_staff": "Officers too", "by_email": "By e-mail",
              "ended_at": "Ended"}  # fmt: skip
