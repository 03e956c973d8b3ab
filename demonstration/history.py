"""What happened before today in the demonstration, told through the portal's own workflows on the days it happened."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select, update

from demonstration.payments import runs
from models import Contact, Email, LineItem, Organisation, PaymentPeriod, PortalUser, acting_for, db, say_who
from rules.aborted_visit import VisitEntry
from rules.mail_states import EmailState
from rules.period import DAY, WEEK, weeks_of
from rules.states import PaymentMethod, PlanKind, Unit
from rules.working_days import add_working_days
from workflows import policy
from workflows.aborted_visits.record import record
from workflows.actuals import save as actuals
from workflows.clock import LONDON, now, story_at
from workflows.invoices import invoice
from workflows.payments import run as payment_run
from workflows.weeks.entry import Entry

SUNDAY = 6 * DAY
QUARTER = Decimal("0.25")
# What may happen to a visit: by how many quarters of an hour, why, and in the carer's words.
EVENTS = (
    (-2, "SHORTER", "Daughter was there and helped"),
    (-1, "SHORTER", ""),
    (1, "LONGER", "Needed help with the stairs"),
    (2, "LONGER", "Waited for the district nurse"),
    (2, "EXTRA", "Extra call agreed with the family"),
    (-99, "HOSPITAL", "At the Queen Elizabeth, back the next day"),
    (-99, "CANCELLED", "Went out with her son"),
    (-99, "AWAY", ""),
)


# Visits that could not take place: what their provider wrote of each.
ABORTED: tuple[dict[str, Any], ...] = (
    {"arrived_at": time(8, 2), "waited_minutes": 15, "informed": "Her daughter, by telephone", "reason": "NO_REPLY",
     "comment": "Curtains drawn; she was at a neighbour's"},
    {"reason": "AWAY", "comment": "At her son's until Thursday"},
)  # fmt: skip


class History:
    """Tells what one provider after the other did in past periods, and what the council paid for it."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        # Lines of people who are away for a while: nothing else happens on them.
        self.away: set[int] = set()

    def deliver(self, organisation_id: int, period: PaymentPeriod) -> None:
        """Let a provider confirm each week of a period on the Monday after it."""
        for week in weeks_of(period.start, period.end):
            with self.provider(organisation_id, week + WEEK) as user:
                actuals.save_week(week, self._events(week), user, confirm=True)
                actuals.confirm_as_planned([week], user)

    def invoice(self, organisation_id: int, period: PaymentPeriod, day: date | None = None, more: str = "") -> int:
        """Let a provider send the invoice of a period on a day, two days after its end where none is given.

        `more` stands behind its own reference. Returns the invoice's id.
        """
        with self.provider(organisation_id, day or period.end + 2 * DAY) as user:
            organisation = db.session.get_one(Organisation, organisation_id)
            draft = invoice.draft_for(organisation, period.id, user.id)
            draft.created_at = now()
            digest = invoice.preview_of(draft).digest
            reference = f"{organisation.name.split()[0].upper()}-{period.number}{more}"
            invoice.submit(draft.id, digest=digest, own_reference=reference, user_id=user.id)
            return int(draft.id)

    def pay(self, period: PaymentPeriod, *, settled: bool = True) -> None:
        """Let one officer prepare a run for a period, another approve it, and the first release and settle it."""
        payments, approver = (self.officer(name) for name in ("payments@council.example", "approver@council.example"))
        days, closures = policy.for_council("days_before_pay_day"), policy.for_council("closure_days")
        released_on, approved_on, prepared_on = (
            add_working_days(period.pay_on, -days - before, closures) for before in range(3)
        )
        with story_at(prepared_on):
            say_who(payments.id, "")
            run = payment_run.prepare(f"{period.pay_on:%d/%m/%Y}", payments)
            run.prepared_at = now()  # the database would say today
            db.session.commit()
        with story_at(approved_on):
            say_who(approver.id, "")
            runs.look_at_everything(run.id, approver)
            payment_run.approve(run.id, approver)
        with story_at(released_on):
            say_who(payments.id, "")
            payment_run.release(run.id, payments)
        if settled:
            with story_at(period.pay_on + DAY):
                payment_run.settle(run.id, payments)
        say_who(None, "")

    def leave_open(self, organisation_id: int, period: PaymentPeriod, *, over: bool) -> None:
        """Let a provider get half-way: one week confirmed, one in part (`over`: a line of it held), one drafted."""
        first, second, third, _ = weeks_of(period.start, period.end)
        with self.provider(organisation_id, first + WEEK) as user:
            actuals.save_week(first, self._events(first), user, confirm=True)
            actuals.confirm_as_planned([first], user)
        with self.provider(organisation_id, second + WEEK) as user:
            entries = [entry_of(line) for line in self.whole_weeks(second)]
            actuals.save_week(second, entries[: len(entries) // 2], user, confirm=True)
            if over:
                held = self._above_level(second)
                actuals.save_week(second, [held], user, confirm=True)
        with self.provider(organisation_id, third + WEEK) as user:
            actuals.save_week(third, self._events(third), user)
            self._nobody_opens(third, user)

    def settle_mail(self) -> None:
        """Take what was written to people in the past as sent: nobody gets an e-mail about last month today."""
        sent = {"state": EmailState.SENT, "sent_at": Email.written_at}
        written = update(Email).where(Email.state != EmailState.SENT).values(sent)
        db.session.execute(written.execution_options(synchronize_session=False))
        db.session.commit()

    @contextmanager
    def provider(self, organisation_id: int, day: date) -> Iterator[PortalUser]:
        """Act for a provider on a day, as the contact who looks after payments."""
        with story_at(day), acting_for(organisation_id):
            contacts = select(Contact.user_id).where(Contact.may_payments, Contact.user_id.is_not(None))
            user = db.session.get_one(PortalUser, db.session.scalars(contacts.order_by(Contact.id)).first())
            say_who(user.id, "")
            yield user
            say_who(None, "")

    def officer(self, email: str) -> PortalUser:
        """Return an officer of the demonstration."""
        officer: PortalUser = db.session.scalars(select(PortalUser).where(PortalUser.email == email)).one()
        return officer

    def whole_weeks(self, week: date) -> list[LineItem]:
        """Return the timetabled lines in hours that are active on every day of a week."""
        statement = select(LineItem).where(
            LineItem.payment_method == PaymentMethod.ACTUALS,
            LineItem.plan_kind == PlanKind.TIMETABLED,
            LineItem.unit == Unit.HOUR,
            LineItem.start <= week,
            LineItem.end.is_(None) | (LineItem.end >= week + SUNDAY),
        )
        return list(db.session.scalars(statement.order_by(LineItem.reference)))

    def _events(self, week: date) -> list[Entry]:
        lines = self.whole_weeks(week)
        sample = sorted(self.chance.sample(lines, len(lines) // 9), key=lambda line: line.id)
        events = [(line.id, self._event(line)) for line in sample]
        return [event for line_id, event in events if line_id not in self.away]

    def _nobody_opens(self, week: date, user: PortalUser) -> None:
        """Let two visits of a week have been for nothing: nobody opened, and one was called off a day before."""
        lines = [line for line in self.whole_weeks(week)[-6:] if min(line.plans[0].days) and line.id not in self.away]
        for line, visit in zip(lines, ABORTED, strict=False):
            day = week + 2 * DAY
            told = datetime.combine(day - 2 * DAY, time(16), LONDON) if visit["reason"] == "AWAY" else None
            record(VisitEntry(line.id, day, time(8), 45, told, **visit), user, take_off=True)

    def _event(self, line: LineItem) -> Entry:
        quarters, reason, comment = self.chance.choice(EVENTS)
        planned = [index for index, day in enumerate(line.plans[0].days) if day]
        return entry_of(line, self.chance.choice(planned), quarters * QUARTER, reason, comment)

    def _above_level(self, week: date) -> Entry:
        line = max(self.whole_weeks(week)[-12:], key=lambda line: sum(line.plans[0].days))
        above = max(Decimal(2), sum(line.plans[0].days, Decimal(0)) / 5 // QUARTER * QUARTER)
        return entry_of(line, 4, above, "EXTRA", "Fell at night, a second carer was needed until Sunday")


def entry_of(line: LineItem, day: int = 0, change: Decimal = Decimal(0), reason: str = "", comment: str = "") -> Entry:
    """Return a line's week as planned but for one day, on which so many units more (or fewer) were delivered."""
    figures = list(line.plans[0].days)
    figures[day] = max(Decimal(0), figures[day] + change)
    return Entry(line.id, tuple(f"{figure:.2f}" for figure in figures), reason, comment)
