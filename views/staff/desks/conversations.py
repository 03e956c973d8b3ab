"""Conversations: what waits for the council, and what its teams answer."""

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from files.writing.record_list import csv_lines
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE, EVERY_OFFICER, PAYMENTS_OFFICER, PROCUREMENT
from views.page.conversation_form import number_in, text_of, write
from views.page.file_transfer import hand_out_sent
from views.page.paging import asked_page, page_address
from workflows import policy
from workflows.clock import today
from workflows.conversations.attach import limits, one_attachment
from workflows.conversations.desk import add_note, assign, move, notes_of
from workflows.conversations.figures import figures
from workflows.conversations.notify import nobody_reads
from workflows.conversations.read import Folder, mark_read_by_team, one_conversation, teams_conversations
from workflows.conversations.teams import officers_of, officers_teams, teams
from workflows.conversations.write import Writer

Answer = str | tuple[str, int] | Response

SIZE = 25
COUNTS = {
    "opened": "Opened",
    "answered_in_time": "Answered in time",
    "answered_late": "Answered late",
    "settled_in_time": "Settled in time",
    "settled_late": "Settled late",
}


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
        offered = (Folder.OPEN, Folder.CLOSED, *([Folder.OWN, Folder.MINE] if own else []))
        show = Folder(asked) if asked in offered else Folder.USUAL
        found = teams_conversations(asked_page(), SIZE, own=own, show=show, officer_id=g.signed_in.user_id)
        return render_template(
            "staff/conversations.html",
            found=found,
            own=own,
            show=show,
            today=today(),
            address=page_address(),
        )

    @expose("/figures", methods=["GET"])
    @permitted("view")
    def figures(self) -> str:
        """Show how fast teams answer and settle, by month; of one team as a chart too."""
        asked = request.args.get("team", "")
        names = [team.name for team in teams()]
        team = asked if asked in names else ""
        rows = figures(team)
        page = "StaffConversationsView.figures"
        return render_template(
            "staff/conversation_figures.html",
            rows=rows,
            team=team,
            teams=[{"href": url_for(page, team=name), "text": name, "current": name == team} for name in names],
            chart=[
                (f"{each.month:%b}", share, f"{share}%")
                for each in reversed(rows)
                if (share := each.answered_share) is not None
            ],
        )

    @expose("/figures.csv", methods=["GET"])
    @permitted("view")
    def figures_file(self) -> Response:
        """Hand out the figures of every team as a file."""
        rows = ([each.team, f"{each.month:%Y-%m}", *(getattr(each, name) for name in COUNTS)] for each in figures())
        answer = FlaskResponse(csv_lines(["Team", "Month", *COUNTS.values()], rows), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename="conversations.csv")
        return answer

    @expose("/<int(max=2147483647):conversation_id>", methods=["GET"])
    @permitted("view")
    def show(self, conversation_id: int) -> str:
        """Show one conversation, which counts as read by the team it is with where an officer of it looks."""
        return _page(conversation_id)

    @expose("/<int(max=2147483647):conversation_id>", methods=["POST"])
    @permitted("answer")
    def write(self, conversation_id: int) -> Answer:
        """Reply, reopen, close, note, take it, give it to an officer, or move it to another team."""
        own = officers_teams(g.signed_in.user)
        try:
            done = _do(conversation_id, Writer(g.signed_in.user, from_council=True, teams=own))
        except Refused as refused:
            return _page(conversation_id, refused.problems), 422
        flash(done, "success")
        return redirect(url_for("StaffConversationsView.show", conversation_id=conversation_id))

    @expose("/<int(max=2147483647):conversation_id>/files/<int(max=2147483647):attachment_id>", methods=["GET"])
    @permitted("view")
    def file(self, conversation_id: int, attachment_id: int) -> Response:
        """Hand out a file that came with a message."""
        found = one_attachment(conversation_id, attachment_id)
        return hand_out_sent(found.content, found.filename)


def _do(conversation_id: int, writer: Writer) -> str:
    """Do what the form asks for, and return the words that say it is done. Raises Unknown and Refused."""
    match request.form.get("do"):
        case "take":
            assign(conversation_id, writer.user.id, writer)
            return "You answer this conversation now."
        case "give":
            officer = assign(conversation_id, number_in("officer"), writer)
            return f"{officer} answers this conversation now." if officer else "Nobody in particular answers it now."
        case "note":
            add_note(conversation_id, text_of("note"), writer)
            return "Your note is kept. Providers never see it."
        case "move":
            team = move(conversation_id, request.form.get("team", ""), text_of("move_note"), writer)
            return f"The conversation is with {team} now. The provider sees that it moved."
        case _:
            return write(conversation_id, writer)


def _page(conversation_id: int, problems: tuple[Problem, ...] = ()) -> str:
    found = one_conversation(conversation_id)
    own = officers_teams(g.signed_in.user)
    can_answer = found.team.name in own and may("can_answer", "StaffConversationsView")
    page = render_template(
        "staff/conversation.html",
        found=found,
        new_since=found.team_read_at,
        notes=notes_of(found.id),
        problems=problems,
        typed=request.form,
        today=today(),
        me=g.signed_in.user_id,
        officers=[(each.id, str(each)) for each in officers_of(found.team.name)] if can_answer else [],
        others=[(team.id, team.name) for team in teams() if team.id != found.team_id] if can_answer else [],
        most=policy.for_council("message_length"),
        limits=limits(),
        can_answer=can_answer,
        can_decide=may("can_decide", "ExceptionsView"),
        # Who has read it, or opened it themselves, is somebody: it is asked only where nobody has.
        nobody_reads=can_answer and found.read_at is None and nobody_reads(found),
    )
    mark_read_by_team(found, own)
    return page
