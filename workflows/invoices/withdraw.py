"""A provider takes an invoice back until a payment run holds it (rules.md 8)."""

from models import db
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import InvoiceState
from workflows.invoices.taken_back import close_invoice, lock_invoice, read_reason, refuse_unless_before_run

NO_REASON = Problem(Code.REASON_NEEDED, "Enter why you withdraw the invoice.", "The council reads it.", "reason")


def withdraw(invoice_id: int, reason: str, user_id: int) -> None:
    """Withdraw an invoice of the organisation in scope, with a reason the council reads; its weeks are free. Commits.

    Raises Unknown; Refused, field `reason`, where there is none or it cannot be kept, and where a payment run has the
    invoice or it is no longer under way.
    """
    kept = read_reason(reason, NO_REASON)
    invoice = lock_invoice(invoice_id)
    refuse_unless_before_run(invoice, "withdrawn")
    invoice.withdrawn_reason = kept
    close_invoice(invoice, InvoiceState.WITHDRAWN, user_id)
    db.session.commit()
