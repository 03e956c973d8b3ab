"""Invoices, held weeks, absences, scheduled payments, one-offs, runs, returns and recoveries in any order.

After each step every money check holds; a step that is not possible is refused in words, and changes nothing.
"""

import os
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import (
    AbsenceClaim,
    BankReturn,
    Contact,
    ExceptionCheck,
    Invoice,
    LineItem,
    PaymentPeriod,
    PaymentRun,
    PortalUser,
    Recovery,
    Remittance,
    RunFinding,
    acting_for,
    db,
)
from rules.period import DAY
from rules.refusal import Refused
from rules.states import ClaimState, Decision, InvoiceState, RunState, VatCode
from tests.support.worlds import claims
from tests.support.worlds.scheduled import CareHome
from tests.support.worlds.weeks import NOV_13, OCT_16, OCT_23, send
from tests.support.worlds.world import World
from tests.workflows.payments.test_returns import file_of, row_of
from workflows.absences import decide as claim_desk
from workflows.actuals.save import Entry, save_week
from workflows.agreements import changes
from workflows.confirm import desk
from workflows.exceptions.decide import Chosen, decide
from workflows.invoices.desk import reject as reject_invoice
from workflows.payments import one_off, recoveries, returns, run_checks
from workflows.payments import run as payment_run
from workflows.payments.money_checks import check_money
from workflows.scheduled import prepare as scheduled

WEEKS = (OCT_16, OCT_23, NOV_13)
FREE_DAYS = (date(2017, 10, 30), date(2017, 11, 8))  # of the two weeks that nobody fills in


class Office:
    """One provider with care by day, by week and by schedule, and the officers who pay it."""

    def __init__(self, world: World, periods: list[int]) -> None:
        self.world, self.periods = world, periods
        organisation = world.organisation()
        contact = world.contact(organisation)
        self.organisation_id, self.contact_id, self.user_id = organisation.id, contact.id, contact.user_id
        daily, weekly = world.line(organisation), world.line(organisation, weekly="7", rate="17.2820")
        home = CareHome.of(world, organisation)
        home.line(rate="748.37", start=date(2017, 10, 18), contribution=Decimal("139.75"))
        self.scheduled_id = home.line(rate="812.50").id
        self.line_ids = [daily.id, weekly.id]
        roles = ("Payments officer", "Payments approver", "Service Brokerage", "Service Brokerage")
        self.officer_ids = [world.officer(role).id for role in roles]

    def officer(self, number: int) -> PortalUser:
        found: PortalUser = db.session.get_one(PortalUser, self.officer_ids[number])
        return found

    def do(self, name: str, *what: Any) -> None:
        step: Callable[..., None] = getattr(self, name)
        try:
            step(*what)
        except Refused:
            db.session.rollback()

    def save(self, line: int, monday: int, quarters: list[int]) -> None:
        units = [Decimal(each) / 4 for each in quarters]
        entry = Entry(self.line_ids[line], tuple(map(str, units if line == 0 else [sum(units)])), "OTHER")
        with acting_for(self.organisation_id):
            save_week(WEEKS[monday], [entry], db.session.get(PortalUser, self.user_id), confirm=True, correct=True)

    def decide(self, decision: Decision) -> None:
        held = select(ExceptionCheck).where(ExceptionCheck.held).execution_options(populate_existing=True)
        for check in db.session.scalars(held).all():
            chosen = Chosen(check.actual_id, check.actual.version, f"{check.planned}")
            decide([chosen], decision, "As agreed", self.officer(2))

    def send(self, period: int) -> None:
        with acting_for(self.organisation_id):
            send(db.session.get_one(Contact, self.contact_id), db.session.get_one(PaymentPeriod, self.periods[period]))

    def reject(self, which: int) -> None:
        waiting = select(Invoice).where(Invoice.state.in_([InvoiceState.SUBMITTED, InvoiceState.ACCEPTED]))
        found = db.session.scalars(waiting.order_by(Invoice.id)).all()
        if found:
            reject_invoice(found[which % len(found)].id, "Not as agreed", 1)

    def rate(self, line: int, day: int, pounds: str) -> None:
        line_id = [*self.line_ids, self.scheduled_id][line]
        change = changes.rate_change(line_id, OCT_16 + day * DAY, Decimal(pounds), "As agreed")
        proposal = changes.propose(change, self.officer(2))
        desk.confirm(proposal.id, self.officer(3), [each["code"] for each in proposal.unusual])

    def absence(self, day: int, days: int) -> None:
        line = db.session.get_one(LineItem, self.line_ids[0])
        user = db.session.get_one(PortalUser, self.user_id)
        claims.make(line, user, FREE_DAYS[0] + day * DAY, FREE_DAYS[0] + (day + days) * DAY)

    def answer(self, approved: bool) -> None:
        waits = select(AbsenceClaim).where(AbsenceClaim.state == ClaimState.SUBMITTED)
        for claim in db.session.scalars(waits).all():
            if approved:
                claim_desk.approve(claim.id, self.officer(0))
            else:
                claim_desk.refuse(claim.id, "Not away", self.officer(0))

    def schedule(self, day: int) -> None:
        scheduled.prepare_due(date(2017, 11, 22) + day * 6 * DAY)
        db.session.commit()

    def one_off(self, pence: int) -> None:
        pounds = Decimal(pence) / 100
        payment = one_off.OneOff(self.organisation_id, None, None, pounds, VatCode.STANDARD, "Flood")
        proposal = one_off.propose(payment, self.officer(0))
        desk.confirm(proposal.id, self.officer(1), [each["code"] for each in proposal.unusual])

    def owe(self, pounds: int) -> None:
        proposal = recoveries.propose_recovery(self.organisation_id, Decimal(pounds), "Paid twice", self.officer(0))
        desk.confirm(proposal.id, self.officer(1), [each["code"] for each in proposal.unusual])

    def instalments(self, pounds: int) -> None:
        for recovery in db.session.scalars(select(Recovery).where(Recovery.balance > 0)).all():
            proposal = recoveries.propose_instalments(recovery.id, f"{pounds}", "As agreed", self.officer(0))
            desk.confirm(proposal.id, self.officer(1), [])

    def prepare(self) -> None:
        run = payment_run.prepare("04/12/2017", self.officer(0))
        for finding in db.session.scalars(select(RunFinding).where(RunFinding.run_id == run.id)).all():
            run_checks.look_at(run.id, finding.id, "As it is meant", self.officer(0))

    def run(self, *states: RunState) -> PaymentRun | None:
        found = select(PaymentRun).where(PaymentRun.state.in_(states)).order_by(PaymentRun.id.desc()).limit(1)
        last: PaymentRun | None = db.session.scalar(found)
        return last

    def approve(self) -> None:
        if run := self.run(RunState.DRAFT):
            payment_run.approve(run.id, self.officer(1))

    def withdraw(self) -> None:
        if run := self.run(RunState.APPROVED):
            payment_run.withdraw(run.id)

    def take_out(self) -> None:
        run = self.run(RunState.DRAFT, RunState.APPROVED)
        if run and run.sources:
            payment_run.take_out(run.id, source_id=run.sources[0].id)

    def discard(self) -> None:
        if run := self.run(RunState.DRAFT, RunState.APPROVED):
            payment_run.discard(run.id)

    def release(self) -> None:
        if run := self.run(RunState.APPROVED):
            payment_run.release(run.id, self.officer(0))

    def come_back(self) -> None:
        returned = select(BankReturn.run_id)
        unreturned = select(Remittance).where(Remittance.total > 0, Remittance.run_id.not_in(returned))
        if remittance := db.session.scalar(unreturned.order_by(Remittance.id.desc()).limit(1)):
            returns.record_returns(file_of(row_of(remittance)), self.officer(0))


PAY = st.tuples(
    st.sampled_from(["prepare", "approve", "release", "come_back", "withdraw", "take_out", "discard"]),
)
RATES = st.sampled_from(["19.0000", "20.2525", "700.00"])
QUARTERS = st.lists(st.sampled_from([0, 2, 4, 4, 5, 8]), min_size=7, max_size=7)
SAVES = st.tuples(st.just("save"), st.integers(0, 1), st.integers(0, 2), QUARTERS)
STEPS = st.one_of(
    SAVES, SAVES, PAY, PAY, PAY,
    st.tuples(st.just("decide"), st.sampled_from(Decision)),
    st.tuples(st.just("send"), st.integers(0, 1)),
    st.tuples(st.just("send"), st.just(1)),
    st.tuples(st.just("reject"), st.integers(0, 3)),
    st.tuples(st.just("rate"), st.integers(0, 2), st.integers(0, 28), RATES),
    st.tuples(st.just("absence"), st.integers(0, 6), st.integers(0, 6)),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("schedule"), st.integers(0, 2)),
    st.tuples(st.just("one_off"), st.integers(1, 99_999)),
    st.tuples(st.just("owe"), st.integers(1, 300)),
    st.tuples(st.just("instalments"), st.integers(1, 50)),
)  # fmt: skip
WEEK, LESS = (("save", 0, 0, [each] * 7) for each in (4, 2))
PAID = [("prepare",), ("approve",), ("release",)]


RETURNED = [
    WEEK, ("send", 1), *PAID, LESS, ("send", 1), *PAID, ("come_back",), ("owe", 100), ("instalments", 30),
    ("save", 1, 1, [4] * 7), ("send", 1), *PAID, ("come_back",), *PAID,
]  # fmt: skip
SCHEDULED = [
    ("schedule", 0), ("schedule", 1), ("rate", 2, 9, "700.00"), *PAID, ("absence", 0, 5), ("answer", True),
    ("one_off", 1234), *PAID, ("come_back",), ("schedule", 2), *PAID,
]  # fmt: skip


@pytest.mark.timeout(3600)
@settings(
    max_examples=int(os.environ.get("MONEY_STORIES", "10")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(steps=RETURNED)
@example(steps=SCHEDULED)
@given(steps=st.lists(STEPS, min_size=4, max_size=12))
def test_every_money_check_holds_after_every_step(world: World, steps: list[tuple[Any, ...]]) -> None:
    found = db.session.scalars(select(PaymentPeriod.id).order_by(PaymentPeriod.number)).all()
    office = Office(world, list(found) or [world.period(0).id, world.period(1).id])
    for step in steps:
        office.do(*step)
        db.session.commit()
        assert check_money() == [], step
