"""Why a scheduled payment is not what the last one was, as its provider reads it."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import update

from models import Hold, LineItem, PaymentPeriod, db
from tests.support.worlds.scheduled import FINALISED, NEXT_FINALISED, CareHome, payment_of
from tests.support.worlds.world import START, World
from workflows.scheduled.changes import changes_since
from workflows.scheduled.prepare import prepare_due
from workflows.scheduled.read import payment_sheet

NOV_6 = date(2017, 11, 6)


def why(period: PaymentPeriod) -> tuple[str, ...]:
    """What is said of the one line that changed in the payment of a period."""
    (change,) = changes_since(payment_sheet(payment_of(period).id))
    assert change.difference
    return change.why


def holds_end(_home: CareHome, _line: LineItem) -> None:
    db.session.execute(update(Hold).values(end=START))
    db.session.commit()


def rate_since_last_period(home: CareHome, line: LineItem) -> None:
    home.change_rate(line, "770.00", NOV_6)


def held(home: CareHome, line: LineItem) -> None:
    home.hold(line)


@pytest.mark.parametrize(
    ("on_hold", "change", "expected"),
    [
        (True, holds_end, ("4 earlier weeks paid now: £2,993.48",)),
        (
            False,
            rate_since_last_period,
            (
                "£770.00 a week from the week of 13 Nov, was £748.37",
                "Corrections of earlier weeks: +£21.63",
            ),
        ),
        (False, held, ("£2,993.48 kept back. Payment is on hold: Safeguarding",)),
    ],
    ids=["hold that ended", "rate of an earlier week", "hold"],
)
def test_the_next_payment_says_what_is_of_earlier_weeks_and_what_is_kept_back(
    world: World, on_hold: bool, change: Callable[[CareHome, LineItem], None], expected: tuple[str, ...]
) -> None:
    home = CareHome(world)
    line = home.line()
    if on_hold:
        home.hold(line)
    prepare_due(FINALISED)
    change(home, line)
    prepare_due(NEXT_FINALISED)
    assert why(home.second) == expected


def test_the_payment_after_one_with_earlier_weeks_says_that_they_were_in_it(world: World) -> None:
    home = CareHome(world)
    line = home.line()
    prepare_due(FINALISED)
    rate_since_last_period(home, line)
    prepare_due(NEXT_FINALISED)
    third = world.period(2)
    prepare_due(third.finalise_on)
    assert why(third) == ("Last time held +£21.63 for weeks before it",)
