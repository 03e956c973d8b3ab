"""Invoices: the list, a new one previewed and sent, what became of each, and withdrawing it."""

from datetime import date

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Invoice, PaymentSource
from rules.number import whole_number
from rules.period import date_range, uk_date
from rules.plan import unit_words
from rules.refusal import Problem, Refused, Unknown
from rules.states import InvoiceState
from rules.words import counted
from views.access.permissions import may, permitted
from views.page.file_transfer import KINDS, hand_out
from views.page.line_name import person_named
from views.page.paging import asked_page, asked_words, page_address
from views.provider.left_out import reason_groups
from workflows.clock import london_day, today
from workflows.invoices import invoice as invoices
from workflows.invoices.by_person import preview_by_person, sent_by_person
from workflows.invoices.due import owed_for_lateness
from workflows.invoices.invoice_file import InvoiceFormat, invoice_file, sheet_of
from workflows.invoices.left_out import left_out_sums
from workflows.invoices.paid import OnHold, PayDay, holds_on, pay_day
from workflows.invoices.read import PeriodChoice, invoices_page, late_weeks_of, periods_to_invoice, remittance_of
from workflows.invoices.taken_back import BEFORE_RUN
from workflows.invoices.withdraw import OF_OTHERS, has_unseen_weeks, withdraw
from workflows.remittances.pay_dates import pay_dates

# Who has an invoice, and what comes next.
WHERE = {
    InvoiceState.SUBMITTED: "The Payments Team is checking it.",
    InvoiceState.ACCEPTED: "The council has accepted it.",
    InvoiceState.IN_RUN: "It is in a payment run, which two officers check before it is paid.",
    InvoiceState.REJECTED: "The council sent it back. Its weeks are free and can go on a new invoice.",
    InvoiceState.WITHDRAWN: "You took it back. Its weeks are free and can go on a new invoice.",
}

# What a provider can do about a hold on a line, and what comes after one on the organisation.
RESEND = "The invoice waits as a whole. Withdraw it and send it again, then what is on hold is left out of it."
LATER = "The invoice is paid with the first payment run after the hold ends."


class InvoicesView(BaseView):
    """`/invoices`, for contacts with the function Invoices and payments."""

    route_base = "/invoices"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def list(self) -> str:
        """List the organisation's invoices, newest first."""
        found = invoices_page(asked_page())
        paid = [invoice.id for invoice in found.rows if invoice.state is InvoiceState.PAID]
        days = pay_dates(PaymentSource.invoice_id, paid)
        return render_template(
            "provider/invoices.html",
            found=found,
            called={invoice.id: invoice.called(days.get(invoice.id), today()) for invoice in found.rows},
            date_range=date_range,
            today=today(),
        )

    @expose("/create", methods=["GET"])
    @permitted("view")
    def choose(self) -> str:
        """Ask which period the new invoice is for."""
        return _choose_page()

    @expose("/create", methods=["POST"])
    @permitted("view")
    def create(self) -> Response | tuple[str, int]:
        """Make the draft for the chosen period, or find it, and show its preview."""
        number = whole_number(request.form.get("period", "")) or 0
        try:
            draft = invoices.draft_for(g.contact.organisation, number, g.signed_in.user_id)
        except Refused as refused:
            return _choose_page(refused.problems), 422
        return redirect(url_for("InvoicesView.show", invoice_id=draft.id))

    @expose("/<int(max=2147483647):invoice_id>", methods=["GET"])
    @permitted("view")
    def show(self, invoice_id: int) -> str:
        """Show one invoice: a draft as it would be sent now, a sent one with its lines and where it is."""
        invoice = invoices.get_invoice(invoice_id)
        return _preview_page(invoice) if invoice.state is InvoiceState.DRAFT else _sent_page(invoice)

    @expose("/<int(max=2147483647):invoice_id>.<any(pdf,xlsx,csv):kind>", methods=["GET"])
    @permitted("view")
    def file(self, invoice_id: int, kind: str) -> Response:
        """Hand out an invoice that was sent."""
        sheet = sheet_of(invoice_id)
        return hand_out(invoice_file(sheet, InvoiceFormat(kind)), f"{sheet.number}.{kind}", KINDS[kind])

    @expose("/<int(max=2147483647):invoice_id>", methods=["POST"])
    @permitted("view")
    def submit(self, invoice_id: int) -> Response | tuple[str, int]:
        """Send the invoice as it was previewed; where figures have changed, show the new preview instead."""
        own_reference = request.form.get("own_reference", "").strip()
        try:
            sent = invoices.submit(
                invoice_id,
                digest=request.form.get("digest", ""),
                own_reference=own_reference,
                user_id=g.signed_in.user_id,
            )
        except Refused as refused:
            invoice = invoices.get_invoice(invoice_id)
            return _preview_page(invoice, refused.problems, own_reference), 422
        invoice = invoices.get_invoice(invoice_id)
        if sent:
            passed = "Every check passed. " if invoice.state is InvoiceState.ACCEPTED else ""
            flash(f"Invoice {invoice} was sent. {passed}{WHERE.get(invoice.state, '')}", "success")
        else:
            flash(f"Invoice {invoice} was already sent. Nothing was sent twice.", "info")
        return redirect(url_for("InvoicesView.show", invoice_id=invoice_id))

    @expose("/<int(max=2147483647):invoice_id>/withdraw", methods=["GET"])
    @permitted("view")
    def ask_why(self, invoice_id: int) -> str:
        """Ask why the invoice is withdrawn, and say what that does."""
        return _withdraw_page(invoices.get_invoice(invoice_id))

    @expose("/<int(max=2147483647):invoice_id>/withdraw", methods=["POST"])
    @permitted("view")
    def withdraw(self, invoice_id: int) -> Response | tuple[str, int]:
        """Take the invoice back, with a reason."""
        reason = request.form.get("reason", "")
        try:
            withdraw(invoice_id, reason, g.signed_in.user_id)
        except Refused as refused:
            return _withdraw_page(invoices.get_invoice(invoice_id), refused.problems, reason), 422
        flash("You have withdrawn the invoice. Its weeks can go on a new invoice.", "success")
        return redirect(url_for("InvoicesView.show", invoice_id=invoice_id))


def _choose_page(problems: tuple[Problem, ...] = ()) -> str:
    choices = periods_to_invoice(g.contact.organisation)
    chosen = next(
        (each.period.id for each in choices if each.ready or each.corrected), choices[0].period.id if choices else ""
    )
    options = [(each.period.id, date_range(each.period.start, each.period.end), _hint(each)) for each in choices]
    return render_template("provider/invoice_create.html", options=options, chosen=chosen, problems=problems)


def _hint(choice: PeriodChoice) -> str:
    if not choice.ready and not choice.corrected:
        return "No confirmed weeks to invoice"
    late = f", {choice.late} of them from earlier periods" if choice.late else ""
    parts = [f"{counted(choice.ready, 'confirmed week')} to invoice{late}"] if choice.ready else []
    if choice.corrected:
        parts.append(f"{counted(choice.corrected, 'correction')} of earlier weeks")
    due = uk_date(choice.period.submit_by)
    when = f"Late: it was to be submitted by {due}" if choice.period.submit_by < today() else f"Submit by {due}"
    return f"{'; '.join(parts)}. {when}"


def _preview_page(invoice: Invoice, problems: tuple[Problem, ...] = (), own_reference: str = "") -> str:
    preview = invoices.preview_of(invoice)
    return render_template(
        "provider/invoice_preview.html",
        invoice=invoice,
        preview=preview,
        total=preview.total,
        people=preview_by_person(preview, asked_page(), asked_words()),
        sought=asked_words(),
        address=page_address(),
        groups=reason_groups(left_out_sums(preview)),
        late=late_weeks_of(preview),
        weeks=len({each.actual.id for each in preview.lines if not each.kind.is_difference}),
        corrected=len({each.actual.id for each in preview.lines if each.kind.is_difference}),
        problems=problems,
        own_reference=own_reference,
        today=today(),
        date_range=date_range,
        unit_words=unit_words,
        named=person_named,
        may_actuals=may("can_view", "ActualsView"),
    )


def _sent_page(invoice: Invoice) -> str:
    paid = pay_day(invoice)
    holds = _holds(invoice, paid)
    return render_template(
        "provider/invoice.html",
        invoice=invoice,
        called=invoice.called(paid.day if paid and paid.in_run else None, today()),
        people=sent_by_person(invoice, asked_page(), asked_words()),
        sought=asked_words(),
        address=page_address(),
        where=_where(invoice, None if holds else paid),
        holds=[_on_hold(each) for each in holds],
        remittance=remittance_of(invoice) if invoice.state is InvoiceState.PAID else None,
        late=owed_for_lateness(invoice, paid.day if paid and paid.in_run else None),
        can_withdraw=invoice.state in BEFORE_RUN,
        why_not=_why_not(invoice),
        date_range=date_range,
        unit_words=unit_words,
        named=person_named,
    )


def _withdraw_page(invoice: Invoice, problems: tuple[Problem, ...] = (), reason: str = "") -> str:
    if invoice.state is InvoiceState.DRAFT:
        raise Unknown
    return render_template(
        "provider/invoice_withdraw.html",
        invoice=invoice,
        problems=problems,
        reason=reason,
        can_withdraw=invoice.state in BEFORE_RUN,
        why_not=_why_not(invoice),
        where=_where(invoice, pay_day(invoice)),
    )


def _why_not(invoice: Invoice) -> str:
    """Return why somebody whose access is limited cannot withdraw an invoice that others can."""
    return OF_OTHERS.message if invoice.state in BEFORE_RUN and has_unseen_weeks(invoice) else ""


def _holds(invoice: Invoice, paid: PayDay | None) -> list[OnHold]:
    """Return why an accepted invoice is not paid for now; of one in a run, what holds the whole organisation."""
    if invoice.state is InvoiceState.ACCEPTED:
        return holds_on(invoice)
    waits = invoice.state is InvoiceState.IN_RUN and not (paid and paid.in_run)
    return [each for each in holds_on(invoice) if not each.line] if waits else []


def _on_hold(hold: OnHold) -> str:
    """Return why an invoice is not paid for now, and what comes next or can be done."""
    why = f"is on hold: {hold.reason.rstrip('.')}." if hold.reason else "is on hold."
    whose, then = (f"for line {hold.line}", RESEND) if hold.line else ("to your organisation", LATER)
    return f"Payment {whose} {why} {then}"


def _where(invoice: Invoice, paid: PayDay | None) -> str:
    """Return who has an invoice and when it is paid."""
    if invoice.in_dispute:
        return "It is in dispute and is not paid until that is settled."
    if invoice.state is InvoiceState.PAID and paid:
        return f"{'Paid' if paid.day <= today() else 'It reaches your bank'} on {uk_date(paid.day)}."
    said = WHERE.get(invoice.state, "")
    if invoice.closed_at:
        return f"{said} That was on {_on(invoice)}."
    if invoice.gross <= 0 and invoice.state is InvoiceState.ACCEPTED:
        return f"{said} It is not above £0.00, so it is taken off your next payment."
    if paid and paid.in_run:
        return f"{said} The run pays on {uk_date(paid.day)}."
    if paid:
        return f"{said} The next pay day is {uk_date(paid.day)}."
    return said


def _on(invoice: Invoice) -> str:
    closed: date = london_day(invoice.closed_at) if invoice.closed_at else today()
    return f"{uk_date(closed)}{f' by {invoice.closed_by}' if invoice.state is InvoiceState.WITHDRAWN else ''}"
