"""The files of a payment run: for the bank, and for the ledger."""

from flask import flash, redirect, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from rules.refusal import Refused
from views.access.permissions import permitted
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.page.file_transfer import KINDS, hand_out
from workflows.payments.bank_file import RunFile, bacs_file, ledger_file


class BankFilesView(BaseView):
    """`/staff/payment-run/<id>/bacs.txt` and `…/ledger.csv`: accounts are for who hands them in at the bank."""

    route_base = "/staff/payment-run"
    roles = {"can_fetch": (PAYMENTS_OFFICER,), "can_view": PAYMENTS}

    @expose("/<int(max=2147483647):run_id>/bacs.txt", methods=["GET"])
    @permitted("fetch")
    def bacs(self, run_id: int) -> Response:
        """Hand out the Bacs file, a trial before release."""
        try:
            return _handed_out(bacs_file(run_id), "txt")
        except Refused as refused:
            return _refused(run_id, refused)

    @expose("/<int(max=2147483647):run_id>/ledger.csv", methods=["GET"])
    @permitted("view")
    def ledger(self, run_id: int) -> Response:
        """Hand out the ledger file, a trial before release."""
        try:
            return _handed_out(ledger_file(run_id), "csv")
        except Refused as refused:
            return _refused(run_id, refused)


def _handed_out(file: RunFile, kind: str) -> Response:
    return hand_out(file.content, file.name, KINDS[kind])


def _refused(run_id: int, refused: Refused) -> Response:
    for problem in refused.problems:
        flash(problem.message, "error")
    return redirect(url_for("PaymentRunsView.show", run_id=run_id))
