"""The invoices of the county; what is paid of them is paid by the portal's own payment runs."""

from datetime import datetime, time, timedelta

from demonstration.county.owner import Owner
from demonstration.county.paid import invoices_sql
from demonstration.county.weeks import Span
from rules.period import DAY
from rules.states import ActualState, InvoiceState
from workflows import policy
from workflows.clock import LONDON


def invoice(owner: Owner, span: Span) -> None:
    """Let every organisation send its invoice two days after the end of a period, for what `deliver` made last."""
    assert span.settled
    sent_on = span.end + 2 * DAY
    with owner.at_once():
        for statement in invoices_sql.INVOICE:
            owner.run(
                statement, period=span.id, number=span.number, settled=span.settled.value,
                paid=span.settled is ActualState.PAID, sent_at=datetime.combine(sent_on, time(14), LONDON),
                due_by=sent_on + timedelta(days=policy.for_council("payment_terms_days")),
                submitted=InvoiceState.SUBMITTED.value, accepted=InvoiceState.ACCEPTED.value,
            )  # fmt: skip
