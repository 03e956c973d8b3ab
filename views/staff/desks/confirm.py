"""To confirm: what another officer proposed, one at a time, with what it would do; confirmed or sent back."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import LineItem, Proposal
from rules.agreement_states import ProposalKind, ProposalState
from rules.period import monday_of
from rules.plan import plan_of_week, week_in_words
from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import BROKERAGE, CONFIRMED_BY, PAYMENTS
from views.access.step_up import prove_again
from views.page.counted import kinds_decided
from views.staff.agreements.proposed import details_of
from workflows.agreements.change_effect import touched
from workflows.clock import today
from workflows.confirm import desk as desks
from workflows.proposals import steps

Answer = Response | str | tuple[str, int]

_NEW_VERSION = (
    "It takes effect at once. A new version of the contract document is published; its provider gets an e-mail."
)
DOES: Final = {
    ProposalKind.PUBLISH: "The provider sees it at once, gets an e-mail, and can accept or reject it.",
    ProposalKind.CHANGE_RATE: _NEW_VERSION,
    ProposalKind.CHANGE_PLAN: _NEW_VERSION,
    ProposalKind.CHANGE_DEDUCTION: _NEW_VERSION,
    ProposalKind.END_LINE: _NEW_VERSION,
    ProposalKind.NEW_VERSION: _NEW_VERSION,
    ProposalKind.UPLIFT: "The rates change, each document gets a new version, and its provider gets an e-mail.",
    ProposalKind.ONE_OFF: "It waits for the next payment run.",
    ProposalKind.RECOVERY: "The next payment runs take it off what they pay the organisation.",
    ProposalKind.INSTALMENTS: "From the next payment run on no run takes more.",
    ProposalKind.ROLE: "They have these roles at once, and no others.",
    ProposalKind.POLICY_VALUE: "The value holds from its day on. Invoices that were sent keep their figures.",
}
AT_ONCE = "It takes effect at once."
# Where a change that was sent back is proposed anew.
AGAIN: Final = {
    ProposalKind.CHANGE_RATE: "LineChangesView.rate",
    ProposalKind.CHANGE_PLAN: "LineChangesView.plan",
    ProposalKind.CHANGE_DEDUCTION: "LineChangesView.deduction",
    ProposalKind.END_LINE: "LineChangesView.end",
}
AGAIN_OF_DOCUMENT: Final = {
    ProposalKind.NEW_VERSION: "DocumentChangesView.new_version",
    ProposalKind.END_LINE: "DocumentChangesView.end",
}


class ConfirmView(BaseView):
    """`/staff/confirm`: each officer decides the kinds of their roles (views.access.roles.CONFIRMED_BY)."""

    route_base = "/staff/confirm"
    roles = {"can_view": (BROKERAGE, *PAYMENTS), "can_decide": (BROKERAGE, *PAYMENTS)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the oldest proposal that waits for the officer, and the list of all that do."""
        return _page(None)

    @expose("/<int(max=2147483647):proposal_id>", methods=["GET"])
    @permitted("view")
    def show(self, proposal_id: int) -> str:
        """Show one proposal; what was sent back to the officer counts as looked at."""
        page = _page(proposal_id)
        steps.note_seen(steps.proposal_of(proposal_id), g.signed_in.user)
        return page

    @expose("/<int(max=2147483647):proposal_id>/confirm", methods=["POST"])
    @permitted("decide")
    def confirm(self, proposal_id: int) -> Answer:
        """Confirm a proposal, once everything unusual is ticked."""
        ticked = request.form.getlist("ticked")
        decide = partial(desks.confirm, proposal_id, g.signed_in.user, ticked, kinds_decided())
        return _decided(proposal_id, partial(_after_code, proposal_id, decide), "Confirmed: {title}.")

    @expose("/<int(max=2147483647):proposal_id>/send-back", methods=["POST"])
    @permitted("decide")
    def send_back(self, proposal_id: int) -> Answer:
        """Send a proposal back, with a reason."""
        decide = partial(desks.send_back, proposal_id, g.signed_in.user, _reason(), kinds_decided())
        return _decided(proposal_id, decide, "Sent back: {title}.")

    @expose("/<int(max=2147483647):proposal_id>/withdraw", methods=["POST"])
    @permitted("decide")
    def withdraw(self, proposal_id: int) -> Answer:
        """Withdraw one's own proposal."""
        return _decided(proposal_id, partial(steps.withdraw, proposal_id, g.signed_in.user), "Withdrawn: {title}.")


def _after_code(proposal_id: int, decide: Callable[[], Proposal]) -> Proposal:
    """Decide, after the security code or a passkey where a role is given."""
    if steps.proposal_of(proposal_id).kind is ProposalKind.ROLE:
        prove_again()
    return decide()


def _decided(proposal_id: int, decide: Callable[[], Proposal], done: str) -> Answer:
    try:
        proposal = decide()
    except Refused as refused:
        return _page(proposal_id, refused.problems), 422
    flash(done.format(title=proposal.title), "success")
    return redirect(url_for("ConfirmView.index"))


def _page(proposal_id: int | None, problems: tuple[Problem, ...] = ()) -> str:
    officer, kinds = g.signed_in.user, kinds_decided()
    desk = desks.desk_of(officer, kinds, proposal_id)
    proposal = desk.proposal
    return render_template(
        "staff/confirm.html",
        desk=desk,
        problems=problems,
        sentences=touched(desk.effect),
        ticked=request.form.getlist("ticked"),
        reason=_reason(),
        **(_words_of(proposal, desk) | details_of(proposal) if proposal else {}),
    )


def _words_of(proposal: Proposal, desk: desks.ConfirmDesk) -> dict[str, Any]:
    """Return what the page says of a proposal, and what the officer may do with it."""
    own = proposal.proposed_by_id == g.signed_in.user.id
    back = own and proposal.state in (ProposalState.SENT_BACK, ProposalState.WITHDRAWN)
    return {
        "about": _about(proposal),
        "unusual": [(each["code"], each["sentence"]) for each in proposal.unusual],
        "own": own,
        "decides": desk.place > 0 and may("can_decide", "ConfirmView"),
        "decided": proposal.state is not ProposalState.PROPOSED,
        "again": _again(proposal) if back else "",
        "asks_code": proposal.kind is ProposalKind.ROLE,
        "does": DOES.get(proposal.kind, AT_ONCE),
        "others": f"It is confirmed by: {', '.join(CONFIRMED_BY[proposal.kind])}.",
    }


def _again(proposal: Proposal) -> str:
    """Return where a change is proposed anew, empty where it has no page of its own."""
    if proposal.line_item_id and proposal.kind in AGAIN:
        return url_for(AGAIN[proposal.kind], line_id=proposal.line_item_id)
    if proposal.document_id and proposal.kind in AGAIN_OF_DOCUMENT:
        return url_for(AGAIN_OF_DOCUMENT[proposal.kind], document_id=proposal.document_id)
    return ""


def _about(proposal: Proposal) -> list[tuple[str, object]]:
    line, document = proposal.line_item, proposal.document
    rows: list[tuple[str, object]] = []
    if line:
        rows += [("Line", line), ("Element", line.element.name), ("Planned", _planned(line))]
    if document:
        rows += [("Person", f"{document.person.name}, {document.person.reference}"), ("Document", document)]
        rows += [("Version now", str(document.version) if document.version else "not published yet")]
    if proposal.organisation:
        rows.append(("Organisation", proposal.organisation))
    return rows


def _planned(line: LineItem) -> str:
    units = plan_of_week(line.plan, monday_of(min(today(), line.end) if line.end else max(today(), line.start)))
    return week_in_words(line.unit, units)


def _reason() -> str:
    return request.form.get("reason", "").replace("\r\n", "\n").strip()
