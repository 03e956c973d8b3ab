"""Exceptions: weeks over the exception level wait here for Service Brokerage, one or many decided at once."""

import re
from typing import Final

from flask import flash, g, redirect, render_template, request
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from rules.states import Decision
from rules.words import counted, plural
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE, PAYMENTS_AND_BROKERAGE
from views.page.paging import SIZES, asked_page, asked_size, asked_words, page_address
from workflows.exceptions.decide import LONGEST_REASON, Chosen, decide
from workflows.exceptions.past import weeks_before
from workflows.exceptions.queue import ExceptionWeek, waiting_weeks
from workflows.page import Page

Answer = str | Response | tuple[str, int]

DECISIONS: Final = {"as-claimed": Decision.AS_CLAIMED, "up-to": Decision.UP_TO, "refuse": Decision.REFUSED}
DONE: Final = {
    Decision.AS_CLAIMED: "approved as claimed",
    Decision.UP_TO: "approved up to the units you entered",
    Decision.REFUSED: "refused: the plan is payable",
}


class ExceptionsView(BaseView):
    """`/staff/exceptions`: read by who sees actuals, decided by Service Brokerage."""

    route_base = "/staff/exceptions"
    roles = {"can_view": PAYMENTS_AND_BROKERAGE, "can_decide": (BROKERAGE,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> Answer:
        """Show what waits, the longest first."""
        return _listed()

    @expose("/", methods=["POST"])
    @expose("", methods=["POST"])
    @permitted("decide")
    def decide(self) -> Answer:
        """Decide about the weeks that are ticked."""
        decision = DECISIONS.get(request.form.get("do", ""))
        if decision is None:
            return _listed()
        try:
            count = decide(_chosen(), decision, request.form.get("reason", "").replace("\r\n", "\n"), g.signed_in.user)
        except Refused as refused:
            return _listed(refused.problems), 422
        weeks = counted(count, "week is", "weeks are")
        flash(f"{weeks} {DONE[decision]}. The provider can invoice {plural(count, 'it', 'them')} now.", "success")
        return redirect(request.full_path.rstrip("?"))


def _chosen() -> list[Chosen]:
    ids = dict.fromkeys(int(each) for each in request.form.getlist("rowid") if re.fullmatch("[0-9]{1,9}", each))
    typed = request.form
    return [Chosen(each, _whole(typed.get(f"seen-{each}", "")), typed.get(f"up_to-{each}", "")) for each in ids]


def _whole(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def _found() -> Page[ExceptionWeek]:
    asked = request.args.get("show") == "asked"
    return waiting_weeks(asked_page(), asked_size(), sought=asked_words(), asked=asked)


def _listed(problems: tuple[Problem, ...] = ()) -> str:
    found = _found()
    return render_template(
        "staff/exceptions.html",
        found=found,
        past=weeks_before(found.rows),
        sought=asked_words(),
        asked=request.args.get("show") == "asked",
        sizes=[(size, str(size)) for size in SIZES],
        address=page_address(),
        here=request.full_path.rstrip("?"),
        can_decide=may("can_decide", "ExceptionsView"),
        may_talk=may("can_view", "StaffConversationsView"),
        problems=_at_rows(problems, {each.actual.id for each in found.rows}),
        ticked=set(request.form.getlist("rowid")),
        typed=request.form,
        most=LONGEST_REASON,
    )


def _at_rows(problems: tuple[Problem, ...], shown: set[int]) -> list[Problem]:
    """Return the problems, those of weeks that are shown no longer as problems of the page."""
    placed = []
    for problem in problems:
        row = re.fullmatch("(?:week|up_to)-([0-9]+)", problem.field)
        placed.append(problem if row is None or int(row[1]) in shown else problem.at(""))
    return placed
