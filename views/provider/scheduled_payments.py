"""Scheduled payments: the list, one payment with what changed since the last and why each line is what it is."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from files.writing.record_list import csv_lines
from models import LineItem, PaymentSource, ScheduledPayment, ScheduledPaymentLine
from rules.money import pounds, short_rate, signed_pounds
from rules.number import whole_number
from rules.period import date_range, uk_date, weekday_date
from rules.plan import unit_words
from rules.refusal import Problem, Refused
from rules.scheduled import payment_called
from rules.search import is_found
from rules.states import ScheduledState, Unit
from rules.words import counted
from views.access.permissions import may, permitted
from views.page.conversation_form import text_of
from views.page.file_transfer import KINDS, hand_out, hand_out_list
from views.page.line_name import person_of
from views.page.paging import asked_page, asked_words, page_address
from workflows import policy
from workflows.clock import LONDON, today
from workflows.remittances.pay_dates import pay_dates
from workflows.scheduled.changes import PaymentChange, changes_since
from workflows.scheduled.paper import payment_pdf
from workflows.scheduled.query import may_be_queried, query_payment
from workflows.scheduled.read import (
    HEADINGS,
    PaymentSheet,
    PaymentsShown,
    get_payment,
    payment_sheet,
    payments_page,
    rows_of,
    weeks_of_line,
)
from workflows.scheduled.sums import LineSum

Answer = str | Response | tuple[str, int]

# Where a payment is once it is fixed.
WHERE: Final = {
    ScheduledState.FINALISED: "It goes into the next payment run.",
    ScheduledState.IN_RUN: "It is in a payment run, which two officers check before it is paid.",
    ScheduledState.ON_HOLD: "Every line of it was kept back. What is kept back is paid with a later payment.",
}


class ScheduledPaymentsView(BaseView):
    """`/scheduled-payments`, for contacts with the function Invoices and payments."""

    route_base = "/scheduled-payments"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def index(self) -> str:
        """List the organisation's scheduled payments, newest first, or only those to check."""
        asked = request.args.get("show", "")
        show = PaymentsShown(asked) if asked in list(PaymentsShown) else PaymentsShown.ALL
        found = payments_page(asked_page(), show)
        return render_template(
            "provider/scheduled_payments.html",
            found=found,
            show=show,
            address=page_address(),
            date_range=date_range,
            called=_called(found.rows),
            may_report=may("can_view", "AbsenceReportsView"),
        )

    @expose("/<int(max=2147483647):payment_id>", methods=["GET"])
    @permitted("view")
    def show(self, payment_id: int) -> str:
        """Show one payment; `why` names the line whose weeks are opened."""
        return _page(payment_id)

    @expose("/<int(max=2147483647):payment_id>/query", methods=["GET"])
    @permitted("view")
    def ask(self, payment_id: int) -> str:
        """Ask what is wrong with a payment."""
        return _query_form(payment_id)

    @expose("/<int(max=2147483647):payment_id>/query", methods=["POST"])
    @permitted("view")
    def query(self, payment_id: int) -> Answer:
        """Send a query to the Payments team."""
        try:
            query_payment(payment_id, text_of("message"), g.signed_in.user)
        except Refused as refused:
            return _query_form(payment_id, refused.problems), 422
        flash("The Payments Team has your query. You will find their answer under Conversations.", "success")
        return redirect(url_for("ScheduledPaymentsView.show", payment_id=payment_id))

    @expose("/<int(max=2147483647):payment_id>/pdf", methods=["GET"])
    @permitted("view")
    def pdf(self, payment_id: int) -> Response:
        """Hand out every week of every line on paper."""
        payment = get_payment(payment_id)
        return hand_out(payment_pdf(payment, _called([payment])[payment.id]), f"{payment.number}.pdf", KINDS["pdf"])

    @expose("/<int(max=2147483647):payment_id>/excel", methods=["GET"])
    @permitted("view")
    def excel(self, payment_id: int) -> Response:
        """Hand out every week of every line as a workbook."""
        payment = get_payment(payment_id)
        return hand_out_list(f"{payment.number}.xlsx", payment.number, HEADINGS, rows_of(payment))

    @expose("/<int(max=2147483647):payment_id>/csv", methods=["GET"])
    @permitted("view")
    def csv(self, payment_id: int) -> Response:
        """Hand out every week of every line as CSV."""
        payment = get_payment(payment_id)
        answer = Response(list(csv_lines(HEADINGS, rows_of(payment))), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=f"{payment.number}.csv")
        return answer


def _page(payment_id: int) -> str:
    sheet = payment_sheet(payment_id)
    why = sheet.lines.get(whole_number(request.args.get("why", "")) or 0)
    changes = changes_since(sheet)
    payment = sheet.payment
    return render_template(
        "provider/scheduled_payment.html",
        payment=payment,
        sheet=sheet,
        title=f"Scheduled payment {date_range(payment.period.start, payment.period.end)}",
        queryable=may_be_queried(payment),
        state=_state(payment, sheet.remittance.pay_date if sheet.remittance else None),
        dates=_dates(sheet),
        figures=_figures(sheet),
        compared=_compared(sheet, changes),
        changes=[_change_row(each) for each in changes],
        difference=signed_pounds(sum((each.difference for each in changes), Decimal(0))),
        changed={each.line.id for each in changes},
        lines=[each for each in sheet.paid if _is_named(sheet.items[each.line_id], asked_words())],
        paid_count=len(sheet.paid),
        sought=asked_words(),
        kept=sheet.kept,
        days_words=_days_words,
        rate_words=_rate_words,
        person_of=person_of,
        why=why,
        weeks=[_week_row(each) for each in weeks_of_line(payment, why.line_id)] if why else [],
        may_talk=may("can_start", "ConversationsView"),
        may_read=may("can_view", "ConversationsView"),
        may_documents=may("can_view", "LineItemsView"),
    )


def _called(payments: Sequence[ScheduledPayment]) -> dict[int, str]:
    """Return what payments are called on the list and on paper, by id."""
    paid = [each.id for each in payments if each.state is ScheduledState.PAID]
    days = pay_dates(PaymentSource.scheduled_payment_id, paid)
    return {each.id: _state(each, days.get(each.id)) for each in payments}


def _state(payment: ScheduledPayment, pay_date: date | None) -> str:
    """Return what a payment is called whose run pays on a day."""
    return payment_called(payment.state, payment.period.amend_by, today(), pay_date if payment.gross > 0 else None)


def _is_named(line: LineItem, sought: str) -> bool:
    return is_found(sought, line.reference, line.person.reference, line.person.name, line.person.initials)


def _query_form(payment_id: int, problems: tuple[Problem, ...] = ()) -> str:
    payment = get_payment(payment_id)
    return render_template(
        "provider/scheduled_payment_query.html",
        payment=payment,
        title=f"Query the payment for {date_range(payment.period.start, payment.period.end)}",
        queryable=may_be_queried(payment),
        until=weekday_date(payment.period.amend_by),
        message=text_of("message"),
        most=policy.for_council("message_length"),
        problems=problems,
    )


def _dates(sheet: PaymentSheet) -> str:
    """Return where the payment is and what is still to come, in a sentence or two."""
    payment, period = sheet.payment, sheet.payment.period
    bank = f"{weekday_date(period.pay_on)} {period.pay_on.year}"
    if may_be_queried(payment):
        return (
            f"Query it until the end of {weekday_date(period.amend_by)}. It is fixed on"
            f" {weekday_date(period.finalise_on)} and reaches your bank on {bank}. If it is right, you need do nothing."
        )
    if payment.state is ScheduledState.PREVIEW:
        return f"It could be queried until {weekday_date(period.amend_by)} and is being fixed now."
    fixed = f"Fixed on {uk_date(payment.finalised_at.astimezone(LONDON).date())}. " if payment.finalised_at else ""
    if sheet.remittance:
        return f"{fixed}Released for payment on {uk_date(sheet.remittance.pay_date)}."
    return f"{fixed}{WHERE.get(payment.state, '')}"


def _figures(sheet: PaymentSheet) -> dict[str, Any]:
    paid = sheet.paid
    deducted = sum((each.deducted for each in paid), Decimal(0))
    return {
        "people": len({sheet.items[each.line_id].person_id for each in paid}),
        "lines": len(paid),
        "amount": sum((each.amount for each in paid), Decimal(0)),
        "deducted": -deducted,
        "vat": sheet.payment.vat,
        "kept": sum((each.kept for each in sheet.kept), Decimal(0)),
    }


def _compared(sheet: PaymentSheet, changes: list[PaymentChange]) -> str:
    """Return how the payment compares with the last one: "£20,448.36 is £496.44 less than …"."""
    last = sheet.previous
    if last is None:
        return "This is your first scheduled payment in the portal, so there is nothing to compare it with."
    before, now = last.gross, sheet.payment.gross
    when = f"the payment for {date_range(last.period.start, last.period.end)}, which was {pounds(before)}"
    if not changes:
        return f"Every line is the same as in {when}."
    more = "the same as" if now == before else f"{pounds(abs(now - before))} {'more' if now > before else 'less'} than"
    makes = counted(len(changes), "line makes", "lines make")
    return f"{pounds(now)} is {more} {when}. {makes} the difference."


def _change_row(change: PaymentChange) -> dict[str, Any]:
    return {
        "line": change.line,
        "why": change.why,
        "before": "–" if change.before is None else pounds(change.before),
        "after": "–" if change.after is None else pounds(change.after),
        "difference": signed_pounds(change.difference),
    }


def _days_words(line: LineSum, unit: Unit) -> str:
    """Return what of a line is paid: "28 days", "25 of 28 days", "8.00 sessions"."""
    if unit is not Unit.WEEK:
        return f"{line.units:.2f} {unit_words(unit, line.units)}"
    return counted(line.days, "day") if line.paid_days == line.days else f"{line.paid_days} of {line.days} days"


def _rate_words(line: LineSum) -> list[str]:
    """Return the rates of a line in their order."""
    return [short_rate(rate) for rate, _ in line.rates]


def _week_row(line: ScheduledPaymentLine) -> dict[str, Any]:
    return {"line": line, "paid": _paid_of(line), "sum": _sum_of(line), "tag": _tag_of(line)}


def _paid_of(line: ScheduledPaymentLine) -> str:
    if line.paid_days == line.days:
        return counted(line.days, "day")
    return f"{line.paid_days} of {line.days} days"


def _sum_of(line: ScheduledPaymentLine) -> str:
    """Return how the amount came about: "£748.37", "4 ÷ 7 × £748.37", "2.00 sessions × £42.00"."""
    rate, units = short_rate(line.rate), abs(line.units)
    minus = "−" if line.takes_back else ""
    if line.unit is Unit.WEEK:
        if units == 1:
            return f"{minus}{rate}"
        whole = units == round(Decimal(line.paid_days) / 7, 6)
        return f"{minus}{line.paid_days} ÷ 7 × {rate}" if whole else f"{minus}{units.normalize():f} weeks × {rate}"
    places = f"{units:.2f}" if units == round(units, 2) else f"{units.normalize():f}"
    return f"{minus}{places} {unit_words(line.unit, units)} × {rate}"


def _tag_of(line: ScheduledPaymentLine) -> tuple[str, str] | None:
    if line.kept_back:
        return "Kept back", "warn"
    if line.takes_back:
        return "Paid before", "info"
    if line.adjusts_id:
        return "Corrected", "info"
    return ("Earlier week", "info") if line.kind == "LATE" else None
