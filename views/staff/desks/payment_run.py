"""Payment run: prepared by one officer, approved by another, released."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from rules.states import RunState
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PAYMENTS_APPROVER, PAYMENTS_OFFICER
from views.page.paging import asked_page, page_address
from workflows.payments import run as payment_run
from workflows.payments.run_read import RunsShown, run_sheet, runs_page, waiting

Answer = Response | tuple[str, int]


class PaymentRunsView(BaseView):
    """`/staff/payment-run`: each step is offered to who may take it, and to nobody else."""

    route_base = "/staff/payment-run"
    roles = {
        "can_view": PAYMENTS,
        "can_prepare": (PAYMENTS_OFFICER,),
        "can_approve": (PAYMENTS_APPROVER,),
        "can_release": (PAYMENTS_OFFICER,),
    }

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def list(self) -> str:
        """Show what waits to be paid, and every run, newest first, or those that wait for an officer."""
        return _list_page()

    @expose("/prepare", methods=["POST"])
    @permitted("prepare")
    def prepare(self) -> Answer:
        """Gather what waits into a draft run."""
        typed = request.form.get("pay_date", "")
        try:
            run = payment_run.prepare(typed, g.signed_in.user)
        except Refused as refused:
            return _list_page(refused.problems, typed), 422
        flash(f"{run} is prepared. Another officer has to approve it.", "success")
        return redirect(url_for("PaymentRunsView.show", run_id=run.id))

    @expose("/<int(max=2147483647):run_id>", methods=["GET"])
    @permitted("view")
    def show(self, run_id: int) -> str:
        """Show one run: its checks, totals by organisation, and the next step."""
        return _run_page(run_id)

    @expose("/<int(max=2147483647):run_id>/approve", methods=["POST"])
    @permitted("approve")
    def approve(self, run_id: int) -> Answer:
        """Approve a draft run that somebody else prepared."""
        return _take_step(run_id, lambda: payment_run.approve(run_id, g.signed_in.user), "It is approved.")

    @expose("/<int(max=2147483647):run_id>/release", methods=["POST"])
    @permitted("release")
    def release(self, run_id: int) -> Answer:
        """Release an approved run: every provider in it has a remittance advice from now on."""
        done = "It is released. Each organisation has its remittance advice."
        return _take_step(run_id, lambda: payment_run.release(run_id, g.signed_in.user), done)

    @expose("/<int(max=2147483647):run_id>/discard", methods=["POST"])
    @permitted("prepare")
    def discard(self, run_id: int) -> Answer:
        """Take a run apart that is not released."""
        try:
            payment_run.discard(run_id)
        except Refused as refused:
            return _run_page(run_id, refused.problems), 422
        flash("The run is discarded. Everything in it waits to be paid again.", "success")
        return redirect(url_for("PaymentRunsView.list"))


def _take_step(run_id: int, step: Callable[[], None], done: str) -> Answer:
    try:
        step()
    except Refused as refused:
        return _run_page(run_id, refused.problems), 422
    flash(done, "success")
    return redirect(url_for("PaymentRunsView.show", run_id=run_id))


def _list_page(problems: tuple[Problem, ...] = (), typed: str | None = None) -> str:
    asked = request.args.get("show", "")
    show = RunsShown(asked) if asked in list(RunsShown) else RunsShown.ALL
    return render_template(
        "staff/payment_runs.html",
        found=runs_page(asked_page(), show),
        show=show,
        # Not relative: a refused form is answered at its own address, which opens no page.
        address=url_for("PaymentRunsView.list") + page_address(),
        waiting=waiting(),
        pay_date=payment_run.suggested_pay_date() if typed is None else typed,
        first_pay_date=payment_run.first_pay_date(),
        can_prepare=may("can_prepare", "PaymentRunsView"),
        problems=problems,
    )


def _run_page(run_id: int, problems: tuple[Problem, ...] = ()) -> str:
    sheet = run_sheet(run_id, asked_page())
    run, own = sheet.run, sheet.run.prepared_by_id == g.signed_in.user_id
    draft, approved = run.state is RunState.DRAFT, run.state is RunState.APPROVED
    return render_template(
        "staff/payment_run.html",
        sheet=sheet,
        address=url_for("PaymentRunsView.show", run_id=run_id) + page_address(),
        problems=problems,
        own=own,
        may_fetch=may("can_fetch", "BankFilesView"),
        can_approve=draft and not own and may("can_approve", "PaymentRunsView"),
        can_release=approved and may("can_release", "PaymentRunsView"),
        can_discard=(draft or approved) and may("can_prepare", "PaymentRunsView"),
    )
