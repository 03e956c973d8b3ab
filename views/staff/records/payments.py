"""Money on its way: scheduled and one-off payments, recoveries, payment runs, and the remittances of what was paid."""

from typing import Any

from flask import g, redirect, url_for

from models import (
    BankReturn,
    OneOffPayment,
    PaymentRun,
    PaymentSource,
    Recovery,
    Remittance,
    RemittanceLine,
    RunFinding,
    ScheduledPayment,
    ScheduledPaymentLine,
)
from rules.states import OneOffState
from views.access.roles import PAYMENTS, PAYMENTS_OFFICER
from views.generated.record_field import MustBeGiven
from views.generated.record_view import RecordView
from views.generated.records import StaffRecords
from views.page.constraint_messages import KEPT
from workflows.payments import one_off, recoveries


class ScheduledPaymentLineView(RecordView):
    """Lines of scheduled payments."""

    datamodel = StaffRecords(ScheduledPaymentLine)
    route_base = "/admin/scheduled-payment-lines"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Scheduled payment lines", "Scheduled payment line"
    list_columns = [
        "line_item",
        "scheduled_payment",
        "week_starting",
        "units",
        "unit",
        "rate",
        "amount",
        "contribution",
        "top_up",
        "net",
        "kept_back",
    ]
    search_columns = ["line_item", "week_starting"]
    base_order = ("id", "desc")
    show_columns = [
        "scheduled_payment", "organisation", "kind", "line_item", "week_starting", "days", "paid_days", "units", "unit",
        "rate", "rate_version", "amount", "contribution", "top_up", "net", "vat_code", "vat", "gross", "explained",
        "rule", "absence_report", "takes_back", "adjusts", "kept_back", "hold",
    ]  # fmt: skip
    labels = {"vat_code": "VAT treatment", "explained": "Absence", "adjusts": "Adjusts line", "top_up": "Top-up"}


class ScheduledPaymentView(RecordView):
    """Payments made every period without an invoice."""

    datamodel = StaffRecords(ScheduledPayment)
    route_base = "/admin/scheduled-payments"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Scheduled payments", "Scheduled payment"
    list_columns = ["number", "organisation", "period", "state", "net", "vat", "gross"]
    search_columns = ["number", "organisation", "period", "state"]
    base_order = ("number", "desc")
    show_columns = [
        "number", "organisation", "period", "state", "net", "vat", "gross", "created_at", "finalised_at",
    ]  # fmt: skip
    labels = {"period": "Payment period"}
    related_views = [ScheduledPaymentLineView]


class ProposedPayments(StaffRecords):
    """One-off payments: one that is added is proposed, and another officer confirms it."""

    def add(self, item: OneOffPayment, raise_exception: bool = False) -> bool:
        """Propose the payment that a form holds. Raises Refused."""
        line, period = item.line_item, item.period
        payment = one_off.OneOff(
            item.organisation.id, line.id if line else None, period.id if period else None, item.net, item.vat_code,
            item.reason or "",
        )  # fmt: skip
        one_off.propose(payment, g.signed_in.user)
        return True


class OneOffPaymentView(RecordView):
    """Payments the council makes once, with a reason."""

    datamodel = ProposedPayments(OneOffPayment)
    route_base = "/admin/one-off-payments"
    group = "Payments"
    readers = PAYMENTS
    changes = frozenset({"add", "delete"})
    writers = (PAYMENTS_OFFICER,)
    list_title, show_title, add_title = "One-off payments", "One-off payment", "Add a one-off payment"
    list_columns = ["number", "organisation", "line_item", "period", "net", "state", "reason"]
    search_columns = ["number", "organisation", "state"]
    base_order = ("number", "desc")
    show_columns = ["number", "organisation", "line_item", "period", "net", "vat_code", "reason", "state", "proposal"]
    add_columns = ["organisation", "line_item", "period", "net", "vat_code", "reason"]
    labels = {"net": "Amount", "period": "Payment period", "vat_code": "VAT treatment", "proposal": "Confirmed as"}
    add_row_message = "Sent for confirmation. It is paid once another officer has confirmed it."

    def kept(self, item: OneOffPayment) -> str:
        """Keep what is being paid."""
        return "" if item.state in (None, OneOffState.WAITING) else KEPT

    def post_add_redirect(self) -> Any:
        """Go to the list: the payment is not there before it is confirmed."""
        return redirect(self.get_default_url())


class ProposedRecoveries(StaffRecords):
    """Recoveries: one that is added is proposed, and another officer confirms it."""

    def add(self, item: Recovery, raise_exception: bool = False) -> bool:
        """Propose the recovery that a form holds. Raises Refused."""
        recoveries.propose_recovery(item.organisation.id, item.amount, item.reason or "", g.signed_in.user)
        return True


class RecoveryView(RecordView):
    """What organisations owe, to be taken off their next payments."""

    datamodel = ProposedRecoveries(Recovery)
    route_base = "/admin/recoveries"
    group = "Payments"
    readers = PAYMENTS
    changes = frozenset({"add"})
    writers = (PAYMENTS_OFFICER,)
    add_title = "Propose a recovery"
    add_columns = ["organisation", "amount", "reason"]
    validators_columns = {"reason": [MustBeGiven()]}
    add_row_message = "Sent for confirmation. The next runs take it once another officer has confirmed it."
    list_title, show_title = "Recoveries", "Recovery"
    list_columns = ["organisation", "from_run", "amount", "balance", "instalment", "paused_on"]
    search_columns = ["organisation", "from_run"]
    base_order = ("id", "desc")
    show_columns = [
        "organisation", "from_run", "reason", "amount", "balance", "instalment", "paused_on", "paused_reason",
        "proposal",
    ]  # fmt: skip
    labels = {"from_run": "From payment run", "balance": "Still owed", "instalment": "At most in one run",
              "proposal": "Confirmed as"}  # fmt: skip

    def verbs(self, item: Recovery) -> list[tuple[str, str]]:
        """Lead to where instalments are agreed."""
        return [("Instalments and pauses", url_for("RecoveriesView.show", recovery_id=item.id))]

    def post_add_redirect(self) -> Any:
        """Go to the workbench: the recovery is not there before it is confirmed."""
        return redirect(url_for("RecoveriesView.index"))


class BankReturnView(RecordView):
    """Payments that the bank sent back."""

    datamodel = StaffRecords(BankReturn)
    route_base = "/admin/bank-returns"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Bank returns", "Bank return"
    list_columns = ["organisation", "run", "amount", "code", "returned_on"]
    search_columns = ["organisation", "run"]
    base_order = ("id", "desc")
    show_columns = ["organisation", "run", "amount", "code", "reason", "returned_on", "recorded_at", "recorded_by"]
    labels = {"run": "Payment run", "code": "Bank’s code", "reason": "Why"}


class RunFindingView(RecordView):
    """What the checks of payment runs found, and who looked at it."""

    datamodel = StaffRecords(RunFinding)
    route_base = "/admin/run-findings"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Findings of payment runs", "Finding of a payment run"
    list_columns = ["run", "kind", "organisation", "what", "pounds", "looked_by"]
    search_columns = ["run", "kind", "organisation"]
    base_order = ("id", "desc")
    show_columns = [
        "run", "organisation", "kind", "what", "pounds", "found_at", "looked_at", "looked_by", "looked_reason",
    ]  # fmt: skip
    labels = {"run": "Payment run", "kind": "Check", "what": "Found", "pounds": "Amount", "looked_by": "Looked at by",
              "looked_at": "Looked at", "looked_reason": "Why it is meant"}  # fmt: skip


class PaymentSourceView(RecordView):
    """What stands in a payment run, and for how much."""

    datamodel = StaffRecords(PaymentSource)
    route_base = "/admin/payment-sources"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Payment sources", "Payment source"
    list_columns = ["organisation", "run", "invoice", "scheduled_payment", "absence_claim", "one_off_payment", "gross"]
    search_columns = ["organisation", "run"]
    base_order = ("id", "desc")
    show_columns = [
        "run", "organisation", "invoice", "scheduled_payment", "absence_claim", "one_off_payment", "recovery", "net",
        "vat", "gross",
    ]  # fmt: skip


class RemittanceLineView(RecordView):
    """Lines of remittances: where their pounds come from."""

    datamodel = StaffRecords(RemittanceLine)
    route_base = "/admin/remittance-lines"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Remittance lines", "Remittance line"
    list_columns = [
        "number", "remittance", "source", "kind", "line_reference", "week_starting", "units", "rate", "net", "vat",
    ]  # fmt: skip
    search_columns = ["kind"]
    base_order = ("id", "desc")
    show_columns = [
        "remittance", "number", "organisation", "source", "kind", "invoice_line", "absence_claim_line",
        "line_reference", "person_reference", "week_starting", "units", "unit", "rate", "net", "vat", "gross", "reason",
    ]  # fmt: skip
    labels = {"number": "Line", "source": "Paid for", "line_reference": "Line item"}


class RemittanceView(RecordView):
    """Remittance advice: what each organisation was paid in a run."""

    datamodel = StaffRecords(Remittance)
    route_base = "/admin/remittances"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Remittances", "Remittance"
    list_columns = ["number", "organisation", "run", "pay_date", "net", "vat", "total", "carried_forward"]
    search_columns = ["number", "organisation", "run", "pay_date"]
    base_order = ("number", "desc")
    show_columns = [
        "number", "organisation", "run", "pay_date", "bank_reference", "net", "vat", "adjustments", "recovered",
        "total", "carried_forward",
    ]  # fmt: skip
    labels = {"pay_date": "Paid on"}
    related_views = [RemittanceLineView]


class PaymentRunView(RecordView):
    """Payment runs as they were prepared, approved and released."""

    datamodel = StaffRecords(PaymentRun)
    route_base = "/admin/payment-runs"
    group = "Payments"
    readers = PAYMENTS
    list_title, show_title = "Payment runs", "Payment run"
    list_columns = [
        "number",
        "pay_date",
        "state",
        "payment_count",
        "total",
        "prepared_by",
        "approved_by",
        "released_at",
    ]
    search_columns = ["number", "pay_date", "state"]
    base_order = ("number", "desc")
    show_columns = [
        "number", "pay_date", "state", "payment_count", "total", "prepared_at", "prepared_by", "approved_at",
        "approved_by", "released_at", "released_by", "settled_at", "settled_by",
    ]  # fmt: skip
    labels = {"pay_date": "Paid on", "payment_count": "Payments"}
    related_views = [RemittanceView, PaymentSourceView, RunFindingView, BankReturnView]
