"""What the Payments Team decides about invoices: accept, reject, dispute, settle a dispute (rules.md 8).

Everything commits, and is called in the council's scope.
"""

from collections.abc import Sequence

from sqlalchemy import select

from models import Invoice, db
from models.invoice import UNPAID
from rules.period import uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import InvoiceState
from workflows.clock import now, today
from workflows.invoices.taken_back import close_invoice, lock_invoice, read_reason, refuse_unless_before_run

NOT_REJECTED = Problem(Code.REASON_NEEDED, "Enter why the invoice is rejected.", "The provider reads it.", "reason")
NOT_DISPUTED = Problem(
    Code.REASON_NEEDED, "Enter what the council disputes.", "The provider reads it.", "dispute_reason"
)


def accept(invoice_ids: Sequence[int]) -> int:
    """Accept invoices that wait to be checked, all or none, and return how many they were.

    Raises Refused, naming each that is not waiting or is in dispute.
    """
    statement = select(Invoice).where(Invoice.id.in_(invoice_ids)).order_by(Invoice.id).with_for_update(of=Invoice)
    locked = list(db.session.scalars(statement.execution_options(populate_existing=True)))
    problems = [problem for each in locked if (problem := _why_not_accepted(each))]
    if not locked:
        problems = [Problem(Code.MISSING, "Choose at least one invoice.")]
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    for each in locked:
        each.state, each.accepted_at = InvoiceState.ACCEPTED, now()
    db.session.commit()
    return len(locked)


def _why_not_accepted(invoice: Invoice) -> Problem | None:
    if invoice.state is not InvoiceState.SUBMITTED:
        return Problem(Code.WRONG_STATE, f"{invoice} cannot be accepted: it is {invoice.state.value}.")
    if invoice.disputed_on:
        since = f"{invoice} cannot be accepted: it is in dispute since {uk_date(invoice.disputed_on)}."
        return Problem(Code.WRONG_STATE, since, "Settle the dispute first.")
    return None


def reject(invoice_id: int, reason: str, officer_id: int) -> None:
    """Reject an invoice with a reason the provider reads; its weeks are confirmed again and can be invoiced anew.

    Raises Unknown; Refused, field `reason`, where there is none or it cannot be kept, and where the invoice is a draft,
    in a payment run or settled.
    """
    kept = read_reason(reason, NOT_REJECTED)
    invoice = lock_invoice(invoice_id)
    refuse_unless_before_run(invoice, "rejected")
    invoice.rejected_reason = kept
    close_invoice(invoice, InvoiceState.REJECTED, officer_id)
    db.session.commit()


def dispute(invoice_id: int, reason: str) -> None:
    """Say from today on that the council disputes an invoice, and why: it is not paid until that is settled.

    It may be in a payment run: the run is then not released with it. Raises Unknown; Refused, field `dispute_reason`,
    where there is none or it cannot be kept, and where the invoice is in dispute already or not to be paid.
    """
    kept = read_reason(reason, NOT_DISPUTED)
    invoice = lock_invoice(invoice_id)
    if invoice.state not in UNPAID:
        _refuse(f"{invoice} cannot be disputed: it is {invoice.state.value}.")
    if invoice.disputed_on:
        _refuse(f"{invoice} is in dispute since {uk_date(invoice.disputed_on)} already.")
    invoice.disputed_on, invoice.dispute_reason = today(), kept
    db.session.commit()


def settle_dispute(invoice_id: int) -> None:
    """Say that a dispute is over: the invoice goes on from where it was. Raises Unknown, and Refused without one."""
    invoice = lock_invoice(invoice_id)
    if not invoice.in_dispute:
        _refuse(f"{invoice} is in no dispute.")
    invoice.disputed_on, invoice.dispute_reason = None, ""
    db.session.commit()


def _refuse(wrong: str) -> None:
    db.session.rollback()
    raise Refused(Problem(Code.WRONG_STATE, wrong, "Nothing was changed."))
