"""Bank returns: the bank's file of what came back, brought in once, and what it un-paid."""

from flask import flash, g, redirect, render_template, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.bank_return import COLUMNS
from rules.refusal import Problem, Refused
from rules.words import counted
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.page.file_transfer import given_file
from views.page.paging import asked_page, page_address
from workflows.payments import returns


class BankReturnsView(BaseView):
    """`/staff/bank-returns`: everybody in Payments reads, payments officers bring files in."""

    route_base = "/staff/bank-returns"
    roles = {"can_view": PAYMENTS, "can_record": (PAYMENTS_OFFICER,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show what came back, the latest first."""
        return _page()

    @expose("/record", methods=["POST"])
    @permitted("record")
    def record(self) -> Response | tuple[str, int]:
        """Bring a file of the bank in: what it names is payable again."""
        try:
            found = returns.record_returns(given_file()[1], g.signed_in.user)
        except Refused as refused:
            return _page(refused.problems), 422
        known = f" {counted(found.known, 'payment')} had come back before." if found.known else ""
        done = f"{counted(len(found.new), 'payment came back and waits', 'payments came back and wait')} again."
        flash((done if found.new else "Nothing new came back.") + known, "success")
        return redirect(url_for("BankReturnsView.index"))


def _page(problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "staff/bank_returns.html",
        found=returns.returns_page(asked_page()),
        columns=COLUMNS,
        problems=problems,
        address=url_for("BankReturnsView.index") + page_address(),
        can_record=may("can_record", "BankReturnsView"),
    )
