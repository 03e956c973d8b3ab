"""No care is recorded on a claimed day, and filling a week with its plan leaves the claimed days out."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Actual, ExceptionCheck, LineItem, PortalUser, UploadFinding, acting_for, db
from rules.refusal import Refused
from rules.states import AbsenceReason, ActualState
from tests.support.files.uploads import found, put_in, send
from tests.support.pages.actuals_page import stored_weeks
from tests.support.worlds.claims import entry, make, nov
from tests.support.worlds.visits import stored, visit_on
from tests.support.worlds.weeks import NOV_6, OCT_30
from tests.support.worlds.world import World
from workflows.aborted_visits.check import judge
from workflows.aborted_visits.record import record
from workflows.absences import claim as claims
from workflows.absences import decide as decisions
from workflows.actuals.save import Entry, Saved, confirm_as_planned, save_week
from workflows.actuals.sheet import sheet

PLAN = ("1.00",) * 7


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation())


@pytest.fixture
def user(world: World, line: LineItem) -> PortalUser:
    found = world.contact(line.organisation).user
    assert found
    return found


def save(line: LineItem, figures: tuple[str, ...], user: PortalUser, **more: str) -> Saved:
    with acting_for(line.organisation_id):
        return save_week(NOV_6, [Entry(line.id, figures, **more)], user, confirm=True)


def test_care_on_a_claimed_day_is_refused_at_the_day(line: LineItem, user: PortalUser) -> None:
    claim = make(line, user, nov(8), nov(9))
    (refused,) = save(line, PLAN, user).refused
    assert set(refused.messages) == {"d2", "d3"}
    assert refused.messages["d2"].startswith(f"Absence claim {claim.number} is for this day")
    saved = save(line, ("1", "1", "0", "0", "1", "1", "1"), user, reason="HOSPITAL")
    assert (saved.confirmed, stored(line).delivered) == (1, Decimal("5.00"))


def test_a_week_of_another_line_is_saved_as_ever(world: World, line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(8), nov(9))
    other = world.line(line.organisation)
    assert save(other, PLAN, user).confirmed == 1


def test_confirming_as_planned_leaves_claimed_days_out_and_says_why(line: LineItem, user: PortalUser) -> None:
    claim = make(line, user, nov(4), nov(8))
    with acting_for(line.organisation_id):
        assert confirm_as_planned([OCT_30, NOV_6], user).confirmed == 2
    weeks = [stored(line, OCT_30), stored(line, NOV_6)]
    assert [week.days for week in weeks] == [
        tuple(map(Decimal, ("1", "1", "1", "1", "1", "0", "0"))),
        tuple(map(Decimal, ("0", "0", "0", "1", "1", "1", "1"))),
    ]
    assert {(week.state, week.reason, week.comment) for week in weeks} == {
        (ActualState.CONFIRMED, "HOSPITAL", f"Absence claim {claim.number}")
    }


def test_a_week_nobody_started_is_shown_without_its_claimed_days_and_confirmed_as_shown(
    line: LineItem, user: PortalUser
) -> None:
    claim = make(line, user, nov(8), nov(9))
    with acting_for(line.organisation_id):
        (row,) = sheet(NOV_6).rows
        assert [cell.value for cell in row.cells] == ["1.00", "1.00", "0.00", "0.00", "1.00", "1.00", "1.00"]
        assert [cell.claim_id for cell in row.cells] == [0, 0, claim.id, claim.id, 0, 0, 0]
        assert (row.state, row.reason, row.comment) == ("Not started", "HOSPITAL", f"Absence claim {claim.number}")
        shown = Entry(line.id, tuple(cell.value for cell in row.cells), row.reason, row.comment, row.seen)
        assert (save_week(NOV_6, [shown], user).written, stored_weeks()) == (0, [])
        assert save_week(NOV_6, [shown], user, confirm=True).confirmed == 1
    assert stored(line).delivered == Decimal("5.00")


def test_a_claim_made_meanwhile_is_a_conflict_for_who_has_the_week_open(line: LineItem, user: PortalUser) -> None:
    with acting_for(line.organisation_id):
        (row,) = sheet(NOV_6).rows
    make(line, user, nov(8), nov(9))
    with acting_for(line.organisation_id):
        shown = Entry(line.id, tuple(cell.value for cell in row.cells), "", "", row.seen)
        (refused,) = save_week(NOV_6, [shown], user, confirm=True).refused
        assert refused.conflict
        (row,) = sheet(NOV_6, [refused]).rows
    assert [cell.theirs for cell in row.cells] == ["", "", "0.00", "0.00", "", "", ""]


def test_an_aborted_visit_starts_a_week_without_its_claimed_days(line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(8), nov(9))
    with acting_for(line.organisation_id):
        record(visit_on(line, day=nov(7)), user)
    assert stored(line).days[2:4] == (Decimal(0), Decimal(0))
    assert stored(line).reason == "HOSPITAL"


def test_the_week_of_a_holiday_says_that_the_person_was_away(line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(6), nov(12), reason=AbsenceReason.HOLIDAY)
    with acting_for(line.organisation_id):
        confirm_as_planned([NOV_6], user)
    week: Actual = stored(line)
    assert (week.delivered, week.payable, week.reason) == (Decimal(0), Decimal(0), "AWAY")


def test_a_weekly_line_is_filled_and_held_to_what_the_claim_leaves(
    world: World, line: LineItem, user: PortalUser
) -> None:
    weekly = world.line(line.organisation, weekly="10")
    claim = make(weekly, user, nov(9), nov(12))
    (refused,) = save(weekly, ("4.50",), user, reason="AWAY").refused
    assert refused.messages["total"].startswith(
        f"Absence claim {claim.number} is for 4 days of this week, which leaves 4.29 hours of its plan."
    )
    with acting_for(line.organisation_id):
        assert confirm_as_planned([NOV_6], user, only=[weekly.id]).confirmed == 1
    assert stored(weekly).delivered == Decimal("4.25")


def test_an_aborted_visit_on_a_claimed_day_is_refused(line: LineItem, user: PortalUser) -> None:
    claim = make(line, user, nov(7), nov(7))
    with acting_for(line.organisation_id):
        with pytest.raises(Refused, match=f"Absence claim {claim.number} is for this day"):
            record(visit_on(line, nov(7)), user)
        record(visit_on(line, nov(8)), user)


def test_drafts_refused_claims_and_days_after_a_part_leave_care_alone(
    world: World, line: LineItem, user: PortalUser
) -> None:
    officer = world.officer("Payments officer")
    with acting_for(line.organisation_id):
        claims.save_draft(entry(line, nov(6), nov(6)))
    decisions.refuse(make(line, user, nov(7), nov(7)).id, "At home", officer)
    decisions.approve_in_part(make(line, user, nov(9), nov(12)).id, nov(10), "", officer)
    (refused,) = save(line, PLAN, user).refused
    assert set(refused.messages) == {"d3", "d4"}


def test_a_claim_elsewhere_is_no_matter_of_this_week(line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(13), nov(14))
    assert save(line, PLAN, user).confirmed == 1


def test_a_file_with_care_on_a_claimed_day_is_told_of_it_and_the_other_days_go_in(
    line: LineItem, user: PortalUser
) -> None:
    claim = make(line, user, nov(7), nov(8))
    rows = [f"{line.reference},{day}/11/2017,1,OTHER" for day in (6, 7, 9)]
    kept = send(line.organisation, ["CPLI,Service date,Delivered units,Reason", *rows])
    assert found(kept) == [("rejected", "absence-claim", 3, "Delivered units")]
    assert db.session.scalars(select(UploadFinding.wrong)).one().startswith(f"Absence claim {claim.number}")
    put_in(line.organisation, kept)
    assert stored(line).delivered == Decimal("2.00")


def test_a_file_that_leaves_claimed_days_empty_goes_in(line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(7), nov(8))
    kept = send(
        line.organisation, ["CPLI,Service date,Delivered units,Reason", f"{line.reference},7/11/2017,0,HOSPITAL"]
    )
    assert found(kept) == []


def test_a_file_is_told_that_a_week_will_be_held_with_what_is_claimed_in_it_as_the_stored_check_says(
    line: LineItem, user: PortalUser
) -> None:
    make(line, user, nov(7), nov(8))
    rows = [
        f"{line.reference},{day}/11/2017,{units},EXTRA" for day, units in ((6, 3), (9, 1), (10, 1), (11, 1), (12, 1))
    ]
    kept = send(line.organisation, ["CPLI,Service date,Delivered units,Reason", *rows])
    assert [each[:2] for each in found(kept)] == [("warning", "over-level")]
    assert "2.00 hours over plan with 2.00 claimed for an absence, allowance 1.00. The week will be held." in (
        db.session.scalars(select(UploadFinding.wrong)).one()
    )
    put_in(line.organisation, kept)
    check = db.session.scalars(select(ExceptionCheck)).one()
    assert (check.planned, check.claimed, check.over) == (Decimal(5), Decimal(7), True)


def test_an_aborted_visit_in_a_file_is_refused_on_a_claimed_day(line: LineItem, user: PortalUser) -> None:
    make(line, user, nov(7), nov(7))
    with acting_for(line.organisation_id):
        (judged,) = judge([visit_on(line, nov(7))])
    assert [problem.field for problem in judged.problems] == ["day"]
