"""Conversations with council teams: the list, a new one, and one with its messages."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import limited_to
from rules.conversation_topics import topics_of
from rules.refusal import Problem, Refused
from rules.states import ProviderFunction
from views.access.permissions import may, permitted
from views.page.conversation_form import files_of, text_of, write
from views.page.file_transfer import hand_out_sent
from views.page.paging import asked_page, asked_words, page_address
from workflows import policy
from workflows.clock import today
from workflows.conversations.attach import limits, one_attachment
from workflows.conversations.read import Folder, mark_read, one_conversation, own_conversations
from workflows.conversations.teams import teams
from workflows.conversations.write import LONGEST_SUBJECT, Typed, Writer, start

Answer = str | tuple[str, int] | Response

SIZE = 25
LONGEST_ABOUT = 80


class ConversationsView(BaseView):
    """`/conversations`: every one for the function Conversations, those about weeks for the function Actuals."""

    route_base = "/conversations"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """List the conversations that are open, those with something to read or to answer, or those that are closed."""
        asked = request.args.get("show")
        show = Folder(asked) if asked in (Folder.TO_READ, Folder.CLOSED) else Folder.USUAL
        found = own_conversations(asked_page(), SIZE, show=show, only_weeks=_only_weeks(), sought=asked_words())
        return render_template(
            "provider/conversations.html",
            found=found,
            show=show,
            today=today(),
            sought=asked_words(),
            address=page_address(),
            may_start=may("can_start", "ConversationsView"),
        )

    @expose("/start", methods=["GET"])
    @permitted("start")
    def start(self) -> str:
        """Show the form of a new conversation; the page that leads here may say to whom, under what, and about what."""
        wanted = request.args.get("team", "")
        return _start_form(
            Typed(
                team=next((str(team.id) for team in teams() if team.name == wanted), ""),
                topic=request.args.get("topic", "")[:40],
                subject=request.args.get("subject", "")[:LONGEST_SUBJECT],
                about=request.args.get("about", "")[:LONGEST_ABOUT],
            )
        )

    @expose("/start", methods=["POST"])
    @permitted("start")
    def save_start(self) -> Answer:
        """Start a conversation."""
        typed = Typed(**{name: text_of(name) for name in ("team", "topic", "subject", "about", "message")})
        try:
            started = start(typed, g.signed_in.user, g.contact.organisation_id, files_of())
        except Refused as refused:
            return _start_form(typed, refused.problems), 422
        flash("Your message has been sent.", "success")
        return redirect(url_for("ConversationsView.show", conversation_id=started.id))

    @expose("/<int(max=2147483647):conversation_id>", methods=["GET"])
    @permitted("view")
    def show(self, conversation_id: int) -> str:
        """Show one conversation, which counts as read from now on."""
        return _page(conversation_id)

    @expose("/<int(max=2147483647):conversation_id>", methods=["POST"])
    @permitted("view")
    def write(self, conversation_id: int) -> Answer:
        """Reply, reopen, or close."""
        try:
            done = write(conversation_id, Writer(g.signed_in.user, only_weeks=_only_weeks()))
        except Refused as refused:
            return _page(conversation_id, refused.problems), 422
        flash(done, "success")
        return redirect(url_for("ConversationsView.show", conversation_id=conversation_id))

    @expose("/<int(max=2147483647):conversation_id>/files/<int(max=2147483647):attachment_id>", methods=["GET"])
    @permitted("view")
    def file(self, conversation_id: int, attachment_id: int) -> Response:
        """Hand out a file that came with a message."""
        found = one_attachment(conversation_id, attachment_id, only_weeks=_only_weeks())
        return hand_out_sent(found.content, found.filename)


def _only_weeks() -> bool:
    return ProviderFunction.CONVERSATIONS not in g.contact.functions


def _start_form(typed: Typed, problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "provider/conversation_start.html",
        typed=typed,
        teams=[(team.id, team.name) for team in teams()],
        topics={team.id: topics_of(team.name) for team in teams()},
        limits=limits(),
        problems=problems,
        most=policy.for_council("message_length"),
        longest_subject=LONGEST_SUBJECT,
        may_ask=may("can_view", "OverExceptionLevelView"),
        is_limited=bool(limited_to()),
    )


def _page(conversation_id: int, problems: tuple[Problem, ...] = ()) -> str:
    found = one_conversation(conversation_id, only_weeks=_only_weeks())
    before = found.read_at
    mark_read(found)
    return render_template(
        "provider/conversation.html",
        found=found,
        new_since=before,
        problems=problems,
        typed=request.form,
        today=today(),
        limits=limits(),
        most=policy.for_council("message_length"),
        functions=[function.value for function in g.contact.functions],
    )
