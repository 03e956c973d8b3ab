"""A provider takes an invoice back until a payment run holds it (rules.md 8)."""

from sqlalchemy import exists, select

from models import Invoice, InvoiceLine, LineItem, db, limited_to
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import InvoiceState
from workflows.invoices.taken_back import close_invoice, lock_invoice, read_reason, refuse_unless_before_run

# Its weeks would stay where they are: what somebody may not see, they do not change either.
OF_OTHERS = Problem(
    Code.OWN_ACCESS, "This invoice has weeks of services that you do not look after.",
    "Ask a colleague whose access is not limited to withdraw it.", "reason",
)  # fmt: skip
NO_REASON = Problem(Code.REASON_NEEDED, "Enter why you withdraw the invoice.", "The council reads it.", "reason")


def withdraw(invoice_id: int, reason: str, user_id: int) -> None:
    """Withdraw an invoice of the organisation in scope, with a reason the council reads; its weeks are free. Commits.

    Raises Unknown; Refused, field `reason`, where there is none or it cannot be kept, where a payment run has the
    invoice or it is no longer under way, and where some of its weeks are of services that whoever acts may not see.
    """
    kept = read_reason(reason, NO_REASON)
    invoice = lock_invoice(invoice_id)
    refuse_unless_before_run(invoice, "withdrawn")
    if has_unseen_weeks(invoice):
        db.session.rollback()
        raise Refused(OF_OTHERS)
    invoice.withdrawn_reason = kept
    close_invoice(invoice, InvoiceState.WITHDRAWN, user_id)
    db.session.commit()


def has_unseen_weeks(invoice: Invoice) -> bool:
    """Say whether an invoice has weeks of services that whoever acts may not see, and so is not theirs to withdraw."""
    if not limited_to():
        return False
    seen = exists().where(LineItem.id == InvoiceLine.line_item_id)
    return bool(db.session.scalar(select(exists().where(InvoiceLine.invoice_id == invoice.id, ~seen))))
