"""Invoices and their lines: written by providers, accepted here."""

from typing import Any

from flask import flash, redirect
from flask_appbuilder.actions import action

from models import Invoice, InvoiceLine
from rules.refusal import Refused
from rules.states import InvoiceState
from rules.words import counted
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from workflows.invoices import desk


class InvoiceLineView(RecordView):
    """Lines of invoices: one line item, one week, one price."""

    datamodel = StaffRecords(InvoiceLine)
    route_base = "/admin/invoice-lines"
    group = "Invoices"
    readers = PAYMENTS
    list_title, show_title = "Invoice lines", "Invoice line"
    list_columns = ["number", "invoice", "line_item", "week_starting", "kind", "units", "unit", "rate", "net", "vat"]
    search_columns = ["line_item", "kind", "week_starting"]
    base_order = ("id", "desc")
    show_columns = [
        "invoice", "number", "kind", "organisation", "line_item", "actual", "week_starting", "planned", "delivered",
        "aborted_payable", "units", "unit", "rate", "net", "vat_code", "vat", "gross", "rule",
    ]  # fmt: skip
    labels = {
        "number": "Line", "vat_code": "VAT treatment", "aborted_payable": "Payable for aborted visits",
        "actual": "Week’s actuals", "units": "Payable units",
    }  # fmt: skip


class InvoiceView(RecordView):
    """Invoices of providers."""

    datamodel = StaffRecords(Invoice)
    route_base = "/admin/invoices"
    group = "Invoices"
    readers = PAYMENTS
    action_roles = {"accept": (PAYMENTS_OFFICER,)}
    list_title, show_title = "Invoices", "Invoice"
    list_columns = ["number", "organisation", "period", "state", "submitted_at", "due_by", "net", "vat", "gross"]
    search_columns = ["number", "organisation", "period", "state", "due_by"]
    base_order = ("number", "desc")
    show_columns = [
        "number", "organisation", "period", "own_reference", "state", "net", "vat", "gross", "created_at", "created_by",
        "received_on", "submitted_at", "submitted_by", "waits_because", "accepted_at", "due_by", "rejected_reason",
        "withdrawn_reason", "closed_at", "closed_by", "disputed_on", "dispute_reason", "reminded_on",
    ]  # fmt: skip
    labels = {
        "period": "Payment period",
        "received_on": "Received",
        "waits_because": "Why it waits to be checked",
        "rejected_reason": "Why it was rejected",
        "withdrawn_reason": "Why it was withdrawn",
        "closed_at": "Rejected or withdrawn",
        "closed_by": "Rejected or withdrawn by",
        "reminded_on": "Officers reminded",
        "dispute_reason": "Why it is disputed",
    }
    related_views = [InvoiceLineView]

    def makes_sense(self, _action: str, item: Invoice) -> bool:
        """Offer to accept what was submitted."""
        return item.state is InvoiceState.SUBMITTED

    @action("accept", "Accept", "Accepted invoices are paid in the next payment run.")
    def accept(self, invoices: list[Invoice]) -> Any:
        """Accept submitted invoices."""
        try:
            count = desk.accept([each.id for each in invoices])
            flash(f"Accepted: {counted(count, 'invoice')}.", "success")
        except Refused as refused:
            for problem in refused.problems:
                flash(problem.message, "danger")
        return redirect(self._after(invoices[0]) if len(invoices) == 1 else self.get_default_url())
