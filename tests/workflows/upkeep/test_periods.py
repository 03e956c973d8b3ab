"""Payment periods are there before they are needed."""

from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import select

from models import PaymentPeriod, db
from tests.support.world import World
from workflows.upkeep.periods import keep_periods

TODAY = date(2017, 11, 20)


def _periods() -> list[PaymentPeriod]:
    return list(db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.start)))


def test_the_current_and_the_next_thirteen_periods_exist_and_tile_the_calendar(world: World) -> None:
    assert keep_periods(TODAY) == 14
    periods = _periods()
    assert [period.number for period in periods] == list(range(1, 15))
    assert periods[0].start == date(2017, 11, 13)
    assert all(later.start == earlier.end + timedelta(days=1) for earlier, later in pairwise(periods))
    assert periods[0].submit_by == periods[0].end + timedelta(days=15)


def test_periods_are_there_back_to_the_first_care_but_not_before_the_portal_began(world: World) -> None:
    world.line(world.organisation(), start=date(1996, 4, 1))
    keep_periods(TODAY)
    assert _periods()[0].start == date(2017, 10, 16)


def test_care_that_begins_later_needs_no_earlier_periods(world: World) -> None:
    world.line(world.organisation(), start=date(2018, 3, 1))
    keep_periods(TODAY)
    assert _periods()[0].start == date(2017, 11, 13)


def test_a_deadline_that_staff_moved_stays(world: World) -> None:
    keep_periods(TODAY)
    moved = _periods()[0]
    moved.submit_by += timedelta(days=9)
    db.session.commit()
    assert keep_periods(TODAY) == 0
    assert _periods()[0].submit_by == date(2018, 1, 3)


def test_the_days_of_a_period_that_staff_made_longer_are_in_no_second_period(world: World) -> None:
    keep_periods(TODAY)
    last = _periods()[-1]
    last.end += timedelta(days=7)
    for name in ("submit_by", "finalise_on", "pay_on"):
        setattr(last, name, getattr(last, name) + timedelta(days=7))
    db.session.commit()
    assert keep_periods(TODAY + timedelta(days=28)) == 0
    assert keep_periods(TODAY + timedelta(days=56)) == 1


def test_a_later_day_adds_only_what_is_new(world: World) -> None:
    keep_periods(TODAY)
    assert keep_periods(TODAY + timedelta(days=28)) == 1
