"""Invoices to check: what waits and why, one beside earlier periods, decisions; and how fast the council pays."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from files.writing.record_list import csv_lines
from models import Invoice
from rules.number import whole_number
from rules.period import date_range
from rules.plan import unit_words
from rules.refusal import Problem, Refused
from rules.states import InvoiceState
from rules.words import counted
from views.access.permissions import may, permitted
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.page.line_name import person_named
from views.page.paging import asked_page, page_address
from workflows.clock import today
from workflows.invoices import desk
from workflows.invoices.by_person import sent_by_person
from workflows.invoices.invoice import get_invoice
from workflows.invoices.paid import PaymentTimes, half_years, payment_times
from workflows.invoices.queue import (
    DeskShown,
    days_waiting,
    desk_counts,
    desk_page,
    owed_on_desk,
    periods_compared,
)
from workflows.invoices.taken_back import BEFORE_RUN

Answer = Response | tuple[str, int]

TABS = {
    DeskShown.TO_CHECK: ("To check", "There are no invoices to check."),
    DeskShown.DISPUTED: ("In dispute", "No unpaid invoice is in dispute."),
    DeskShown.LATE: ("Late", "No invoice is late."),
    DeskShown.UNPAID: ("Unpaid for long", "No invoice has been unpaid for long."),
}


class InvoiceDeskView(BaseView):
    """`/staff/invoices`: whoever pays may look, payments officers decide."""

    route_base = "/staff/invoices"
    roles = {"can_view": PAYMENTS, "can_decide": (PAYMENTS_OFFICER,)}

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """Show the invoices that wait, the longest waiting first, with why each does."""
        return _index_page()

    @expose("/accept", methods=["POST"])
    @permitted("decide")
    def accept_many(self) -> Answer:
        """Accept every invoice that is ticked, all or none."""
        try:
            count = desk.accept(
                [key for each in request.form.getlist("rowid") if (key := whole_number(each)) is not None]
            )
        except Refused as refused:
            return _index_page(refused.problems), 422
        flash(f"Accepted: {counted(count, 'invoice')}. The next payment run pays what is not held.", "success")
        return redirect(url_for("InvoiceDeskView.index"))

    @expose("/<int(max=2147483647):invoice_id>", methods=["GET"])
    @permitted("view")
    def show(self, invoice_id: int) -> str:
        """Show one invoice: why it waits, its provider's periods before, its lines, and what can be decided."""
        return _page(invoice_id)

    @expose("/<int(max=2147483647):invoice_id>/accept", methods=["POST"])
    @permitted("decide")
    def accept(self, invoice_id: int) -> Answer:
        """Accept the invoice: the next payment run takes it."""
        return _decide(invoice_id, lambda: desk.accept([invoice_id]), "is accepted. The next payment run takes it.")

    @expose("/<int(max=2147483647):invoice_id>/reject", methods=["POST"])
    @permitted("decide")
    def reject(self, invoice_id: int) -> Answer:
        """Reject the invoice, with a reason."""
        reason, officer = request.form.get("reason", ""), g.signed_in.user_id
        done = "is rejected. Its provider reads the reason and can invoice its weeks again."
        return _decide(invoice_id, lambda: desk.reject(invoice_id, reason, officer), done)

    @expose("/<int(max=2147483647):invoice_id>/dispute", methods=["POST"])
    @permitted("decide")
    def dispute(self, invoice_id: int) -> Answer:
        """Say that the council disputes the invoice, and why."""
        reason = request.form.get("dispute_reason", "")
        done = "is in dispute from today. It is not paid until you settle the dispute."
        return _decide(invoice_id, lambda: desk.dispute(invoice_id, reason), done)

    @expose("/<int(max=2147483647):invoice_id>/settle", methods=["POST"])
    @permitted("decide")
    def settle(self, invoice_id: int) -> Answer:
        """Say that the dispute is over."""
        done = "is no longer in dispute. It goes on from where it was."
        return _decide(invoice_id, lambda: desk.settle_dispute(invoice_id), done)

    @expose("/payment-times", methods=["GET"])
    @permitted("view")
    def times(self) -> str:
        """Show how fast the council pays, by half-year, as a payments compliance notice asks."""
        return render_template("staff/payment_times.html", today=today(), times=payment_times(half_years()))

    @expose("/payment-times.csv", methods=["GET"])
    @permitted("view")
    def times_file(self) -> Response:
        """Hand out the same as a file."""
        rows = [_times_row(each) for each in payment_times(half_years())]
        answer = FlaskResponse(csv_lines([name for name, _ in rows[0]], _values(rows)), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename="payment-times.csv")
        return answer


def _index_page(problems: tuple[Problem, ...] = ()) -> str:
    asked = request.args.get("show", "")
    show = DeskShown(asked) if asked in list(DeskShown) else DeskShown.TO_CHECK
    counts = desk_counts()
    return render_template(
        "staff/invoices.html",
        found=desk_page(show, asked_page()),
        address=page_address(),
        tabs=[
            {
                "href": url_for("InvoiceDeskView.index", show=each.value or None),
                "text": words,
                "note": str(counts[each]),
                "current": each is show,
            }
            for each, (words, _) in TABS.items()
        ],
        empty=TABS[show][1],
        heading=TABS[show][0],
        problems=problems,
        ticked=request.form.getlist("rowid"),
        can_accept=show is DeskShown.TO_CHECK and may("can_decide", "InvoiceDeskView"),
        date_range=date_range,
    )


def _page(invoice_id: int, problems: tuple[Problem, ...] = ()) -> str:
    invoice = get_invoice(invoice_id)
    can_decide = may("can_decide", "InvoiceDeskView")
    return render_template(
        "staff/invoice.html",
        invoice=invoice,
        problems=problems,
        waits=days_waiting(invoice),
        late=owed_on_desk(invoice),
        compared=periods_compared(invoice),
        people=sent_by_person(invoice, asked_page()),
        can_accept=can_decide and invoice.to_check,
        can_reject=can_decide and invoice.state in BEFORE_RUN,
        can_dispute=can_decide and invoice.state in (*BEFORE_RUN, InvoiceState.IN_RUN),
        typed={name: request.form.get(name, "") for name in ("reason", "dispute_reason")},
        date_range=date_range,
        unit_words=unit_words,
        named=person_named,
    )


def _decide(invoice_id: int, work: Callable[[], object], done: str) -> Answer:
    try:
        work()
    except Refused as refused:
        return _page(invoice_id, refused.problems), 422
    invoice: Invoice = get_invoice(invoice_id)
    flash(f"Invoice {invoice} {done}", "success")
    return redirect(url_for("InvoiceDeskView.index"))


def _times_row(times: PaymentTimes) -> list[tuple[str, Any]]:
    return [
        ("First day", times.half.start),
        ("Last day", times.half.end),
        ("Payments", times.paid),
        ("Pounds", times.pounds),
        ("Average days", times.average),
        ("Median days", times.median),
        ("Within 30 days, per cent", times.share(times.within_30)),
        ("31 to 60 days, per cent", times.share(times.within_60)),
        ("61 days or more, per cent", times.share(times.over_60)),
        ("Became due", times.became_due),
        ("Became due and not paid in the period", times.not_paid),
        ("Became due and not paid, per cent", times.not_paid_share),
    ]


def _values(rows: list[list[tuple[str, Any]]]) -> Iterator[list[Any]]:
    for row in rows:
        yield [value for _, value in row]
