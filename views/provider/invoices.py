"""Invoices: the list, a new one previewed and sent, and what became of each."""

from dataclasses import dataclass, field

from flask import flash, g, redirect, render_template, request, url_for
from flask_appbuilder import BaseView, expose
from werkzeug.wrappers import Response

from models import Invoice, LineItem
from rules.period import date_range, uk_date
from rules.plan import unit_words
from rules.refusal import Problem, Refused
from rules.states import InvoiceState
from rules.words import counted
from views.access.permissions import may, permitted
from views.page.file_transfer import KINDS, hand_out
from views.page.paging import asked_page
from workflows.clock import LONDON
from workflows.invoices import invoice as invoices
from workflows.invoices.invoice_file import InvoiceFormat, invoice_file, sheet_of
from workflows.invoices.preview import LeftOutWeek, Preview
from workflows.invoices.read import LINES, PeriodChoice, SentInvoice, invoices_page, periods_to_invoice, sent_invoice

# So many lines are listed for each reason; the weeks of the rest are counted.
LISTED = 12

WHERE = {
    InvoiceState.SUBMITTED: "The Payments Team is checking it.",
    InvoiceState.ACCEPTED: "It goes into the next payment run.",
    InvoiceState.IN_RUN: "It is in a payment run, which two officers check before it is paid.",
    InvoiceState.REJECTED: "Its weeks are free and can go on a new invoice.",
}


@dataclass
class ReasonGroup:
    """Weeks that are left out for one reason, line by line; `more` weeks are only counted."""

    reason: str
    code: str
    lines: dict[LineItem, list[LeftOutWeek]] = field(default_factory=dict)
    count: int = 0

    @property
    def more(self) -> int:
        """How many weeks are only counted."""
        return self.count - sum(len(weeks) for weeks in self.lines.values())


class InvoicesView(BaseView):
    """`/invoices`, for contacts with the function Invoices and payments."""

    route_base = "/invoices"

    @expose("/", methods=["GET"])
    @expose("", methods=["GET"])
    @permitted("view")
    def list(self) -> str:
        """List the organisation's invoices, newest first."""
        return render_template("provider/invoices.html", found=invoices_page(asked_page()), date_range=date_range)

    @expose("/create", methods=["GET"])
    @permitted("view")
    def choose(self) -> str:
        """Ask which period the new invoice is for."""
        return _choose_page()

    @expose("/create", methods=["POST"])
    @permitted("view")
    def create(self) -> Response | tuple[str, int]:
        """Make the draft for the chosen period, or find it, and show its preview."""
        chosen = request.form.get("period", "")
        number = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 9 else 0
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
        if invoice.state is InvoiceState.DRAFT:
            return _preview_page(invoice)
        found = sent_invoice(invoice, asked_page())
        return render_template(
            "provider/invoice.html",
            found=found,
            where=_where(found),
            date_range=date_range,
            unit_words=unit_words,
            sent_on=uk_date(invoice.submitted_at.astimezone(LONDON).date()) if invoice.submitted_at else "",
        )

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
    return f"{'; '.join(parts)}. Submit by {uk_date(choice.period.submit_by)}"


def _preview_page(invoice: Invoice, problems: tuple[Problem, ...] = (), own_reference: str = "") -> str:
    preview = invoices.preview_of(invoice)
    pages = max(1, -(-len(preview.lines) // LINES))
    page = min(asked_page(), pages)
    return render_template(
        "provider/invoice_preview.html",
        invoice=invoice,
        preview=preview,
        total=preview.total,
        lines=preview.lines[(page - 1) * LINES : page * LINES],
        groups=_groups(preview),
        page=page,
        pages=pages,
        problems=problems,
        own_reference=own_reference,
        date_range=date_range,
        unit_words=unit_words,
        may_actuals=may("can_view", "ActualsView"),
        may_documents=may("can_view", "ContractDocumentsView"),
    )


def _groups(preview: Preview) -> list[ReasonGroup]:
    """Put the weeks left out under their reasons; those a person can do something about at once come first."""
    found: dict[str, ReasonGroup] = {}
    for each in preview.left_out:
        group = found.setdefault(each.why.reason, ReasonGroup(each.why.reason, each.why.code))
        group.count += 1
        if each.line in group.lines or len(group.lines) < LISTED:
            group.lines.setdefault(each.line, []).append(each)
    order = ("over-level", "document", "on-hold", "no-rate", "figures", "not-confirmed")
    return sorted(found.values(), key=lambda group: order.index(group.code))


def _where(found: SentInvoice) -> str:
    invoice = found.invoice
    if invoice.disputed_on:
        return f"In dispute since {uk_date(invoice.disputed_on)}: {invoice.dispute_reason}"
    if invoice.state is InvoiceState.PAID and found.remittance:
        return f"Released for payment on {uk_date(found.remittance.pay_date)}."
    return WHERE.get(invoice.state, "")
