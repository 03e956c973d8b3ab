"""Whatever is recorded, taken back and saved, in any order: a week's figures follow from its parts (rules.md 3)."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from models import AbortedVisit, Actual, ExceptionCheck, LineItem, Organisation, acting_for, db
from rules.actual import derive
from rules.exception import is_over
from rules.money import NOTHING
from rules.plan import plan_of_week
from rules.refusal import Refused
from rules.states import ActualState, Unit
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World
from workflows.aborted_visits.record import VisitEntry, record, record_many, remove
from workflows.actuals.save import Entry, confirm_as_planned, save_week
from workflows.weeks.level import level_of

Step = tuple[str, Any]

SATURDAY = datetime(2017, 11, 4, tzinfo=UTC)
VISITS = st.fixed_dictionaries({
    "day": st.integers(0, 6).map(lambda index: NOV_6 + timedelta(days=index)),
    "planned_start": st.integers(7, 10).map(time),
    "planned_minutes": st.sampled_from([10, 20, 30, 45, 60, 90]),
    "told_at": st.none() | st.integers(0, 72).map(lambda hour: SATURDAY + timedelta(hours=hour)),
})  # fmt: skip
QUARTERS = st.integers(0, 9).map(lambda count: f"{Decimal(count) / 4:.2f}")
FIGURES = st.lists(QUARTERS, min_size=7, max_size=7).map(tuple)
STEPS = st.one_of(
    st.tuples(st.just("record"), st.tuples(VISITS, st.booleans())),
    st.tuples(st.just("upload"), st.lists(VISITS, max_size=4)),
    st.tuples(st.just("remove"), st.integers(0, 5)),
    st.tuples(st.just("save"), st.tuples(FIGURES, st.booleans())),
    st.tuples(st.just("as planned"), st.none()),
)


class Desk:
    """Somebody at one week of one line, to whom a refusal is an answer like any other."""

    def __init__(self, line: LineItem) -> None:
        self.line_id, self.weekly = line.id, bool(line.plans[0].weekly_quantity)

    def do(self, step: Step) -> None:
        name, what = step
        try:
            match name:
                case "record":
                    record(self._entry(what[0]), None, take_off=what[1])
                case "upload":
                    record_many([self._entry(each) for each in what], None)
                    db.session.commit()
                case "remove":
                    own = select(AbortedVisit.id).where(AbortedVisit.line_item_id == self.line_id)
                    there = db.session.scalars(own.order_by(AbortedVisit.id)).all()
                    if there:
                        remove(there[what % len(there)], None, "Typed twice")
                case "save":
                    figures = what[0][:1] if self.weekly else what[0]
                    save_week(NOV_6, [Entry(self.line_id, figures, "LONGER")], None, confirm=what[1])
                case _:
                    confirm_as_planned([NOV_6], None)
        except Refused:
            db.session.rollback()

    def _entry(self, values: dict[str, Any]) -> VisitEntry:
        return VisitEntry(line_id=self.line_id, reason="NO_REPLY", **values)


@pytest.fixture
def organisation(world: World) -> Organisation:
    world.period()
    return world.organisation()


def line_of(world: World, organisation: Organisation, kind: str) -> LineItem:
    """A line of its own for each story: weeks and their versions are never deleted."""
    match kind:
        case "by day":
            return world.line(organisation, ("1", "1.5", "0", "2", "1", "1", "0.25"))
        case "by week":
            return world.line(organisation, weekly="5.50")
        case _:
            return world.line(organisation, ("1", "2", "0", "3", "1", "1", "1"), unit=Unit.SESSION)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["by day", "by week", "in sessions"]), steps=st.lists(STEPS, min_size=1, max_size=8))
def test_the_figures_of_a_week_follow_from_its_parts(
    world: World, organisation: Organisation, kind: str, steps: list[Step]
) -> None:
    line = line_of(world, organisation, kind)
    organisation_id = line.organisation_id
    with acting_for(organisation_id):
        desk = Desk(line)
        for step in steps:
            desk.do(step)
            assert_follows(line)
    db.session.rollback()


def assert_follows(line: LineItem) -> None:
    """Compare what is stored of the line's week with what the rules make of its parts."""
    afresh = {"populate_existing": True}
    of_line = select(AbortedVisit).where(AbortedVisit.line_item_id == line.id)
    visits = db.session.scalars(of_line.execution_options(**afresh)).all()
    week = select(Actual).where(Actual.line_item_id == line.id)
    actual = db.session.scalars(week.execution_options(**afresh)).one_or_none()
    assert actual or not visits
    if actual is None:
        return
    planned, delivered = plan_of_week(line.plan, NOV_6), actual.delivered
    derived = derive(
        planned,
        delivered,
        sum((visit.planned_units for visit in visits), NOTHING),
        sum((visit.payable for visit in visits), NOTHING),
    )
    assert {name: getattr(actual, name) for name in derived._fields} == derived._asdict()
    if not line.plans[0].weekly_quantity:
        assert sum(actual.days) == delivered
    if actual.state is ActualState.CONFIRMED:
        assert actual.reason or delivered + derived.aborted == planned
    checked = select(ExceptionCheck).where(ExceptionCheck.actual_id == actual.id)
    check = db.session.scalars(checked.execution_options(**afresh)).one()
    level = level_of(line, NOV_6).level
    assert (check.planned, check.claimed, check.over) == (
        planned, derived.payable, is_over(planned, derived.payable, level),
    )  # fmt: skip
