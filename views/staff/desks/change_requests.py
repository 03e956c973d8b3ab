"""Changes that organisations asked for: legal name, VAT number, bank details; two officers decide each."""

from collections.abc import Callable
from enum import StrEnum

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import ChangeRequest, PortalUser
from rules.refusal import Problem, Refused
from rules.states import ChangeKind, ChangeState
from rules.telephone import read_telephone
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PROCUREMENT
from views.access.step_up import prove_again
from views.page.form_reading import FormReading
from workflows.clock import london_day, today
from workflows.organisations import change_requests, details
from workflows.organisations.change_request_list import RequestsShown, decided_lately, waiting
from workflows.organisations.change_requests import CallBack
from workflows.payments import run_checks

Answer = Response | tuple[str, int]
OFFICERS = (*PAYMENTS, PROCUREMENT)

# What is said after each step.
DONE = {
    ChangeState.CHECKED: "You have confirmed the {request}. Another officer has to confirm it too before it counts.",
    ChangeState.CONFIRMED: "The change of the {request} counts from now on.",
    ChangeState.SENT_BACK: "The {request} went back. Its provider is told and reads the reason.",
}
RING_BACK = "You have confirmed the {request}. Payments wait until a call-back is recorded: ring as soon as you can."
# What is said of a call: before two officers have confirmed, of an account that is in force from now on, of a denial.
CALLED_EARLY = "The call-back is recorded. The account counts as soon as two officers have confirmed it."
CALLED = "The call-back is recorded. Payments to {organisation} go to the new account and are no longer held."
DENIED = "The new account is taken back. Payments to {organisation} are no longer held{before}."


class CallResult(StrEnum):
    """What somebody said who was rung back about new bank details."""

    THEIRS = "theirs"
    NOT_THEIRS = "not-theirs"


class ChangeRequestsView(BaseView):
    """`/staff/change-requests`: the queue, and one request with both values side by side."""

    route_base = "/staff/change-requests"
    roles = {"can_view": OFFICERS, "can_decide": OFFICERS}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what waits for an officer, what holds payments first, and what was decided lately."""
        asked = request.args.get("show", "")
        show = RequestsShown(asked) if asked in list(RequestsShown) else RequestsShown.ALL
        found, officer = waiting(show), g.signed_in.user
        own = [each for each in found if each.state is ChangeState.CHECKED and each.checked_by_id == officer.id]
        return render_template(
            "staff/change_requests.html", waiting=[each for each in found if each not in own], own=own,
            decided=decided_lately(), show=show, days=_days_held,
        )  # fmt: skip

    @expose("/<int(max=2147483647):request_id>", methods=["GET"])
    @permitted("view")
    def show(self, request_id: int) -> str:
        """Show one request, and what can be done with it."""
        return _page(request_id)

    @expose("/<int(max=2147483647):request_id>/confirm", methods=["POST"])
    @permitted("decide")
    def confirm(self, request_id: int) -> Answer:
        """Confirm it, as the first or the second officer; bank details with the security code or a passkey."""
        return _do(request_id, lambda: _after_code(request_id, g.signed_in.user))

    @expose("/<int(max=2147483647):request_id>/send-back", methods=["POST"])
    @permitted("decide")
    def send_back(self, request_id: int) -> Answer:
        """Send it back with a reason."""
        return _do(request_id, lambda: change_requests.send_back(request_id, _reason(), g.signed_in.user))

    @expose("/<int(max=2147483647):request_id>/call-back", methods=["POST"])
    @permitted("decide")
    def call_back(self, request_id: int) -> Answer:
        """Record that the organisation was rung back about its new bank details, and whether they are its own."""
        typed = {name: request.form.get(name, "").strip() for name in ("who", "number", "told")}
        typed["told"] = typed["told"] if typed["told"] in list(CallResult) else ""
        reading = FormReading(typed | {"reason": _reason()})
        call = CallBack(
            who=reading.read("who", str, "", "Enter the name of the person you spoke to."),
            number=reading.read("number", read_telephone, "", "Enter the number you rang."),
        )
        told = reading.read("told", CallResult, CallResult.THEIRS, "Say whether it is their account.")
        if told is CallResult.NOT_THEIRS:
            reading.read("reason", str, "", "Say what you were told.")
        try:
            if reading.problems:
                raise Refused(*reading.problems)
            if change_requests.get_request(request_id).to_call:  # it decides into which account is paid
                prove_again()
            return _record(request_id, call, told)
        except Refused as refused:
            return _page(request_id, refused.problems), 422


def _after_code(request_id: int, officer: PortalUser) -> ChangeRequest:
    if change_requests.get_request(request_id).kind is ChangeKind.BANK_DETAILS:
        prove_again()
    return change_requests.confirm(request_id, officer)


def _reason() -> str:
    return request.form.get("reason", "").replace("\r\n", "\n").strip()


def _record(request_id: int, call: CallBack, told: CallResult) -> Response:
    """Record a call; every run that waits is checked at once. Raises Refused."""
    officer = g.signed_in.user
    if told is CallResult.NOT_THEIRS:
        done = change_requests.deny(request_id, call, _reason(), officer)
        before = f": they go to {done.was}" if done.was else ""
        words = DENIED.format(organisation=done.organisation, before=before)
    else:
        done = change_requests.record_call(request_id, call, officer)
        words = CALLED.format(organisation=done.organisation) if done.is_account else CALLED_EARLY
    run_checks.check_runs_of(done.organisation_id)
    flash(words, "success")
    return redirect(url_for("ChangeRequestsView.index"))


def _days_held(asked: ChangeRequest) -> int:
    """Return for how many days payments have been held for a request."""
    return max((today() - london_day(asked.decided_at)).days, 0) if asked.decided_at else 0


def _do(request_id: int, work: Callable[[], ChangeRequest]) -> Answer:
    try:
        done = work()
    except Refused as refused:
        return _page(request_id, refused.problems), 422
    if done.to_call:
        run_checks.check_runs_of(done.organisation_id)
    flash((RING_BACK if done.to_call else DONE[done.state]).format(request=done), "success")
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
        can_call=can_decide and found.may_be_rung,
        held_for=_days_held(found) if found.to_call else None,
        typed={name: request.form.get(name, "") for name in ("reason", "who", "number", "told")},
        phones=[each for each in details.changes_of(found.organisation_id) if each.field == "phone"],
    )
