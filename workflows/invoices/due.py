"""The clock of invoices: what is owed for paying late, and the reminder to officers before it comes to that."""

from datetime import date, timedelta

from flask import current_app
from sqlalchemy import select, update

from models import Invoice, PortalUser, db
from models.invoice import UNPAID
from rules.late_payment import LatePayment, base_rate_day, base_rate_missing, late_payment
from rules.period import DAY
from workflows import policy
from workflows.clock import today
from workflows.conversations.teams import officers_teams
from workflows.mail.letters import write_letter

TEAM = "Payments"
BASE_RATE = "base_rate"


def owed_for_lateness(invoice: Invoice, paid_on: date | None = None) -> LatePayment | None:
    """Return interest and fixed sum of an invoice that was paid after its due date, or is unpaid after it.

    `paid_on` is the day on which its money reaches the bank, None where no run pays it. Nothing while it is in dispute,
    where the council owes nothing, or where it was taken back.
    """
    if invoice.due_by is None or not invoice.live or invoice.in_dispute:
        return None
    begins = invoice.due_by + DAY
    base_rate = policy.for_council(BASE_RATE, base_rate_day(begins))
    assumed = base_rate_missing(begins, policy.days_given(BASE_RATE)) is not None
    return late_payment(invoice.gross, invoice.due_by, paid_on or today(), base_rate, assumed=assumed)


def base_rate_to_enter() -> date | None:
    """Return the day whose base rate counts for what is late from today on and that nobody entered, if there is one."""
    return base_rate_missing(today(), policy.days_given(BASE_RATE))


def remind_of_unpaid() -> int:
    """Tell the officers of the Payments Team about invoices that are unpaid for long; return how many those were.

    Each invoice is told of once, however often, and by however many at once, this is called; one e-mail to each officer
    for all of a day. Commits. In the council's scope.
    """
    received_until = today() - timedelta(days=policy.for_council("invoice_reminder_days"))
    # One statement: of two at once the second finds the rows marked.
    told = db.session.scalars(
        update(Invoice)
        .where(Invoice.state.in_(UNPAID), Invoice.reminded_on.is_(None), Invoice.received_on <= received_until)
        .values(reminded_on=today())
        .returning(Invoice.id)
        .execution_options(synchronize_session=False)
    ).all()
    if told:
        officers = select(PortalUser).where(PortalUser.active, PortalUser.council).order_by(PortalUser.id)
        for officer in db.session.scalars(officers):
            if TEAM in officers_teams(officer):
                address = f"{current_app.config['PORTAL_ADDRESS']}/staff/invoices?show=unpaid"
                write_letter(officer.email, "invoices unpaid", address=address)
    db.session.commit()
    return len(told)
