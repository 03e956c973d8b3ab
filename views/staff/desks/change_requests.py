"""Changes that organisations asked for: legal name, VAT number, bank details; two officers decide each."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import ChangeRequest
from rules.refusal import Problem, Refused
from rules.states import ChangeKind, ChangeState
from rules.telephone import read_telephone
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PROCUREMENT
from views.page.form_reading import FormReading
from workflows.organisations import change_requests, details
from workflows.organisations.change_request_list import decided_lately, waiting
from workflows.organisations.change_requests import CallBack

Answer = Response | tuple[str, int]
OFFICERS = (*PAYMENTS, PROCUREMENT)

# What is said after each step.
DONE = {
    ChangeState.CHECKED: "You have confirmed the {request}. Another officer has to confirm it too before it counts.",
    ChangeState.CONFIRMED: "The {request} is changed.",
    ChangeState.SENT_BACK: "The {request} went back. Its provider is told and reads the reason.",
}
RING_BACK = " Payments to it are held until a call-back is recorded."


class ChangeRequestsView(BaseView):
    """`/staff/change-requests`: the queue, and one request with both values side by side."""

    route_base = "/staff/change-requests"
    roles = {"can_view": OFFICERS, "can_decide": OFFICERS}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what waits for an officer, the longest waiting first, and what was decided lately."""
        return render_template("staff/change_requests.html", waiting=waiting(), decided=decided_lately())

    @expose("/<int(max=2147483647):request_id>", methods=["GET"])
    @permitted("view")
    def show(self, request_id: int) -> str:
        """Show one request, and what can be done with it."""
        return _page(request_id)

    @expose("/<int(max=2147483647):request_id>/confirm", methods=["POST"])
    @permitted("decide")
    def confirm(self, request_id: int) -> Answer:
        """Confirm it, as the first or the second officer."""
        return _do(request_id, lambda: change_requests.confirm(request_id, g.signed_in.user))

    @expose("/<int(max=2147483647):request_id>/send-back", methods=["POST"])
    @permitted("decide")
    def send_back(self, request_id: int) -> Answer:
        """Send it back with a reason."""
        reason = request.form.get("reason", "").replace("\r\n", "\n").strip()
        return _do(request_id, lambda: change_requests.send_back(request_id, reason, g.signed_in.user))

    @expose("/<int(max=2147483647):request_id>/call-back", methods=["POST"])
    @permitted("decide")
    def call_back(self, request_id: int) -> Answer:
        """Record that the organisation was rung back about its new bank details."""
        reading = FormReading({name: request.form.get(name, "").strip() for name in ("who", "number")})
        call = CallBack(
            who=reading.read("who", str, "", "Enter the name of the person you spoke to."),
            number=reading.read("number", read_telephone, "", "Enter the number you rang."),
        )
        try:
            if reading.problems:
                raise Refused(*reading.problems)
            called = change_requests.record_call(request_id, call, g.signed_in.user)
        except Refused as refused:
            return _page(request_id, refused.problems), 422
        flash(f"The call-back is recorded. Payments to {called.organisation} are no longer held for it.", "success")
        return redirect(url_for("ChangeRequestsView.index"))


def _do(request_id: int, work: Callable[[], ChangeRequest]) -> Answer:
    try:
        done = work()
    except Refused as refused:
        return _page(request_id, refused.problems), 422
    held = done.state is ChangeState.CONFIRMED and done.kind is ChangeKind.BANK_DETAILS
    flash(DONE[done.state].format(request=done) + (RING_BACK if held else ""), "success")
    return redirect(url_for("ChangeRequestsView.index"))


def _page(request_id: int, problems: tuple[Problem, ...] = ()) -> str:
    found = change_requests.get_request(request_id)
    can_decide = may("can_decide", "ChangeRequestsView")
    is_open = found.state in (ChangeState.ASKED, ChangeState.CHECKED)
    return render_template(
        "staff/change_request.html",
        asked=found,
        problems=problems,
        can_decide=can_decide and is_open,
        is_own=found.checked_by_id == g.signed_in.user_id,
        can_call=can_decide and found.waits and not is_open,
        typed={name: request.form.get(name, "") for name in ("reason", "who", "number")},
        phones=[each for each in details.changes_of(found.organisation_id) if each.field == "phone"],
    )
