"""A setting that changes from a past day: what it touches is judged again, whatever was stored before."""

from datetime import date, time
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import (
    AbortedVisit,
    AbsenceClaim,
    Actual,
    ActualVersion,
    ExceptionCheck,
    LineItem,
    Organisation,
    PortalUser,
    Proposal,
    acting_for,
    db,
)
from rules.aborted_visit import VisitEntry
from rules.agreement_states import DocumentState, ProposalKind
from rules.invoice import OVER_LEVEL
from rules.states import ActualState, Decision, PolicyScope
from tests.support.queries import Queries
from tests.support.worlds.claims import make
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record
from workflows.absences import decide as decisions
from workflows.actuals.history import week_history
from workflows.confirm import desk
from workflows.confirm.policy_values import NewValue, effect_of_value, value_change
from workflows.exceptions.queue import waiting_weeks
from workflows.invoices.preview import preview

EIGHT = ("2", "1", "1", "1", "1", "1", "1")
SIX = ("0", "1", "1", "1", "1", "1", "1")


class Council:
    """Two administrators who change settings, and a provider with one line of an hour a day."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.line: LineItem = world.line(self.organisation)
        self.officers: list[PortalUser] = [
            world.officer("Administrator", f"{name}@council.example") for name in ("helen", "olive")
        ]

    def change(
        self,
        name: str,
        value: str,
        start: date = OCT_16,
        scope_id: int | None = None,
        scope: PolicyScope = PolicyScope.ORGANISATION,
    ) -> None:
        scope = PolicyScope.COUNCIL if scope_id is None else scope
        change = value_change(NewValue(name, value, scope, scope_id, start, "Agreed by cabinet"))
        proposal = desk.submit(change, self.officers[0], [each.code for each in change.unusual])
        desk.confirm(proposal.id, self.officers[1], [each.code for each in change.unusual])

    def check(self) -> ExceptionCheck:
        found: ExceptionCheck = db.session.scalars(
            select(ExceptionCheck).execution_options(populate_existing=True)
        ).one()
        return found

    def week(self) -> Actual:
        found: Actual = db.session.scalars(select(Actual).execution_options(populate_existing=True)).one()
        return found

    def aborted(self) -> None:
        """An aborted visit of an hour on the first Monday: half an hour is payable."""
        entry = VisitEntry(self.line.id, OCT_16, time(9), 60, None, None, 0, "", "NO_REPLY", "")
        with acting_for(self.organisation.id):
            record(entry, None, correct=True)


@pytest.fixture
def council(world: World) -> Council:
    return Council(world)


@pytest.mark.parametrize(("name", "value"), [("exception_units", "0.50"), ("extras_allowed", "no")])
def test_a_week_over_a_level_lowered_from_a_past_day_waits_for_service_brokerage(
    council: Council, name: str, value: str
) -> None:
    actual = week(council.line, OCT_16, EIGHT)
    assert waiting_weeks(1, 10).rows == []
    council.change(name, value)
    (held,) = waiting_weeks(1, 10).rows
    assert (held.actual.id, held.check.claimed) == (actual.id, Decimal(8))
    left_out = {each.week: each.why for each in preview(council.organisation.id, council.world.period()).left_out}
    assert left_out[OCT_16] is OVER_LEVEL
    assert "16 October 2017" in held.check.rule


def test_a_week_that_a_raised_level_lets_go_waits_no_longer(council: Council) -> None:
    week(council.line, OCT_16, ("3", *["1"] * 6))
    assert council.check().held
    council.change("exception_percent", "50")
    assert (council.check().held, council.check().percent) == (False, Decimal(50))


def test_only_weeks_from_its_day_on_and_of_those_it_is_for_are_judged_again(council: Council) -> None:
    week(council.line, OCT_16, EIGHT)
    week(council.line, OCT_23, EIGHT)
    other = council.world.organisation("Other Ltd")
    week(council.world.line(other, reference="OTHER"), OCT_23, EIGHT)
    council.change("exception_units", "0.50", OCT_23, council.organisation.id)
    assert [(each.line.id, each.actual.week_starting) for each in waiting_weeks(1, 10).rows] == [
        (council.line.id, OCT_23)
    ]


@pytest.mark.parametrize("scope", [PolicyScope.SECTOR, PolicyScope.LINE])
def test_a_value_for_a_sector_or_a_line_judges_its_weeks_alone(council: Council, scope: PolicyScope) -> None:
    sector = "Nursing" if scope is PolicyScope.SECTOR else "Home support"
    other = council.world.line(council.world.organisation("Other Ltd", sector), reference="OTHER")
    for line in (council.line, other):
        week(line, OCT_16, EIGHT)
    of = {PolicyScope.SECTOR: council.organisation.sector_id, PolicyScope.LINE: council.line.id}
    council.change("exception_units", "0.50", OCT_16, of[scope], scope)
    assert [each.line.id for each in waiting_weeks(1, 10).rows] == [council.line.id]
    of_values = select(Proposal).where(Proposal.kind == ProposalKind.POLICY_VALUE)
    rows = {row.what: row.after for row in effect_of_value(db.session.scalars(of_values).one()).rows}
    assert rows["Weeks since then that are on no invoice"] == "1"


def test_tiers_that_change_from_a_past_day_correct_the_claims_of_those_they_are_for(council: Council) -> None:
    organisations = (council.organisation, council.world.organisation("Other Ltd"))
    claims = []
    for line in (council.world.line(each, state=DocumentState.ACCEPTED) for each in organisations):
        claims.append(make(line, council.officers[0], date(2017, 11, 6), date(2017, 11, 12)).id)
        decisions.approve(claims[-1], council.officers[0])
    council.change("absence_tiers", "from day 1: 50%", NOV_6, council.organisation.id)
    corrected = db.session.scalars(select(AbsenceClaim.corrects_id).where(AbsenceClaim.corrects_id.is_not(None))).all()
    assert corrected == claims[:1]


def test_what_was_decided_or_invoiced_stands(council: Council) -> None:
    actual = week(council.line, OCT_16, ("3", *["1"] * 6))
    decided(actual.id, Decision.UP_TO, "8.50")
    council.change("exception_percent", "5")
    assert council.check().decision_id
    assert council.week().payable == Decimal("8.50")
    contact = council.world.contact(council.organisation)
    send(contact, council.world.period())
    council.change("exception_units", "0.25", OCT_16)
    assert council.check().least_units == 1


@pytest.mark.parametrize("state", [ActualState.DRAFT, ActualState.CONFIRMED])
def test_recorded_aborted_visits_are_paid_by_the_minutes_in_force_on_their_day(
    council: Council, state: ActualState
) -> None:
    week(council.line, OCT_16, SIX)
    council.aborted()
    council.week().state = state
    db.session.commit()
    council.change("aborted_minutes", "45")
    visit = db.session.scalars(select(AbortedVisit).execution_options(populate_existing=True)).one()
    assert (visit.payable, visit.rule) == (Decimal("0.75"), "AV-1 of 16 October 2017")
    assert (council.week().payable, council.week().state) == (Decimal("6.75"), state)
    assert council.check().claimed == Decimal("6.75")
    latest = db.session.scalars(select(ActualVersion).order_by(ActualVersion.version.desc())).first()
    assert latest
    assert latest.aborted_days == [Decimal("0.75"), *[Decimal(0)] * 6]
    assert latest.source == "Change of policy"


def test_the_difference_of_an_invoiced_week_with_an_aborted_visit_is_owed(council: Council) -> None:
    week(council.line, OCT_16, SIX)
    council.aborted()
    council.week().state = ActualState.CONFIRMED
    db.session.commit()
    send(council.world.contact(council.organisation), council.world.period())
    council.change("aborted_minutes", "45")
    assert council.week().state is ActualState.INVOICED
    assert week_history(council.line.id, OCT_16).waiting == Decimal("4.92")  # a quarter of an hour at £19.68


def test_visits_before_its_day_are_paid_as_they_were(council: Council) -> None:
    week(council.line, OCT_16, SIX)
    council.aborted()
    versions = len(db.session.scalars(select(ActualVersion)).all())
    council.change("aborted_minutes", "45", NOV_6)
    assert db.session.scalars(select(AbortedVisit.payable)).one() == Decimal("0.50")
    assert len(db.session.scalars(select(ActualVersion)).all()) == versions


def test_many_weeks_are_judged_in_as_many_queries_as_one(council: Council) -> None:
    counts = []
    for number in range(3):
        week(council.world.line(council.organisation, reference=f"L{number}"), OCT_16, EIGHT)
        if number in (0, 2):
            with Queries() as queries:
                council.change("exception_units", f"0.{7 - number}", date(2017, 10, 14 + number))
            counts.append(len(queries))
    assert counts[0] == counts[1], counts
