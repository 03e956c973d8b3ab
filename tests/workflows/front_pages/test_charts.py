"""The charts of Today: each figure is that of the records it is made of, and stays for ten minutes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from models import LineItem, db
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, send, week
from tests.support.worlds.world import World
from views.front_pages.charts import drawn
from workflows.front_pages.charts import Spend, charts


def test_weeks_confirmed_are_counted_by_day_beside_those_there_are_to_confirm(world: World, line: LineItem) -> None:
    period = world.period()
    week(line, NOV_6).confirmed_at = datetime(2017, 11, 18, 23, 30, tzinfo=UTC)
    db.session.commit()
    found = charts(period)
    assert found.submitted
    assert (found.submitted.start, found.submitted.end, found.submitted.expected) == (period.start, period.end, 4)
    assert [count for _, count in found.submitted.by_day] == [0, 0, 0, 0, 1, 1, 1]
    [chart] = drawn(found)
    assert chart.rows[-1] == ("20 November", [(1, "25%, 1 of 4")])


def test_held_weeks_are_counted_by_their_reason(world: World, line: LineItem) -> None:
    week(line, NOV_6, "12")
    assert charts(None).held == [("An extra visit was needed", 1)]


def test_spend_is_that_of_the_periods_paid_last_by_element(world: World, line: LineItem) -> None:
    period = world.period()
    week(line, NOV_6)
    send(world.contact(line.organisation), period)
    assert charts(None).spend == []
    world.app.config["PORTAL_TODAY"] = "2017-12-20"
    found = charts(None)
    assert found.spend == [Spend(line.element.name, Decimal("137.76"), Decimal(0))]
    assert found.paid == [(period.start, period.end)]
    assert [chart.rows for chart in drawn(found)] == [[(line.element.name, [(Decimal("137.76"), "£137.76")])]]


def test_what_was_drawn_stays_for_ten_minutes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(world.app.config, "CHARTS_LAST", timedelta(minutes=10))
    charts(None)
    with Queries() as queries:
        charts(None)
    assert queries == []
