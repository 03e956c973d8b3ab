"""Absence claims: the queue of what providers sent, and one claim with its days, decided once."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import AbsenceClaim
from rules.period import DAY, NotADate, date_range, read_date, uk_date
from rules.refusal import Problem, Refused
from rules.states import ClaimState
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS_OFFICER
from views.page.claim_days import day_rows, line_rows, week_rows
from views.page.line_name import person_of
from views.page.paging import asked_page, page_address
from workflows.absences import decide as decisions
from workflows.absences.read import claim_page, decided_lately, queue_page
from workflows.clock import LONDON

Answer = Response | tuple[str, int]

# What is said after each decision.
DONE = {
    ClaimState.APPROVED: "{claim} is approved. It goes into the next payment run.",
    ClaimState.IN_PART: "{claim} is approved until {until}. It goes into the next payment run.",
    ClaimState.REFUSED: "{claim} is refused. Its provider is told and reads the reason.",
}


class AbsenceDecisionsView(BaseView):
    """`/staff/absence-claims`: whoever may look sees every claim, who may decide is offered to."""

    route_base = "/staff/absence-claims"
    roles = {"can_view": (PAYMENTS_OFFICER,), "can_decide": (PAYMENTS_OFFICER,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def queue(self) -> str:
        """Show the claims that wait for a decision, the longest waiting first, and those decided last."""
        return render_template(
            "staff/absence_claims.html",
            found=queue_page(asked_page()),
            address=page_address(),
            decided=decided_lately(),
            date_range=date_range,
            person_of=person_of,
        )

    @expose("/<int(max=2147483647):claim_id>", methods=["GET"])
    @permitted("view")
    def show(self, claim_id: int) -> str:
        """Show one claim with its days, and the decisions that can be made."""
        return _page(claim_id)

    @expose("/<int(max=2147483647):claim_id>/approve", methods=["POST"])
    @permitted("decide")
    def approve(self, claim_id: int) -> Answer:
        """Approve every day."""
        return _decide(claim_id, lambda: decisions.approve(claim_id, g.signed_in.user))

    @expose("/<int(max=2147483647):claim_id>/approve-in-part", methods=["POST"])
    @permitted("decide")
    def approve_in_part(self, claim_id: int) -> Answer:
        """Approve up to an earlier last day."""

        def work() -> AbsenceClaim:
            try:
                last = read_date(request.form.get("last_day", ""))
            except NotADate as error:
                raise Refused(error.problem.at("last_day")) from None
            return decisions.approve_in_part(claim_id, last, _words("part_reason"), g.signed_in.user)

        return _decide(claim_id, work)

    @expose("/<int(max=2147483647):claim_id>/refuse", methods=["POST"])
    @permitted("decide")
    def refuse(self, claim_id: int) -> Answer:
        """Refuse the claim, with a reason."""
        return _decide(claim_id, lambda: decisions.refuse(claim_id, _words("reason"), g.signed_in.user))


def _decide(claim_id: int, work: Callable[[], AbsenceClaim]) -> Answer:
    try:
        claim = work()
    except Refused as refused:
        return _page(claim_id, refused.problems), 422
    flash(DONE[claim.state].format(claim=claim, until=uk_date(claim.until)), "success")
    return redirect(url_for("AbsenceDecisionsView.queue"))


def _words(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def _page(claim_id: int, problems: tuple[Problem, ...] = ()) -> str:
    found = claim_page(claim_id)
    claim, judged = found.claim, found.judged
    waits = claim.state is ClaimState.SUBMITTED
    return render_template(
        "staff/absence_claim.html",
        found=found,
        claim=claim,
        judged=judged,
        problems=problems,
        decided=decisions.decided_before(claim) if claim.decided_at else "",
        can_decide=waits and may("can_decide", "AbsenceDecisionsView"),
        can_part=claim.last_day > claim.first_day,
        last_but_one=claim.last_day - DAY,
        typed={name: _words(name) for name in ("last_day", "part_reason", "reason")},
        person_of=person_of,
        date_range=date_range,
        days=day_rows(judged) if judged else [],
        weeks=week_rows(judged) if judged else line_rows(found.lines),
        day_of=lambda moment: uk_date(moment.astimezone(LONDON).date()),
    )
