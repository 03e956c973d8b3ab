"""Conversations: what waits for the council, and what its teams answer."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE, EVERY_OFFICER, PAYMENTS_OFFICER, PROCUREMENT
from views.page.conversation_form import write
from views.page.paging import asked_page, page_address
from workflows import policy
from workflows.conversations.read import Folder, one_conversation, teams_conversations
from workflows.conversations.teams import officers_teams
from workflows.conversations.write import Writer

Answer = str | tuple[str, int] | Response

SIZE = 25


class StaffConversationsView(BaseView):
    """`/staff/conversations`: read by every officer it is open to, answered by the team it is with."""

    route_base = "/staff/conversations"
    roles = {"can_view": EVERY_OFFICER, "can_answer": (PAYMENTS_OFFICER, BROKERAGE, PROCUREMENT)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """List the conversations that wait for the council, the officer's own teams' first."""
        own = officers_teams(g.signed_in.user)
        asked = request.args.get("show")
        offered = (Folder.OPEN, Folder.CLOSED, *([Folder.OWN] if own else []))
        show = Folder(asked) if asked in offered else Folder.USUAL
        found = teams_conversations(asked_page(), SIZE, own=own, show=show)
        return render_template(
            "staff/conversations.html",
            found=found,
            own=own,
            show=show,
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
        return redirect(url_for("StaffConversationsView.show", conversation_id=conversation_id))


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
