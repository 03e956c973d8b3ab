"""After any history of a line with absence claims, all that was paid for them is the price of what is true."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import AbsenceClaim, AbsenceClaimLine, LineItem, PolicySetting, PortalUser, db
from rules.absence_claim import ClaimedAbsence, Tiers, days_before, days_of_claim, price_claim
from rules.money import NOTHING
from rules.period import DAY
from rules.plan import PlanVersion
from rules.policy import AbsenceTier
from rules.refusal import Refused
from rules.states import ClaimState, PolicyScope
from tests.support.worlds.claims import make
from tests.support.worlds.world import START, World
from workflows import policy
from workflows.absences import decide as decisions
from workflows.absences.corrections import correct_all
from workflows.agreements import changes
from workflows.confirm import desk
from workflows.payments.money_checks import check_money

DAYS = st.integers(0, 27)
EVENTS = st.one_of(
    st.tuples(st.just("claim"), DAYS, st.integers(0, 9)),
    st.tuples(st.just("claim"), DAYS, st.integers(0, 9)),
    st.tuples(st.just("approve"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("approve"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("in part"), st.integers(0, 3), st.integers(0, 5)),
    st.tuples(st.just("refuse"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("rate"), DAYS, st.integers(18, 23)),
    st.tuples(st.just("plan"), DAYS, st.integers(1, 3)),
    st.tuples(st.just("tier"), DAYS, st.integers(2, 9)),
)
ALL, NONE = AbsenceTier(1, Decimal(100)), Decimal(0)


class _Story:
    """A line of a provider of its own, its claims, and who decides."""

    def __init__(self, world: World, *, weekly: bool) -> None:
        organisation = world.organisation("Away Ltd")
        line = world.line(organisation, rate="20.0025", weekly="9.50" if weekly else None)
        user = world.contact(organisation, email=f"away{organisation.id}@provider.example").user
        assert user
        self.line_id, self.user_id = line.id, user.id
        self.officer_ids = [_officer(world, name).id for name in ("carol", "ruth")]
        self.tiers: list[tuple[date, int]] = []

    def _line(self) -> LineItem:
        found: LineItem = db.session.get_one(LineItem, self.line_id, populate_existing=True)
        return found

    def officer(self, which: int) -> PortalUser:
        found: PortalUser = db.session.get_one(PortalUser, self.officer_ids[which])
        return found

    def happens(self, what: str, one: int, two: int) -> None:
        day = START + timedelta(days=one)
        try:
            if what == "claim":
                make(self._line(), db.session.get_one(PortalUser, self.user_id), day, day + two * DAY)
            elif what in ("rate", "plan"):
                self._change(what, day, two)
            elif what == "tier":
                self._tier(day, two)
            else:
                self._decide(what, one, two)
        except Refused:
            db.session.rollback()

    def _decide(self, what: str, which: int, days: int) -> None:
        waiting = self.claims(ClaimState.SUBMITTED)
        if not waiting:
            return
        claim = waiting[which % len(waiting)]
        if what == "approve":
            decisions.approve(claim.id, self.officer(0))
        elif what == "refuse":
            decisions.refuse(claim.id, "At home", self.officer(0))
        else:
            decisions.approve_in_part(claim.id, claim.first_day + days * DAY, "", self.officer(0))

    def _change(self, what: str, day: date, figure: int) -> None:
        if what == "rate":
            change = changes.rate_change(self.line_id, day, Decimal(figure), "Agreed")
        else:
            version = PlanVersion(day, (Decimal(figure),) * 7, NOTHING)
            if self._line().plan.kind == "WEEKLY":
                version = PlanVersion(day, (NOTHING,) * 7, Decimal(figure))
            change = changes.plan_change(self.line_id, version, "Review")
        proposal = changes.propose(change, self.officer(0))
        desk.confirm(proposal.id, self.officer(1), [each["code"] for each in proposal.unusual])

    def _tier(self, day: date, until: int) -> None:
        if day in {each for each, _ in self.tiers}:
            return
        value = f"from day 1: 100%, from day {until}: 0%"
        setting = PolicySetting(
            name="absence_tiers", value=value, scope=PolicyScope.LINE, scope_id=self.line_id, valid_from=day
        )
        db.session.add(setting)
        db.session.commit()
        self.tiers.append((day, until))
        policy.forget()

    def claims(self, *states: ClaimState) -> list[AbsenceClaim]:
        own = select(AbsenceClaim).where(AbsenceClaim.line_item_id == self.line_id, AbsenceClaim.state.in_(states))
        own = own.where(AbsenceClaim.corrects_id.is_(None)).order_by(AbsenceClaim.id)
        return list(db.session.scalars(own.execution_options(populate_existing=True)))

    def tiers_on(self, day: date) -> Tiers:
        of_day = max(((since, until) for since, until in self.tiers if since <= day), default=(START, 8))
        return Tiers((ALL, AbsenceTier(of_day[1], NONE)), "AB-1")

    def true(self) -> Decimal:
        line = self._line()
        sent = {
            claim.id: ClaimedAbsence(claim.first_day, claim.until, claim.submitted_at, claim.decided_at)
            for claim in self.claims(ClaimState.SUBMITTED, ClaimState.APPROVED, ClaimState.IN_PART)
        }
        total = NOTHING
        for claim in self.claims(ClaimState.APPROVED, ClaimState.IN_PART):
            before = days_before(sent[claim.id], [each for key, each in sent.items() if key != claim.id])
            days = (claim.first_day, claim.until)
            priced = price_claim(days_of_claim(line.plan, line.rate_versions, days, self.tiers_on, before))
            total += sum((each.net for each in priced), NOTHING)
        return total

    def paid(self) -> Decimal:
        lines = select(AbsenceClaimLine.net).join(AbsenceClaim, AbsenceClaim.id == AbsenceClaimLine.absence_claim_id)
        return sum(db.session.scalars(lines.where(AbsenceClaim.line_item_id == self.line_id)), NOTHING)


def _officer(world: World, name: str) -> PortalUser:
    email = f"{name}@council.example"
    there = db.session.scalar(select(PortalUser).where(PortalUser.username == email))
    return there or world.officer("Service Brokerage", email)


@pytest.mark.timeout(1200)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.booleans(), st.lists(EVENTS, min_size=6, max_size=14))
def test_all_that_was_paid_for_absences_is_the_price_of_what_is_true_at_the_end(
    world: World, weekly: bool, history: list[tuple[str, int, int]]
) -> None:
    db.session.rollback()
    policy.forget()
    story = _Story(world, weekly=weekly)
    for event in history:
        story.happens(*event)
    correct_all()
    assert story.paid() == story.true()
    assert correct_all() == 0
    assert check_money() == []
