"""Payment run: prepared by one officer, looked at, approved by another, released, settled; what the bank sent back."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.money import pounds, signed_pounds
from rules.payment_run import settles_on
from rules.refusal import Problem, Refused
from rules.run_checks import STOPS, WORDS
from rules.states import RunState
from rules.words import counted, plural
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PAYMENTS_APPROVER, PAYMENTS_OFFICER
from views.access.step_up import prove_again
from views.page.paging import asked_page, page_address
from workflows import policy
from workflows.clock import today
from workflows.payments import run as payment_run
from workflows.payments import run_checks
from workflows.payments.run_compared import ChangeOfPay, RunCompared
from workflows.payments.run_read import RunsShown, run_sheet, runs_page, waiting

Answer = Response | tuple[str, int]

# What a run does for an organisation beside the run before it: of one organisation, of many, and the tint.
CHANGE_WORDS: Final = {
    ChangeOfPay.NEW: ("is new", "are new"),
    ChangeOfPay.GONE: ("is gone", "are gone"),
    ChangeOfPay.MORE: ("gets more", "get more"),
    ChangeOfPay.LESS: ("gets less", "get less"),
    ChangeOfPay.SAME: ("gets the same", "get the same"),
}
HALF: Final = Decimal("0.5")
CHANGE_TINTS: Final = {ChangeOfPay.NEW: "info", ChangeOfPay.GONE: "warn"}


class PaymentRunsView(BaseView):
    """`/staff/payment-run`: each step is offered to who may take it, and to nobody else."""

    route_base = "/staff/payment-run"
    roles = {
        "can_view": PAYMENTS,
        "can_prepare": (PAYMENTS_OFFICER,),
        "can_look": PAYMENTS,
        "can_approve": (PAYMENTS_APPROVER,),
        "can_release": (PAYMENTS_OFFICER,),
    }
    pays = ("can_approve", "can_release")

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
        """Show one run: what to look at, what is in it, totals by organisation, and the next step."""
        return _run_page(run_id)

    @expose("/<int(max=2147483647):run_id>/check", methods=["POST"])
    @permitted("look")
    def check(self, run_id: int) -> Answer:
        """Make the checks of a draft run again."""
        return _take_step(run_id, lambda: run_checks.check_now(run_id), "The checks were made again.")

    @expose("/<int(max=2147483647):run_id>/look/<int(max=2147483647):finding_id>", methods=["POST"])
    @permitted("look")
    def look(self, run_id: int, finding_id: int) -> Answer:
        """Note that something was looked at, and why it is meant."""
        reason = request.form.get(f"reason_{finding_id}", "")
        return _take_step(
            run_id, lambda: run_checks.look_at(run_id, finding_id, reason, g.signed_in.user), "You looked at it."
        )

    @expose("/<int(max=2147483647):run_id>/take-out", methods=["POST"])
    @permitted("look")
    def take_out(self, run_id: int) -> Answer:
        """Take one source, or everything of an organisation, out of a run that is not released."""
        source, organisation = (request.form.get(name, type=int) for name in ("source", "organisation"))
        try:
            left = payment_run.take_out(run_id, source_id=source, organisation_id=organisation)
        except Refused as refused:
            return _run_page(run_id, refused.problems), 422
        if left:
            flash("It is taken out and waits to be paid again. The run has to be approved as it is now.", "success")
            return redirect(url_for("PaymentRunsView.show", run_id=run_id))
        flash("It is taken out and waits to be paid again. The run was empty, so it is gone.", "success")
        return redirect(url_for("PaymentRunsView.list"))

    @expose("/<int(max=2147483647):run_id>/approve", methods=["POST"])
    @permitted("approve")
    def approve(self, run_id: int) -> Answer:
        """Approve a draft run that somebody else prepared, with the security code or a passkey."""
        officer = g.signed_in.user

        def approve() -> None:
            payment_run.refuse_approval(run_id, officer)
            prove_again()
            payment_run.approve(run_id, officer)

        return _take_step(run_id, approve, "It is approved.")

    @expose("/<int(max=2147483647):run_id>/withdraw", methods=["POST"])
    @permitted("look")
    def withdraw(self, run_id: int) -> Answer:
        """Take the approval of a run back that is not released."""
        return _take_step(run_id, lambda: payment_run.withdraw(run_id), "The approval is withdrawn.")

    @expose("/<int(max=2147483647):run_id>/release", methods=["POST"])
    @permitted("release")
    def release(self, run_id: int) -> Answer:
        """Release an approved run, with the code or a passkey: every provider in it gets its remittance advice."""
        officer = g.signed_in.user

        def release() -> None:
            payment_run.refuse_release(run_id, officer)
            prove_again()
            payment_run.release(run_id, officer)

        return _take_step(run_id, release, "It is released. Each organisation has its remittance advice.")

    @expose("/<int(max=2147483647):run_id>/settle", methods=["POST"])
    @permitted("prepare")
    def settle(self, run_id: int) -> Answer:
        """Say that the bank has paid a released run."""
        return _take_step(run_id, lambda: payment_run.settle(run_id, g.signed_in.user), "It is settled.")

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
    every_change = request.args.get("changes") == "all"
    sheet = run_sheet(run_id, asked_page(), every_change=every_change)
    run, officer = sheet.run, g.signed_in.user
    own = run.prepared_by_id == officer.id
    draft, approved = run.state is RunState.DRAFT, run.state is RunState.APPROVED
    prepares, looks = may("can_prepare", "PaymentRunsView"), may("can_look", "PaymentRunsView")
    approves = may("can_approve", "PaymentRunsView")
    if approved and not problems:
        problems = tuple(run_checks.why_stopped(run))
    return render_template(
        "staff/payment_run.html",
        sheet=sheet,
        compared_words=_compared_words(sheet.compared) if sheet.compared else (),
        change_tints=CHANGE_TINTS,
        signed=signed_pounds,
        percent_words=_percent_words,
        words=WORDS,
        stops=STOPS,
        typed=request.form,
        address=url_for("PaymentRunsView.show", run_id=run_id) + page_address(),
        problems=problems,
        own=own,
        may_fetch=may("can_fetch", "BankFilesView"),
        limit=officer.approval_limit if approves else None,
        can_look=draft and looks,
        can_take_out=(draft or approved) and looks,
        can_approve=draft and not own and approves,
        can_withdraw=approved and looks,
        can_release=approved and may("can_release", "PaymentRunsView"),
        # A day that has passed is made up for by the next night.
        settles_on=max(settles_on(run.pay_date, policy.for_council("closure_days")), today() + timedelta(days=1)),
        can_settle=run.state is RunState.RELEASED and run.pay_date <= today() and prepares,
        can_discard=(draft or approved) and prepares,
    )


def _compared_words(compared: RunCompared) -> tuple[str, str]:
    """Return what stands before and behind the name of the run before: "£10.00 more than", "1 organisation is new"."""
    more = compared.difference
    together = f"{pounds(abs(more))} {'more' if more > 0 else 'less'} than" if more else "The same total as"
    ways = [
        f"{counted(compared.counts[change], 'organisation')} {plural(compared.counts[change], *words)}"
        for change, words in CHANGE_WORDS.items()
        if compared.counts.get(change)
    ]
    return together, ", ".join(ways)


def _percent_words(percent: Decimal) -> str:
    """Return by how many in a hundred somebody gets more or less who is paid before and now: never all of it."""
    if abs(percent) < HALF:
        return "under 1%"
    if percent <= HALF - 100:
        return "over 99% less"
    return f"{percent:+,.0f}%".replace("-", "−")
