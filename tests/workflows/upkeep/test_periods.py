"""Payment periods are there before they are needed."""

from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import select

from models import PaymentPeriod, db
from tests.support.worlds.world import World
from workflows.upkeep.periods import keep_periods, moved_dates

TODAY = date(2017, 11, 20)


def _periods() -> list[PaymentPeriod]:
    return list(db.session.scalars(select(PaymentPeriod).order_by(PaymentPeriod.start)))


def test_the_current_and_the_next_thirteen_periods_exist_and_tile_the_calendar(world: World) -> None:
    assert keep_periods(TODAY) == 14
    periods = _periods()
    assert [period.number for period in periods] == list(range(1, 15))
    assert periods[0].start == date(2017, 11, 13)
    assert all(later.start == earlier.end + timedelta(days=1) for earlier, later in pairwise(periods))
    assert periods[1].submit_by == periods[1].end + timedelta(days=15)


def test_the_period_before_christmas_closes_and_pays_on_working_days(world: World) -> None:
    keep_periods(TODAY)
    first = _periods()[0]
    assert (first.end, first.submit_by, first.amend_by) == (date(2017, 12, 10), date(2017, 12, 27), date(2017, 12, 27))
    assert (first.finalise_on, first.pay_on) == (date(2017, 12, 28), date(2018, 1, 2))
    assert moved_dates(first) == {
        "submit_by": "moved from Monday 25 December: Christmas Day",
        "amend_by": "moved from Monday 25 December: Christmas Day",
        "pay_on": "moved from Monday 1 January: the bank needs 2 working days",
    }


def test_a_new_period_knows_when_the_council_is_closed_and_an_existing_one_keeps_its_dates(world: World) -> None:
    keep_periods(TODAY)
    before = {period.number: period.submit_by for period in _periods()}
    world.policy("closure_days", "2017-12-27, 2018-12-24, 2019-01-21")
    assert keep_periods(TODAY + timedelta(days=28)) == 1
    *existing, new = _periods()
    assert {period.number: period.submit_by for period in existing} == before
    assert (new.end, new.submit_by) == (date(2019, 1, 6), date(2019, 1, 22))
    assert moved_dates(new)["submit_by"] == "moved from Monday 21 January: closure day of the council"
    assert moved_dates(existing[0])["submit_by"] == "not a working day (closure day of the council)"


def test_payment_leaves_the_bank_as_many_working_days_as_the_council_says(world: World) -> None:
    world.policy("days_before_pay_day", "5")
    keep_periods(TODAY)
    assert (_periods()[1].finalise_on, _periods()[1].pay_on) == (date(2018, 1, 23), date(2018, 1, 30))


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
    assert _periods()[0].submit_by == date(2018, 1, 5)


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
