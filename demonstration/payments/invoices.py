"""Invoices that somebody has to act on in the demonstration: withdrawn, late, in dispute, waiting to be checked."""

from datetime import date
from decimal import Decimal

from demonstration.history import History, entry_of
from models import PaymentPeriod, PolicySetting, db, say_who
from rules.period import DAY, weeks_of
from rules.states import PolicyScope
from workflows import policy
from workflows.actuals import save as actuals
from workflows.clock import story_at
from workflows.invoices.desk import dispute, settle_dispute
from workflows.invoices.withdraw import withdraw

OFFICER = "payments@council.example"
# Lines of a week whose visits took half an hour longer than was entered at first.
LONGER = 12


class Invoices:
    """Tells what went another way than sent, accepted, paid."""

    def __init__(self, history: History) -> None:
        self.history = history

    def send_and_withdraw(self, organisation_id: int, period: PaymentPeriod) -> None:
        """Let a provider send the invoice of a period a day after its end, and take it back."""
        sent = self.history.invoice(organisation_id, period, period.end + DAY)
        with self.history.provider(organisation_id, period.end + DAY) as user:
            withdraw(sent, "Two reasons for extra time are missing. We send it again tomorrow.", user.id)

    def disputed(self, organisation_id: int, period: PaymentPeriod, reason: str) -> int:
        """Let a provider correct a week it has invoiced and send the difference, and an officer dispute it."""
        second = list(weeks_of(period.start, period.end))[1]
        with self.history.provider(organisation_id, period.end + 4 * DAY) as user:
            longer = [
                entry_of(line, 1, Decimal("0.50"), "LONGER", "Times from the carers' telephones")
                for line in self.history.whole_weeks(second)[:LONGER]
            ]
            actuals.save_week(second, longer, user, correct=True)
        sent = self.history.invoice(organisation_id, period, period.end + 5 * DAY, "-2")
        with story_at(period.end + 7 * DAY):
            say_who(self.history.officer(OFFICER).id, "")
            dispute(sent, reason)
            say_who(None, "")
        return sent

    def settle(self, invoice_id: int, day: date) -> None:
        """Let an officer settle a dispute: the invoice is paid with the next run, late."""
        with story_at(day):
            say_who(self.history.officer(OFFICER).id, "")
            settle_dispute(invoice_id)
            say_who(None, "")

    def waiting(self, organisation_id: int, period: PaymentPeriod, today: date) -> None:
        """Look at every invoice of a provider from a period on, and let it send what it has confirmed of that."""
        db.session.add(
            PolicySetting(
                name="invoices_accepted_at_once", value="no", scope=PolicyScope.ORGANISATION, scope_id=organisation_id,
                valid_from=period.start, why="After two corrections in a row",
            )
        )  # fmt: skip
        db.session.commit()
        policy.forget()
        self.history.invoice(organisation_id, period, min(today, period.end + 2 * DAY))
