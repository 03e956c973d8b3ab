"""Days that follow one another are one absence in however many claims, and count against the level of their week."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from models import ExceptionCheck, LineItem, PortalUser, acting_for, db
from tests.support.worlds.claims import entry, make, nov, stored
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import NOV_6, week
from tests.support.worlds.world import World
from workflows.absences import claim as claims
from workflows.absences import decide as decisions
from workflows.actuals.save import save_week
from workflows.exceptions.queue import waiting_weeks
from workflows.weeks.entry import Entry


def net(line: LineItem, first: int, last: int) -> Decimal:
    """What a claim of these days of November would come to."""
    with acting_for(line.organisation_id):
        return claims.foresee(entry(line, nov(first), nov(last))).net


@pytest.mark.parametrize("far", ["submitted", "approved", "approved in part", "paid"])
def test_the_count_of_days_goes_on_from_an_earlier_claim(
    line: LineItem, user: PortalUser, officer: PortalUser, far: str
) -> None:
    part = far == "approved in part"
    claim = make(line, user, nov(2), nov(7) if part else nov(6))
    if part:
        decisions.approve_in_part(claim.id, nov(6), "Home on the 7th", officer)
    elif far != "submitted":
        decisions.approve(claim.id, officer)
    assert net(line, 7, 12) == Decimal("40.00")  # days 6 and 7 of eleven
    assert net(line, 8, 13) == Decimal("120.00")  # a day at home between: another absence


def test_a_refused_claim_and_a_draft_count_nothing(line: LineItem, user: PortalUser, officer: PortalUser) -> None:
    decisions.refuse(make(line, user, nov(2), nov(6)).id, "At home", officer)
    with acting_for(line.organisation_id):
        claims.save_draft(entry(line, nov(1), nov(6)))
    assert net(line, 7, 13) == Decimal("140.00")


def test_a_claim_is_decided_by_the_whole_absence_though_its_first_days_were_claimed_later(
    line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    later = make(line, user, nov(7), nov(12))
    assert later.claimed_net == Decimal("120.00")
    earlier = make(line, user, nov(2), nov(6))
    decisions.approve(earlier.id, officer)
    decisions.approve(later.id, officer)
    assert [stored(each).net for each in (earlier.id, later.id)] == [Decimal("100.00"), Decimal("40.00")]


def test_an_absence_is_paid_once_though_its_first_days_were_claimed_after_the_later_were_decided(
    line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    decisions.approve(make(line, user, nov(6), nov(10)).id, officer)
    earlier = make(line, user, nov(1), nov(5))
    assert earlier.claimed_net == Decimal("40.00")  # five days were paid, so these are days 6 to 10
    decisions.approve(earlier.id, officer)
    assert net(line, 11, 13) == 0


def test_units_of_a_claim_have_six_places(world: World, user: PortalUser) -> None:
    weekly = world.line(world.organisation("Weekly Ltd"), weekly="10.00")
    contact = world.contact(weekly.organisation, email="weekly@provider.example")
    assert contact.user
    assert make(weekly, contact.user, nov(8), nov(10)).units == Decimal("4.285714")


def test_claimed_units_count_against_the_level_of_their_week(line: LineItem, user: PortalUser) -> None:
    # Eight hours on five days, an hour above plan, is allowed; with two days claimed it is three hours above.
    week(line, NOV_6, ("4", "1", "1", "1", "1", "0", "0"))
    assert waiting_weeks(1, 10).rows == []
    make(line, user, nov(11), nov(12))
    (held,) = waiting_weeks(1, 10).rows
    assert (held.check.planned, held.check.claimed, held.above) == (Decimal(5), Decimal(8), Decimal(3))


def test_care_saved_in_a_week_with_claimed_days_is_held_against_what_is_left(
    line: LineItem, user: PortalUser, officer: PortalUser
) -> None:
    claim = make(line, user, nov(11), nov(12))
    with acting_for(line.organisation_id):
        saved = save_week(NOV_6, [Entry(line.id, ("4", "1", "1", "1", "1", "", ""), "EXTRA")], user, confirm=True)
    assert saved.held == 1
    decisions.refuse(claim.id, "At home", officer)
    assert waiting_weeks(1, 10).rows == []


def test_a_claim_voids_what_was_decided_before_about_more_of_the_plan(line: LineItem, user: PortalUser) -> None:
    actual = week(line, NOV_6, ("5", "1", "1", "1", "1", "0", "0"))
    decided(actual.id)
    make(line, user, nov(11), nov(12))
    check = db.session.scalars(select(ExceptionCheck).execution_options(populate_existing=True)).one()
    assert (check.decision_id, check.held) == (None, True)
