"""A sent invoice that is taken back, by whoever: its weeks are free again (rules.md 8)."""

from sqlalchemy import case, exists, select, update

from models import Actual, Invoice, InvoiceLine, db
from rules.problem_codes import Code
from rules.record_fields import read_text
from rules.refusal import Problem, Refused, Unknown
from rules.states import ActualState, InvoiceState
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from workflows.clock import now

BEFORE_RUN = (InvoiceState.SUBMITTED, InvoiceState.ACCEPTED)


def lock_invoice(invoice_id: int) -> Invoice:
    """Return an invoice of the organisation in scope, kept from everybody else. Raises Unknown."""
    invoice: Invoice | None = db.session.scalar(
        select(Invoice)
        .where(Invoice.id == invoice_id)
        .with_for_update(of=Invoice)
        .execution_options(populate_existing=True)
    )
    if invoice is None:
        raise Unknown
    return invoice


def close_invoice(invoice: Invoice, state: InvoiceState, user_id: int) -> None:
    """Reject or withdraw a locked invoice: its weeks are confirmed again and can be invoiced anew. Does not commit.

    A week that another live invoice holds a part of stays on that one; what is missing comes as a difference.
    """
    on_it = exists().where(InvoiceLine.actual_id == Actual.id, InvoiceLine.invoice_id == invoice.id)
    weeks = (Actual.organisation_id == invoice.organisation_id, on_it)
    # Locked before they are looked at: an invoice that is sent meanwhile may take a difference of one, and a statement
    # that waited for it would still see the lines as they were before.
    db.session.execute(select(Actual.id).where(*weeks).order_by(Actual.id).with_for_update()).all()
    invoice.state, invoice.closed_at, invoice.closed_by_id = state, now(), user_id
    # First the invoice, so that its lines are no longer live: a week on a live invoice does not go back.
    db.session.flush()
    on_another = exists().where(InvoiceLine.actual_id == Actual.id, InvoiceLine.live)
    db.session.execute(
        update(Actual)
        .where(*weeks)
        .values(state=case((on_another, Actual.state), else_=ActualState.CONFIRMED), version=Actual.version + 1)
        .execution_options(synchronize_session=False)
    )


def read_reason(typed: str, missing: Problem) -> str:
    """Return a reason as it is kept. Raises Refused with `missing` where there is none, or at its field."""
    reason = read_text(typed)
    wrong = None if reason else missing
    wrong = wrong or refuse_unseen(reason, "The reason") or refuse_longer(reason, LONGEST_COMMENT, "The reason")
    if wrong:
        raise Refused(wrong.at(missing.field))
    return reason


def refuse_unless_before_run(invoice: Invoice, what: str) -> None:
    """Roll back and raise Refused where an invoice cannot be `what` ("rejected") because of its state."""
    if invoice.state not in BEFORE_RUN:
        db.session.rollback()
        wrong = f"{invoice} cannot be {what}: it is {invoice.state.value}."
        raise Refused(Problem(Code.WRONG_STATE, wrong, "Nothing was changed."))
