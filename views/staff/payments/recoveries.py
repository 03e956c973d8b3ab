"""Recoveries: what organisations owe, how much of it each run takes, and what waits for another officer."""

from collections.abc import Callable

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Problem, Refused
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.page.paging import asked_page, page_address
from workflows.payments import recoveries
from workflows.payments.recoveries import RecoveriesShown

Answer = Response | tuple[str, int]


class RecoveriesView(BaseView):
    """`/staff/recoveries`: everybody in Payments reads, payments officers propose and pause."""

    route_base = "/staff/recoveries"
    roles = {"can_view": PAYMENTS, "can_change": (PAYMENTS_OFFICER,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what is owed, and what waits to be confirmed."""
        asked = request.args.get("show", "")
        show = RecoveriesShown(asked) if asked in list(RecoveriesShown) else RecoveriesShown.OWED
        return render_template(
            "staff/recoveries.html",
            found=recoveries.recoveries_page(asked_page(), show),
            show=show,
            waiting=recoveries.waiting(),
            address=page_address(),
            can_change=may("can_change", "RecoveriesView"),
        )

    @expose("/<int(max=2147483647):recovery_id>", methods=["GET"])
    @permitted("view")
    def show(self, recovery_id: int) -> str:
        """Show one recovery: what each run took, instalments, pauses."""
        return _page(recovery_id)

    @expose("/<int(max=2147483647):recovery_id>/instalments", methods=["POST"])
    @permitted("change")
    def instalments(self, recovery_id: int) -> Answer:
        """Propose the most that one run takes."""
        typed, reason = request.form.get("instalment", ""), request.form.get("reason", "")

        def propose() -> str:
            proposal = recoveries.propose_instalments(recovery_id, typed, reason, g.signed_in.user)
            waits = proposal.decided_at is None
            return "Sent for confirmation." if waits else "It holds from the next run on."

        return _did(recovery_id, propose)

    @expose("/<int(max=2147483647):recovery_id>/pause", methods=["POST"])
    @permitted("change")
    def pause(self, recovery_id: int) -> Answer:
        """Let no run take any of it."""

        def pause() -> str:
            recoveries.pause(recovery_id, request.form.get("why", ""))
            return "It is paused: no run takes any of it."

        return _did(recovery_id, pause)

    @expose("/<int(max=2147483647):recovery_id>/go-on", methods=["POST"])
    @permitted("change")
    def go_on(self, recovery_id: int) -> Answer:
        """Let the next runs take from it again."""

        def go_on() -> str:
            recoveries.go_on(recovery_id)
            return "It goes on with the next run."

        return _did(recovery_id, go_on)


def _did(recovery_id: int, deed: Callable[[], str]) -> Answer:
    try:
        done = deed()
    except Refused as refused:
        return _page(recovery_id, refused.problems), 422
    flash(done, "success")
    return redirect(url_for("RecoveriesView.show", recovery_id=recovery_id))


def _page(recovery_id: int, problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "staff/recovery.html",
        shown=recoveries.recovery_page(recovery_id),
        problems=problems,
        typed=request.form,
        can_change=may("can_change", "RecoveriesView"),
    )
