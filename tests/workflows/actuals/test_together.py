"""All weeks that nobody has started are confirmed together, and that is undone until they are invoiced."""

from datetime import date
from decimal import Decimal

import pytest

from models import Actual, LineItem, Organisation, acting_for, db
from rules.refusal import Refused
from rules.states import ActualState
from tests.support.pages.actuals_page import stored_weeks
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, OCT_16
from tests.support.worlds.world import World
from workflows.actuals.history import week_history
from workflows.actuals.period import period_weeks
from workflows.actuals.save import Entry, save_week
from workflows.actuals.sheet import sheet
from workflows.actuals.together import batches, confirm_together, foresee, undo

WEEKS = [OCT_16, date(2017, 10, 23), date(2017, 10, 30), NOV_6]


@pytest.fixture
def organisation(world: World) -> Organisation:
    world.period()
    return world.organisation()


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    """A line of an hour a day, and one of four hours a week, both at £19.68."""
    return [world.line(organisation), world.line(organisation, weekly="4")]


def _confirm() -> None:
    confirm_together(WEEKS, None, foresee(WEEKS).seen)


def test_the_check_says_how_many_lines_of_which_weeks_and_how_many_pounds(
    organisation: Organisation, lines: list[LineItem]
) -> None:
    with acting_for(organisation.id):
        save_week(NOV_6, [Entry(lines[0].id, ("0.5", *["1"] * 6))], None)
        found = foresee(WEEKS)
    assert [(week.monday, week.lines, str(week.pounds)) for week in found.weeks] == [
        *((week, 2, "216.48") for week in WEEKS[:3]),
        (NOV_6, 1, "78.72"),
    ]
    assert (found.lines, str(found.pounds)) == (7, "728.16")


def test_what_is_confirmed_is_what_was_seen(organisation: Organisation, lines: list[LineItem]) -> None:
    with acting_for(organisation.id):
        seen = foresee(WEEKS).seen
        save_week(NOV_6, [Entry(lines[0].id, ("0.5", *["1"] * 6))], None)
        with pytest.raises(Refused, match="has changed since"):
            confirm_together(WEEKS, None, seen)
        assert [actual.state for actual in stored_weeks()] == [ActualState.DRAFT]


def test_a_batch_is_written_in_one_statement_and_undone_in_one(
    organisation: Organisation, lines: list[LineItem]
) -> None:
    with acting_for(organisation.id):
        with Queries() as confirmed:
            _confirm()
        (batch,) = batches(WEEKS)
        with Queries() as undone:
            undo(batch.at, None)
    for queries in (confirmed, undone):
        assert sum(query.startswith("INSERT INTO actual ") for query in queries) == 1
    assert (batch.confirmed, batch.open, batch.weeks) == (8, 8, WEEKS)


def test_undoing_leaves_the_weeks_as_if_nobody_had_started_them(
    organisation: Organisation, lines: list[LineItem]
) -> None:
    with acting_for(organisation.id):
        before = foresee(WEEKS), [row._replace(seen="") for row in sheet(NOV_6).rows]
        _confirm()
        assert (foresee(WEEKS).lines, period_weeks(NOV_6).confirmed) == (0, 8)
        done = undo(batches(WEEKS)[0].at, None)
        assert (done.weeks, done.left) == (8, [])
        assert (foresee(WEEKS), [row._replace(seen="") for row in sheet(NOV_6).rows]) == before
        assert period_weeks(NOV_6).untouched == WEEKS
        assert batches(WEEKS) == []
        versions = week_history(lines[0].id, NOV_6).versions
        assert [version.source for version in versions] == [Actual.UNDONE, Actual.TOGETHER]
        # And once more.
        _confirm()
        assert [batch.open for batch in batches(WEEKS)] == [8]


def test_a_week_that_somebody_changed_or_that_is_invoiced_is_left_and_named(
    organisation: Organisation, lines: list[LineItem]
) -> None:
    with acting_for(organisation.id):
        _confirm()
        (batch,) = batches(WEEKS)
        changed = Entry(lines[0].id, ("0.5", *["1"] * 6), "SHORTER")
        save_week(OCT_16, [changed], None, confirm=True)
        world_week = next(week for week in stored_weeks() if week.line_item_id == lines[1].id)
        world_week.state = ActualState.INVOICED
        db.session.commit()
        assert [(each.confirmed, each.open) for each in batches(WEEKS)] == [(8, 6)]
        done = undo(batch.at, None)
    assert done.weeks == 6
    assert [(each.reference, each.week, each.why) for each in done.left] == [
        (lines[0].reference, OCT_16, "somebody changed it since"),
        (lines[1].reference, world_week.week_starting, "it is invoiced"),
    ]
    assert [actual.delivered for actual in stored_weeks() if actual.state is ActualState.CONFIRMED] == [Decimal("6.50")]


def test_nobody_undoes_what_another_organisation_confirmed(
    world: World, organisation: Organisation, lines: list[LineItem]
) -> None:
    with acting_for(organisation.id):
        _confirm()
        (batch,) = batches(WEEKS)
    with acting_for(world.organisation("Broadland Care Ltd").id):
        assert batches(WEEKS) == []
        assert undo(batch.at, None).weeks == 0
    assert {actual.state for actual in stored_weeks()} == {ActualState.CONFIRMED}
