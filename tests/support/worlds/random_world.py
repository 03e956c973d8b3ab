"""A provider's affairs in every state there is, drawn at random from a seed; all days are in the winter of 2017."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from models import (
    AbsenceClaim,
    Actual,
    ContractDocument,
    Conversation,
    Hold,
    Invoice,
    LineItem,
    Message,
    Organisation,
    PaymentPeriod,
    PaymentRun,
    PortalUser,
    Team,
    db,
)
from rules.agreement_states import DocumentState
from rules.period import DAY, WEEK, monday_of
from rules.plan import active_days
from rules.states import (
    AbsenceReason,
    ActualState,
    ClaimState,
    ConversationState,
    InvoiceState,
    PaymentMethod,
    RunState,
)
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World

FIRST_DAY, LAST_DAY = date(2017, 10, 16), date(2018, 2, 20)
NET = Decimal("137.76")


class RandomWorld:
    """Builds what one organisation has; the same seed gives the same."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)

    def fill(self, organisation: Organisation, officers: list[PortalUser]) -> None:
        """Give an organisation documents, lines, weeks, claims, conversations, holds and invoices."""
        known = [state for state in DocumentState if state is not DocumentState.REPLACED]  # that is a version
        states = [*known, *self.random.choices(known, k=4)]
        lines = [self._line(organisation, state) for state in states]
        weeks = [stored for line in lines for stored in self._weeks(line)]
        for line in lines:
            self._claims(line)
        for subject in [*self.random.sample(weeks, min(12, len(weeks))), None, None, None, None, None]:
            self._conversation(organisation, subject, officers[0])
        self._holds(organisation, lines)
        for state in [*InvoiceState, *self.random.choices(list(InvoiceState), k=8)]:
            self._invoice(organisation, state)
        db.session.commit()

    def runs(self, prepared_by: PortalUser, approved_by: PortalUser) -> None:
        """Give the council payment runs in every state."""
        for number, state in enumerate([*RunState, *self.random.choices(list(RunState), k=30)], 1):
            approved = state is not RunState.DRAFT
            released = state in (RunState.RELEASED, RunState.SETTLED)
            db.session.add(
                PaymentRun(
                    number=number, pay_date=LAST_DAY, state=state, prepared_by=prepared_by,
                    approved_by=approved_by if approved else None, released_at=_at(LAST_DAY) if released else None,
                    settled_at=_at(LAST_DAY) if state is RunState.SETTLED else None,
                )
            )  # fmt: skip
        db.session.commit()

    def _day(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> date:
        return first + timedelta(days=self.random.randrange((last - first).days + 1))

    def _line(self, organisation: Organisation, state: DocumentState) -> LineItem:
        start = self._day(last=date(2018, 2, 1))
        end = self._day(start, LAST_DAY + WEEK) if self.random.random() < 0.6 else None
        method = PaymentMethod.SCHEDULED if self.random.random() < 0.1 else PaymentMethod.ACTUALS
        line = self.world.line(organisation, state=state, start=start, end=end, payment_method=method)
        document: ContractDocument = line.document
        document.published_at = _at(start)
        if state in (DocumentState.ACCEPTED, DocumentState.ENDED):
            document.accepted_at = _at(start)
        db.session.commit()
        return line

    def _weeks(self, line: LineItem) -> list[Actual]:
        if line.document.state is DocumentState.DRAFT or line.payment_method is PaymentMethod.SCHEDULED:
            return []
        found, monday = [], monday_of(line.start)
        while monday <= min(line.end or LAST_DAY, LAST_DAY):
            if self.random.random() < 0.6:
                found.append(self._week(line, monday))
            monday += WEEK
        return found

    def _week(self, line: LineItem, monday: date) -> Actual:
        active = {day.weekday() for day in active_days(line.plan, monday)}
        over = self.random.random() < 0.25
        days = ["5" if over and day == min(active) else "1" if day in active else "0" for day in range(7)]
        # A week still running for its line can be a draft only.
        runs = max(active) * DAY + monday > date(2018, 2, 17)
        state = ActualState.DRAFT if runs else self.random.choice(list(ActualState))
        stored = week(line, monday, days, state=state)
        if over and self.random.random() < 0.4:
            decided(stored.id, at=_at(self._day()))
        return stored

    def _claims(self, line: LineItem) -> None:
        """Claim days a fortnight apart; some of them were refused before and are claimed again."""
        for number in range(self.random.randrange(4)):
            first = line.start + 2 * number * WEEK
            states = [self.random.choice(list(ClaimState))]
            if self.random.random() < 0.3:
                states.insert(0, ClaimState.REFUSED)
            for state in states:
                decided = state not in (ClaimState.DRAFT, ClaimState.SUBMITTED)
                part = state is ClaimState.IN_PART
                db.session.add(
                    AbsenceClaim(
                        organisation_id=line.organisation_id, line_item_id=line.id, first_day=first,
                        last_day=first + 3 * DAY, approved_last_day=first if part else None, state=state,
                        reason=AbsenceReason.HOSPITAL, submitted_at=None if state is ClaimState.DRAFT else _at(first),
                        decided_at=_at(self._day(date(2018, 1, 25))) if decided else None,
                        refused_reason="Home" if state is ClaimState.REFUSED else "",
                    )
                )  # fmt: skip
                db.session.flush()

    def _conversation(self, organisation: Organisation, about: Actual | None, officer: PortalUser) -> None:
        name = "Service Brokerage" if about else self.random.choice(["Payments", "Billing", "Procurement"])
        team = db.session.scalars(select(Team).where(Team.name == name)).one()
        state = self.random.choice(list(ConversationState))
        waits, closed = state is ConversationState.WAITING_FOR_COUNCIL, state is ConversationState.CLOSED
        opened = self._day()
        talk = Conversation(
            organisation=organisation, team=team, subject="Question", actual_id=about.id if about else None,
            state=state, opened_at=_at(opened), target_on=self._day(LAST_DAY - WEEK) if waits else None,
            closed_at=_at(self._day(opened)) if closed else None, closed_reason="Done" if closed else "",
            read_at=_at(self._day(opened)) if self.random.random() < 0.7 else None,
        )  # fmt: skip
        db.session.add(talk)
        db.session.flush()
        for from_council in (False, *([True] if self.random.random() < 0.7 else [])):
            sent = _at(self._day(opened))
            db.session.add(
                Message(
                    organisation=organisation, conversation=talk, author=officer, from_council=from_council,
                    body="Words", sent_at=sent,
                )
            )  # fmt: skip

    def _holds(self, organisation: Organisation, lines: list[LineItem]) -> None:
        line, other = self.random.sample(lines, 2)
        kinds = [{"line_item_id": line.id}, {"document_id": other.document_id}, {}]
        for target in self.random.sample(kinds, 2):
            start = self._day()
            end = self._day(start, LAST_DAY + WEEK)
            db.session.add(Hold(organisation=organisation, reason="Under review", start=start, end=end, **target))

    def _invoice(self, organisation: Organisation, state: InvoiceState) -> None:
        periods = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.start)).all()
        if state is InvoiceState.DRAFT and db.session.scalar(
            select(Invoice.id).where(Invoice.organisation_id == organisation.id, Invoice.state == state)
        ):
            return
        db.session.add(
            Invoice(
                organisation=organisation, period=periods[0], state=state, net=NET, gross=NET,
                submitted_at=None if state is InvoiceState.DRAFT else _at(self._day()),
                rejected_reason="Wrong person" if state is InvoiceState.REJECTED else "",
                withdrawn_reason="Sent too early" if state is InvoiceState.WITHDRAWN else "",
                closed_at=_at(self._day()) if state is InvoiceState.WITHDRAWN else None,
                **self._dispute(state),
            )
        )  # fmt: skip
        db.session.flush()

    def _dispute(self, state: InvoiceState) -> dict[str, object]:
        disputed = state is InvoiceState.ACCEPTED and self.random.random() < 0.3
        return {"disputed_on": self._day(), "dispute_reason": "Double-handed?"} if disputed else {}


def _at(day: date) -> datetime:
    return datetime.combine(day, time(10), UTC)
