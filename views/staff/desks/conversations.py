"""Conversations and announcements: the records, and what council teams answer."""

from flask import flash, g, redirect, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Announcement, Conversation, Message, Team
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from views.page.conversation_form import write
from views.page.paging import asked_page, page_address
from workflows import policy
from workflows.conversations.read import one_conversation, teams_conversations
from workflows.conversations.teams import officers_teams
from workflows.conversations.write import Writer

Answer = str | tuple[str, int] | Response

SIZE = 25
SHOWN = ("open", "closed")


class MessageView(RecordView):
    """Messages, as they were sent."""

    datamodel = StaffRecords(Message)
    route_base = "/admin/messages"
    list_title, show_title = "Messages", "Message"
    list_columns = ["sent_at", "conversation", "from_council", "author", "body"]
    search_columns = ["body", "from_council"]
    base_order = ("sent_at", "desc")
    show_columns = ["conversation", "organisation", "sent_at", "author", "from_council", "body"]
    labels = {"body": "Message", "from_council": "From the council"}


class ConversationView(RecordView):
    """Conversations between organisations and council teams."""

    datamodel = StaffRecords(Conversation)
    route_base = "/admin/conversations"
    list_title, show_title = "Conversations", "Conversation"
    list_columns = ["subject", "organisation", "team", "state", "opened_at", "target_on"]
    search_columns = ["subject", "organisation", "team", "state"]
    base_order = ("opened_at", "desc")
    show_columns = [
        "subject", "organisation", "team", "state", "document", "actual", "invoice", "opened_at", "target_on",
        "closed_at", "closed_reason",
    ]  # fmt: skip
    labels = {"actual": "Week’s actuals", "closed_reason": "Why it was closed"}
    related_views = [MessageView]


class TeamView(RecordView):
    """Council teams that answer providers."""

    datamodel = StaffRecords(Team)
    route_base = "/admin/teams"
    changes = frozenset({"add", "edit", "delete"})
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
    changes = frozenset({"add", "edit", "delete"})
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


CONVERSATIONS = (MessageView, ConversationView, TeamView, AnnouncementView)


class StaffConversationsView(BaseView):
    """`/staff/conversations`: read by every officer it is open to, answered by the team it is with."""

    route_base = "/staff/conversations"

    @expose("", methods=["GET"])
    @expose("/", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """List the conversations that wait for the council, the officer's own teams' first."""
        own = officers_teams(g.signed_in.user)
        show = request.args.get("show", "")
        found = teams_conversations(asked_page(), SIZE, own=own, show=show)
        if not found.rows and found.page > 1:
            return redirect(request.path + page_address().format(page=1))
        return render_template(
            "staff/conversations.html",
            found=found,
            own=own,
            show=show if show in SHOWN else "",
            address=page_address(),
        )

    @expose("/<int(max=2147483647):conversation_id>", methods=["GET"])
    @permitted("view")
    def show(self, conversation_id: int) -> str:
        """Show one conversation."""
        return _page(conversation_id)

    @expose("/<int(max=2147483647):conversation_id>", methods=["POST"])
    @permitted("answer")
    def write(self, conversation_id: int) -> Answer:
        """Reply, reopen, or close."""
        teams = officers_teams(g.signed_in.user)
        try:
            done = write(conversation_id, Writer(g.signed_in.user, from_council=True, teams=teams))
        except Refused as refused:
            return _page(conversation_id, refused.problems), 422
        flash(done, "success")
        return redirect(f"/staff/conversations/{conversation_id}")


def _page(conversation_id: int, problems: tuple[Problem, ...] = ()) -> str:
    found = one_conversation(conversation_id)
    own = found.team.name in officers_teams(g.signed_in.user)
    return render_template(
        "staff/conversation.html",
        found=found,
        problems=problems,
        typed=request.form,
        most=policy.for_council("message_length"),
        can_answer=own and may("can_answer", "StaffConversationsView"),
        can_decide=may("can_decide", "ExceptionsView"),
    )
