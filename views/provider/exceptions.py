"""Over exception level: the weeks that are held, what Service Brokerage was asked, and what it decided."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from views.access.permissions import permitted
from views.page.paging import asked_page, asked_words, page_address
from workflows import policy
from workflows.exceptions.ask import FIELD, Asked, ask, week_to_ask_about
from workflows.exceptions.queue import ExceptionWeek, answered_weeks, waiting_weeks

Answer = str | tuple[str, int] | Response

SIZE = 25
LATEST = 10


class OverExceptionLevelView(BaseView):
    """`/exceptions`, for contacts with the function Actuals."""

    route_base = "/exceptions"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """Show the weeks that are held with the latest answers, or every answer."""
        page, sought, all_answers = asked_page(), asked_words(), request.args.get("show") == "answered"
        held = None if all_answers else waiting_weeks(page, SIZE, sought=sought)
        answered = answered_weeks(*((page, SIZE) if all_answers else (1, LATEST)), sought=sought)
        return render_template(
            "provider/exceptions.html",
            held=held,
            answered=answered,
            sought=sought,
            address=page_address(),
            full_names=policy.for_council("full_names_in_lists"),
        )

    @expose("/<int(max=2147483647):actual_id>/ask", methods=["GET"])
    @permitted("view")
    def ask(self, actual_id: int) -> Answer:
        """Show the form that asks about one week, with what is known of it filled in."""
        try:
            found = week_to_ask_about(actual_id)
        except Refused as refused:
            return _instead(refused)
        return _form(found, found.actual.comment)

    @expose("/<int(max=2147483647):actual_id>/ask", methods=["POST"])
    @permitted("view")
    def save_ask(self, actual_id: int) -> Answer:
        """Ask Service Brokerage about one week."""
        why = request.form.get(FIELD, "").replace("\r\n", "\n")
        try:
            asked = ask(actual_id, why, g.signed_in.user)
        except Refused as refused:
            if any(problem.field for problem in refused.problems):
                return _form(week_to_ask_about(actual_id), why, refused.problems), 422
            return _instead(refused)
        flash(
            "Service Brokerage has been asked. Its answer comes here, and stands under Over exception level too.",
            "success",
        )
        return redirect(url_for("ConversationsView.show", conversation_id=asked.id))


def _instead(refused: Refused) -> Response:
    """Lead from a week that cannot be asked about to the page that says why."""
    for problem in refused.problems:
        flash(problem.message, "info")
    if isinstance(refused, Asked):
        return redirect(url_for("ConversationsView.show", conversation_id=refused.conversation_id))
    return redirect(url_for("OverExceptionLevelView.index"))


def _form(found: ExceptionWeek, why: str, problems: tuple[Problem, ...] = ()) -> str:
    return render_template("provider/exception_ask.html", found=found, why=why, problems=problems)
