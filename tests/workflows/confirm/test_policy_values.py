"""Policy values: proposed, confirmed by another, and never backdated by one person."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import PolicySetting, PortalUser, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.refusal import Refused
from rules.states import PolicyScope
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.confirm import desk, policy_values
from workflows.confirm.policy_values import NewValue, value_change


@pytest.fixture
def helen(world: World) -> PortalUser:
    return world.officer("Administrator", "helen@council.example")


@pytest.fixture
def olive(world: World) -> PortalUser:
    return world.officer("Administrator", "olive@council.example")


def value(value: str = "20", name: str = "exception_percent", start: date = date(2017, 12, 4)) -> NewValue:
    return NewValue(name, value, PolicyScope.COUNCIL, None, start, "Agreed")


def test_a_value_is_in_force_when_another_has_confirmed_it(world: World, helen: PortalUser, olive: PortalUser) -> None:
    proposal = desk.submit(value_change(value()), helen, ())
    assert (proposal.state, db.session.scalars(select(PolicySetting)).all()) == (ProposalState.PROPOSED, [])
    with pytest.raises(Refused, match="another officer"):
        desk.confirm(proposal.id, helen, ())
    with pytest.raises(Refused, match="waits to be confirmed"):
        value_change(value("30"))
    desk.confirm(proposal.id, olive, ())
    stored = db.session.scalars(select(PolicySetting)).one()
    assert (stored.value, stored.changed_by_id, stored.why) == ("20", helen.id, "Agreed")
    assert policy.for_council("exception_percent", date(2017, 12, 4)) == 20


def test_a_value_from_a_past_day_is_named_with_the_weeks_it_judges_and_takes_two_whatever_the_policy_says(
    world: World, helen: PortalUser, olive: PortalUser
) -> None:
    world.policy("two_officers_policy_value", "no")
    week(world.line(world.organisation()), NOV_6)
    change = value_change(value(start=NOV_6))
    assert [each.code for each in change.unusual] == ["start exception_percent"]
    proposal = desk.submit(change, helen, ["start exception_percent"])
    assert (proposal.state, proposal.officers) == (ProposalState.PROPOSED, 2)
    rows = {row.what: row[1:] for row in desk.desk_of(olive, [ProposalKind.POLICY_VALUE]).effect.rows}
    assert rows["Exception level: per cent a week may go above its plan"] == ("10", "20")
    assert rows["Weeks since then that are on no invoice"] == ("", "1")
    at_once = desk.submit(value_change(value("2", "unusual_plan_factor")), helen, ())
    assert at_once.state is ProposalState.CONFIRMED


def test_a_high_exception_level_is_unusual_and_a_value_that_has_begun_stays(world: World) -> None:
    assert [each.code for each in value_change(value("60")).unusual] == ["exception level"]
    world.policy("hour_step", "0.5")
    with pytest.raises(Refused, match="already a value"):
        value_change(value("0.25", "hour_step", date(2017, 10, 16)))
    with pytest.raises(Refused, match="number"):
        value_change(value("many"))


def test_a_value_for_one_provider_is_shown_with_its_name(world: World, helen: PortalUser) -> None:
    fenland = world.organisation()
    new = NewValue("exception_percent", "5", PolicyScope.ORGANISATION, fenland.id, date(2017, 12, 4), "Agreed")
    proposal = desk.submit(value_change(new), helen, ())
    assert policy_values.value_in(proposal.payload) == new
    assert policy_values.effect_of_value(proposal).rows[1].after == "Fenland Homecare Ltd"
    assert Decimal(policy.for_council("exception_percent")) == 10
