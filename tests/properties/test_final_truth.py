"""Whatever was saved, corrected, invoiced, rejected and paid: with the next invoice it comes to what is true now."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from models import Actual, ExceptionCheck, Invoice, InvoiceLine, LineItem, PaymentPeriod, Rate, db
from rules.refusal import Refused
from rules.states import ActualState, Decision, InvoiceState
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import NOV_13, OCT_16, OCT_23
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.invoices import invoice
from workflows.invoices.desk import reject
from workflows.payments import run as payment_run
from workflows.payments.money_checks import check_money

WEEKS = (OCT_16, OCT_23, NOV_13)
CHANGE = date(2017, 10, 19)  # a Thursday
BEFORE, AFTER, WEEKLY = Decimal("19.6800"), Decimal("20.2500"), Decimal("17.2820")
PLANNED = Decimal("7.00")


@dataclass
class Books:
    """One provider with a timetabled line whose rate changes in the first week, and a weekly line; and their truth."""

    world: World
    truth: dict[tuple[int, date], list[Decimal]] = field(default_factory=dict)
    decided: dict[tuple[int, date], Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.contact = self.world.contact(self.world.organisation())
        self.owner = self.contact.organisation_id
        self.officers = [self.world.officer("Payments officer"), self.world.officer("Payments officer")]
        daily = self.world.line(self.contact.organisation, rate=str(BEFORE))
        self.world.confirmed()
        daily.rates[0].end = CHANGE - timedelta(days=1)
        daily.rates.append(Rate(organisation_id=daily.organisation_id, rate=AFTER, start=CHANGE))
        weekly = self.world.line(self.contact.organisation, weekly="7", rate=str(WEEKLY))
        db.session.commit()
        self.lines: list[LineItem] = [daily, weekly]

    def save(self, line: int, monday: int, quarters: list[int], confirm: bool) -> None:
        """Type a week, in quarters of an hour; on an invoice it is a correction."""
        item, week = self.lines[line], WEEKS[monday]
        units = [Decimal(each) / 4 for each in quarters]
        units = [sum(units, Decimal(0))] if item.plans[0].weekly_quantity else units
        entry = Entry(item.id, tuple(map(str, units)), "OTHER")
        saved = save_week(week, [entry], self.contact.user, confirm=confirm, correct=True)
        assert not saved.refused
        if saved.written:
            if self.truth.get((item.id, week)) != units:
                self.decided.pop((item.id, week), None)
            self.truth[item.id, week] = units

    def decide(self, as_claimed: bool) -> None:
        held = (ExceptionCheck.organisation_id == self.owner, ExceptionCheck.held)
        for check in db.session.scalars(select(ExceptionCheck).where(*held).execution_options(populate_existing=True)):
            actual = check.actual
            payable = actual.payable if as_claimed else actual.planned
            self.decided[actual.line_item_id, actual.week_starting] = payable
            decided(actual.id, Decision.AS_CLAIMED if as_claimed else Decision.REFUSED)

    def send(self, period: PaymentPeriod) -> None:
        draft = invoice.draft_for(self.contact.organisation, period.id, self.contact.user_id or 0)
        found = invoice.preview_of(draft)
        if found.lines:
            invoice.submit(draft.id, digest=found.digest, own_reference="", user_id=self.contact.user_id or 0)

    def reject(self, which: int) -> None:
        waiting = (
            Invoice.organisation_id == self.owner,
            Invoice.state.in_([InvoiceState.SUBMITTED, InvoiceState.ACCEPTED]),
        )
        found = db.session.scalars(select(Invoice).where(*waiting).order_by(Invoice.id)).all()
        if found:
            reject(found[which % len(found)].id, "wrong", 1)

    def run(self, released: bool) -> None:
        first, second = self.officers
        try:
            run = payment_run.prepare("2017-12-04", first)
        except Refused:
            return
        if released:
            payment_run.approve(run.id, second)
            payment_run.release(run.id, first)
        else:
            payment_run.discard(run.id)

    def check(self, last: PaymentPeriod) -> None:
        """What live invoices hold and the next one adds come to what is true now."""
        claims: dict[int, Decimal] = dict(
            db.session.execute(
                select(InvoiceLine.actual_id, func.sum(InvoiceLine.net))
                .where(InvoiceLine.live, InvoiceLine.organisation_id == self.owner)
                .group_by(InvoiceLine.actual_id)
            ).all()
        )
        draft = invoice.draft_for(self.contact.organisation, last.id, self.contact.user_id or 0)
        following = invoice.preview_of(draft)
        mine = select(Actual).where(Actual.organisation_id == self.owner)
        stored = db.session.scalars(mine.execution_options(populate_existing=True)).all()
        expected = sum((self._worth(each, claims.get(each.id, Decimal(0))) for each in stored), Decimal(0))
        assert sum(claims.values(), Decimal(0)) + following.total.net == expected

    def _worth(self, actual: Actual, claimed: Decimal) -> Decimal:
        key = (actual.line_item_id, actual.week_starting)
        units = self.truth[key]
        if actual.state is ActualState.DRAFT:
            return Decimal(0)
        if sum(units) - PLANNED > 1 and key not in self.decided:
            return claimed  # held: nothing more until it is decided
        return _price(units, actual.week_starting, self.decided.get(key, sum(units, Decimal(0))))


def _price(units: list[Decimal], monday: date, payable: Decimal) -> Decimal:
    if len(units) == 1:
        return _pounds(payable * WEEKLY)
    at: dict[Decimal, Decimal] = {BEFORE: Decimal(0), AFTER: Decimal(0)}
    for index, each in enumerate(units):
        taken = min(payable, each)
        payable -= taken
        at[BEFORE if monday + timedelta(days=index) < CHANGE else AFTER] += taken
    return sum((_pounds(quantity * rate) for rate, quantity in at.items()), Decimal(0))


def _pounds(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


SAVES = st.tuples(
    st.just("save"),
    st.integers(0, 1),
    st.integers(0, 2),
    st.lists(st.sampled_from([0, 2, 4, 5, 8]), min_size=7, max_size=7),
    st.booleans(),
)
STEPS = st.one_of(
    SAVES,
    SAVES,
    st.tuples(st.just("send"), st.integers(0, 1)),
    st.tuples(st.just("reject"), st.integers(0, 3)),
    st.tuples(st.just("decide"), st.booleans()),
    st.tuples(st.just("run"), st.booleans()),
)
PLAN, LESS, MORE = (("save", 0, 0, [each] * 7, True) for each in (4, 2, 8))
SEND = ("send", 1)


@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(
    steps=[PLAN, SEND, LESS, SEND, ("reject", 0), SEND, ("reject", 0), SEND]
)  # what was corrected is rejected first
@example(steps=[PLAN, SEND, LESS, SEND, ("reject", 1), PLAN, SEND, ("run", True), MORE, SEND])
@example(steps=[PLAN, SEND, ("run", True), LESS, SEND, ("run", True), PLAN, SEND, ("run", True)])
@example(steps=[PLAN, SEND, MORE, SEND, ("decide", False), SEND, MORE, SEND, ("decide", True), SEND])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_what_was_invoiced_and_the_next_invoice_come_to_what_is_true_now(
    world: World, steps: list[tuple[Any, ...]]
) -> None:
    found = db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.number)).all()
    periods = list(found) or [world.period(0), world.period(1)]
    books = Books(world)
    for name, *values in steps:
        if name == "send":
            books.send(periods[values[0]])
        else:
            getattr(books, name)(*values)
        books.check(periods[1])
    assert check_money() == []
