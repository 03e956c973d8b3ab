"""Whatever is done with a line, in any order: plan and rate of every day, and what was invoiced, stay right.

Beside the portal stands a second, plain account of the same line: one plan and one rate written down for every day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import Actual, Contact, InvoiceLine, LineItem, PaymentPeriod, PortalUser, acting_for, db
from rules.agreement_states import DocumentState
from rules.plan import NO_DAYS, PlanVersion, plan_of_day, plan_of_week
from rules.refusal import Refused
from rules.states import ActualState
from tests.support.second.line_account import DAY, DAYS, Account, Units
from tests.support.worlds.weeks import send
from tests.support.worlds.world import START, World
from workflows.actuals.save import Entry, save_week
from workflows.agreements import changes, endings
from workflows.agreements.new_version import new_version
from workflows.clock import today
from workflows.confirm import desk
from workflows.contracts import documents
from workflows.contracts.line_life import line_life
from workflows.hashes import hash_password
from workflows.payments.money_checks import check_money
from workflows.weeks.read import read_weeks

Step = tuple[str, Any]

PASSWORD = "correct-horse-portal"
# The weeks that are over.
MONDAYS = [START + timedelta(weeks=index) for index in range(5)]

QUARTERS = st.integers(0, 8).map(lambda count: Decimal(count) / 4)
STEPS = st.one_of(
    st.tuples(st.just("rate"), st.tuples(st.sampled_from(DAYS), st.sampled_from([Decimal(19), Decimal("20.25")]))),
    st.tuples(st.just("plan"), st.tuples(st.sampled_from(DAYS), st.lists(QUARTERS, min_size=7, max_size=7))),
    st.tuples(st.just("end"), st.none() | st.sampled_from(DAYS)),
    st.tuples(st.just("new version"), st.none()),
    st.tuples(st.just("accept"), st.none()),
    st.tuples(st.just("withdraw"), st.none()),
    st.tuples(st.just("night"), st.none()),
    st.tuples(st.just("deliver"), st.sampled_from(MONDAYS)),
    st.tuples(st.just("deliver"), st.sampled_from(MONDAYS)),
    st.tuples(st.just("deliver"), st.sampled_from(MONDAYS[:4])),
    st.tuples(st.just("invoice"), st.none()),
    st.tuples(st.just("invoice"), st.none()),
)


class Life:
    """One line in the portal and in the account: each step is done in both, and both refuse the same."""

    def __init__(self, line: LineItem, contact: Contact, council: "Council") -> None:
        self.line_id, self.document_id, self.organisation_id = line.id, line.document_id, line.organisation_id
        self.service_id = line.service_id
        self.contact_id, self.council = contact.id, council
        weekly = bool(line.plans[0].weekly_quantity)
        units = (line.plans[0].weekly_quantity,) if weekly else line.plans[0].days
        self.account = Account(weekly, dict.fromkeys(DAYS, units), dict.fromkeys(DAYS, line.rates[0].rate))

    def do(self, step: Step) -> None:
        name, what = step
        expected = self._allows(name, what)
        try:
            self._act(name, what)
            done = True
        except Refused as refused:
            db.session.rollback()
            done, why = False, str(refused)
        assert expected is None or done == expected, f"{step} {'was done' if done else why}"
        if done:
            self._note(name, what)

    def _allows(self, name: str, what: Any) -> bool | None:
        """Say whether the account lets a step through; None where that is not its business."""
        own = self.account
        live = own.state is not DocumentState.WITHDRAWN
        match name:
            case "rate":
                return live and own.inside(what[0]) and own.rates[what[0]] != what[1]
            case "plan":
                units = self._units(what[1])
                return live and own.inside(what[0]) and any(units) and own.plans[what[0]] != units
            case "end":
                return live and what != own.end and not (what and (what < START or own.cares_after(what)))
            case "new version":
                return live
            case "accept":
                return own.state is DocumentState.PUBLISHED
            case "withdraw":
                return own.state is DocumentState.PUBLISHED and not any(any(each) for each in own.delivered.values())
            case _:
                return None

    def _units(self, units: list[Decimal]) -> Units:
        return (units[0] * 3,) if self.account.weekly else tuple(units)

    def _act(self, name: str, what: Any) -> None:
        match name:
            case "rate":
                self._confirm(changes.rate_change(self.line_id, what[0], what[1], "As agreed"))
            case "plan":
                units = self._units(what[1])
                weekly = self.account.weekly
                version = PlanVersion(what[0], NO_DAYS if weekly else units, units[0] if weekly else Decimal(0))  # type: ignore[arg-type]
                self._confirm(changes.plan_change(self.line_id, version, "As agreed"))
            case "end":
                self._confirm(changes.line_end(self.line_id, what, "As agreed"))
            case "new version":
                terms = f"Terms of version {self.account.version + 1}, as agreed"
                self._confirm(new_version(self.document_id, self.service_id, terms, [], "As agreed"))
            case "accept":
                with acting_for(self.organisation_id):
                    contact = db.session.get_one(Contact, self.contact_id)
                    user = db.session.get_one(PortalUser, contact.user_id)
                    documents.accept(self.document_id, contact, user, PASSWORD, "")
            case "withdraw":
                endings.withdraw(self.document_id, "Not needed")
            case "night":
                endings.end_documents(today())
            case "deliver":
                self._deliver(what)
            case _:
                with acting_for(self.organisation_id):
                    period = db.session.get_one(PaymentPeriod, self.council.period_id)
                    send(db.session.get_one(Contact, self.contact_id), period)

    def _confirm(self, change: changes.AgreementChange) -> None:
        first, second = (db.session.get_one(PortalUser, each) for each in self.council.officer_ids)
        proposal = changes.propose(change, first)
        desk.confirm(proposal.id, second, [each["code"] for each in proposal.unusual])

    def _deliver(self, monday: date) -> None:
        figures = tuple(f"{units}" for units in self.account.figures(monday))
        with acting_for(self.organisation_id):
            save_week(monday, [Entry(self.line_id, figures, "LONGER")], None, confirm=True)

    def _note(self, name: str, what: Any) -> None:
        own = self.account
        match name:
            case "rate":
                own.write(what[0], what[1], own.rates, own.rate_starts)
            case "plan":
                own.write(what[0], self._units(what[1]), own.plans, own.plan_starts)
            case "end":
                own.end = what
            case "accept":
                own.state = DocumentState.ACCEPTED
            case "withdraw":
                own.state = DocumentState.WITHDRAWN
            case "night" if own.state is DocumentState.ACCEPTED and own.end and own.end < today():
                own.state = DocumentState.ENDED
            case "deliver" | "invoice":
                self._note_weeks(what)
                if name == "invoice":  # an invoice takes back what another rate makes untrue
                    own.invoiced = {
                        monday: (planned, own.amount(monday)) for monday, (planned, _) in own.invoiced.items()
                    }
        if name in ("rate", "plan", "end", "new version"):
            own.publish()

    def _note_weeks(self, delivered: date | None) -> None:
        own = self.account
        for monday, actual in self._stored().items():
            if monday == delivered and monday not in own.invoiced:
                own.delivered[monday] = own.figures(monday)
            if actual.state is ActualState.INVOICED and monday not in own.invoiced:
                own.invoiced[monday] = own.planned(monday), own.amount(monday)

    def _stored(self) -> dict[date, Actual]:
        found = select(Actual).where(Actual.line_item_id == self.line_id).execution_options(populate_existing=True)
        return {each.week_starting: each for each in db.session.scalars(found)}

    def compare(self) -> None:
        """Fail where the portal says anything else than the account, or a week of care is not to be seen."""
        db.session.expire_all()
        own, line = self.account, db.session.get_one(LineItem, self.line_id)
        assert (line.document.version, line.document.state, line.end) == (own.version, own.state, own.end)
        for day in DAYS:
            quantity = own.quantity(day)
            assert plan_of_day(line.plan, day) == (quantity / 7 if own.weekly else quantity), day
            if day >= START:
                assert line.rate_on(day) == own.rates[day], day
        for monday, actual in self._stored().items():
            planned, _ = own.invoiced.get(monday, (own.planned(monday), None))
            assert actual.planned == planned, monday
            assert actual.delivered == sum(own.delivered[monday], Decimal(0)), monday
        assert {monday: amount for monday, (_, amount) in own.invoiced.items()} == self._invoiced()
        for monday in MONDAYS:
            assert plan_of_week(line.plan, monday) == own.planned(monday)

    def _invoiced(self) -> dict[date, Decimal]:
        sums: dict[date, Decimal] = {}
        for each in db.session.scalars(select(InvoiceLine).where(InvoiceLine.line_item_id == self.line_id)):
            sums[each.week_starting] = sums.get(each.week_starting, Decimal(0)) + each.net
        return sums

    def compare_pages(self) -> None:
        """Fail where a week that holds care is not to be seen."""
        cared = {monday for monday, typed in self.account.delivered.items() if any(typed)}
        with acting_for(self.organisation_id):
            sheet = {stored.week for stored in read_weeks(MONDAYS) if stored.line.id == self.line_id}
            assert cared <= sheet, "gone from Actuals"
            assert cared <= {week.monday for week in line_life(self.line_id).all_weeks}, "gone from the line's page"


@dataclass(frozen=True)
class Council:
    """What all stories share, by id: hypothesis prints it after a session is over."""

    period_id: int
    officer_ids: tuple[int, int]
    password: str


@pytest.fixture
def council(world: World) -> Council:
    officers = world.officer("Service Brokerage").id, world.officer("Service Brokerage").id
    return Council(world.period().id, officers, hash_password(PASSWORD))


@pytest.mark.timeout(600)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(
    weekly=True,
    steps=[
        ("deliver", MONDAYS[2]), ("plan", (MONDAYS[2] + DAY, [Decimal("0.25"), *[Decimal(0)] * 6])),
        ("deliver", MONDAYS[2]),
    ],
)  # fmt: skip
@given(weekly=st.booleans(), steps=st.lists(STEPS, min_size=2, max_size=8))
@example(
    weekly=False,
    steps=[
        ("rate", (MONDAYS[1] + 2 * DAY, Decimal("20.25"))), ("deliver", MONDAYS[1]), ("deliver", MONDAYS[2]),
        ("invoice", None), ("plan", (MONDAYS[1] + 4 * DAY, [Decimal(2)] * 7)), ("end", MONDAYS[3] + DAY),
        ("rate", (START, Decimal(19))), ("deliver", MONDAYS[3]), ("invoice", None),
    ],
)  # fmt: skip
def test_plan_and_rate_of_every_day_and_what_was_invoiced_stay_right(
    world: World, council: Council, weekly: bool, steps: list[Step]
) -> None:
    # A provider of its own for each story: weeks, invoices and their versions are never deleted.
    organisation = world.organisation()
    contact = world.contact(organisation)
    assert contact.user
    contact.user.password = council.password
    db.session.commit()
    life = Life(world.line(organisation, weekly="5.50" if weekly else None), contact, council)
    life.compare()
    for step in steps:
        life.do(step)
        life.compare()
    life.compare_pages()
    assert check_money() == []
    db.session.rollback()
