"""Every version of a week is priced by the aborted visits it was saved with, whatever became of them since."""

from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import ActualVersion, LineItem, Organisation, Rate, acting_for, db
from rules.aborted_visit import VisitEntry
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.aborted_visits.record import record, record_many, remove
from workflows.clock import LONDON
from workflows.weeks.corrections import VersionRow, history
from workflows.weeks.read import read_lines

SIX = ("1", "1", "1", "1", "1", "1", "0")
SUNDAY, SATURDAY = date(2017, 10, 22), date(2017, 10, 21)


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    """£19.68 until Saturday, £20.25 from Sunday."""
    found = world.line(organisation)
    world.confirmed()
    found.rates[0].end = SATURDAY
    found.rates.append(Rate(organisation=organisation, start=SUNDAY, rate=Decimal("20.2500")))
    db.session.commit()
    return found


def visit(line: LineItem, day: date = SUNDAY) -> VisitEntry:
    """An hour's visit to which nobody opened the door."""
    return VisitEntry(line.id, day, time(9), 60, None, None, 0, "", "NO_REPLY", "")


def versions(line: LineItem) -> list[VersionRow]:
    return history(read_lines()[line.id], OCT_16)[::-1]


def test_a_version_keeps_what_was_payable_for_aborted_visits_by_day(line: LineItem, organisation: Organisation) -> None:
    week(line, OCT_16, SIX)
    with acting_for(organisation.id):
        record(visit(line), None)
    kept = db.session.scalars(select(ActualVersion.aborted_days).order_by(ActualVersion.version)).all()
    assert kept == [None, [Decimal(0)] * 6 + [Decimal("0.50")]]


def test_a_version_with_a_visit_that_was_removed_since_is_still_priced(
    line: LineItem, organisation: Organisation
) -> None:
    week(line, OCT_16, SIX)
    with acting_for(organisation.id):
        recorded = record(visit(line), None)
        remove(recorded.id, None, "Recorded by mistake")
        rows = versions(line)
    # Six hours at £19.68, then half an hour of Sunday at £20.25 beside them (£10.125, rounded up), then without it.
    assert [row.amount for row in rows] == [Decimal("118.08"), Decimal("128.21"), Decimal("118.08")]


def test_as_much_payable_on_a_day_with_another_rate_is_another_version(
    line: LineItem, organisation: Organisation
) -> None:
    week(line, OCT_16, ("1", "1", "1", "1", "1", "0", "0"))
    moment = datetime(2017, 10, 19, 9, tzinfo=LONDON)
    with acting_for(organisation.id):
        entries = [visit(line), replace(visit(line, SATURDAY), told_at=moment)]
        assert not any(each.problems for each in record_many(entries, None))
        db.session.commit()
        entries = [replace(visit(line), told_at=moment), visit(line, SATURDAY)]
        record_many(entries, None)
        db.session.commit()
        amounts = [row.amount for row in versions(line)]
    # Five hours; with half an hour of Sunday at £20.25; of Saturday at £19.68.
    assert amounts == [Decimal("98.40"), Decimal("108.53"), Decimal("108.24")]
