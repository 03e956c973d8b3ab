"""One line item as its provider sees it: its whole life, and why something of it is not paid."""

from datetime import date
from decimal import Decimal

import pytest

from models import Actual, Hold, LineItem, Plan, Rate, acting_for, db
from rules.agreement_states import DocumentState
from rules.period import DAY
from rules.refusal import Unknown
from rules.states import ActualState, PaymentMethod, ScheduledState
from rules.week_stand import WeekStand
from tests.support.worlds.scheduled import (
    FINALISED,
    NEXT_FINALISED,
    NEXT_PREVIEWED,
    PREVIEWED,
    CareHome,
    payment_of,
)
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World
from workflows.contracts.line_life import LineLife, line_life
from workflows.scheduled.prepare import prepare_due

OCT_16, OCT_23 = date(2017, 10, 16), date(2017, 10, 23)
WEEK = ["1"] * 7


def life(line: LineItem, page: int = 1) -> LineLife:
    with acting_for(line.organisation_id):
        return line_life(line.id, page)


def stands(line: LineItem) -> dict[str, WeekStand]:
    return {f"{each.monday}": each.stand for each in life(line).weeks}


def confirmed(line: LineItem, monday: date = OCT_23) -> Actual:
    actual = week(line, monday, WEEK)
    db.session.commit()
    return actual


def test_each_week_says_where_it_stands_the_newest_first(world: World) -> None:
    line = world.line(world.organisation())
    confirmed(line)
    found = stands(line)
    assert list(found) == ["2017-11-20", "2017-11-13", "2017-11-06", "2017-10-30", "2017-10-23", "2017-10-16"]
    assert found["2017-11-20"] is WeekStand.NOT_OVER
    assert found["2017-11-13"] is WeekStand.TO_CONFIRM
    assert found["2017-10-23"] is WeekStand.READY


def test_weeks_that_stand_alike_are_one_sentence(world: World) -> None:
    line = world.line(world.organisation())
    confirmed(line)
    assert [(group.stand, len(weeks)) for group, weeks in life(line).open] == [
        (WeekStand.TO_CONFIRM, 4),
        (WeekStand.READY, 1),
    ]


def test_a_hold_is_named(world: World) -> None:
    line = world.line(world.organisation())
    other = world.line(line.organisation)
    for held in (line, other):
        confirmed(held)
    hold = Hold(organisation_id=line.organisation_id, line_item_id=line.id, reason="Bank details", start=line.start)
    db.session.add(hold)
    db.session.commit()
    assert stands(line)["2017-10-23"] is WeekStand.ON_HOLD
    assert [each.reason for each in life(line).records.holds] == ["Bank details"]
    assert stands(other)["2017-10-23"] is WeekStand.READY


def test_a_scheduled_line_waits_for_nobody(world: World) -> None:
    line = world.line(world.organisation(), payment_method=PaymentMethod.SCHEDULED)
    assert set(stands(line).values()) == {WeekStand.SCHEDULED}
    assert life(line).open == []


def test_a_scheduled_week_names_the_payments_that_hold_it(world: World) -> None:
    home = CareHome(world)
    line, kept = home.line(), home.line()
    home.hold(kept)
    prepare_due(PREVIEWED)
    prepare_due(FINALISED)
    paid = payment_of(home.first)
    first = {each.monday: each for each in life(line).all_weeks}[OCT_16]
    ((number, state, net, pay_on),) = [(each.number, each.state, each.net, each.pay_on) for each in first.scheduled]
    assert (number, state, net) == (paid.number, ScheduledState.FINALISED, Decimal("748.37"))
    assert (first.amount, pay_on) == (net, home.first.pay_on)
    held = {each.monday: each for each in life(kept).all_weeks}[OCT_16]
    assert [(each.net, each.kept_back) for each in held.scheduled] == [(Decimal(0), "Payment is on hold: Safeguarding")]


def test_a_scheduled_week_that_is_corrected_names_both_payments_and_what_they_come_to(world: World) -> None:
    home = CareHome(world)
    line = home.line()
    for day in (PREVIEWED, FINALISED):
        prepare_due(day)
    home.change_rate(line, "700.00", OCT_16 + 7 * DAY)
    for day in (NEXT_PREVIEWED, NEXT_FINALISED):
        prepare_due(day)
    week_of = {each.monday: each for each in life(line).all_weeks}[OCT_23]
    payments = [payment_of(each) for each in (home.first, home.second)]
    assert [each.payment_id for each in week_of.scheduled] == [each.id for each in payments]
    assert [each.net for each in week_of.scheduled] == [Decimal("748.37"), Decimal("-48.37")]
    assert week_of.amount == Decimal("700.00")


def test_a_stored_week_has_its_price_and_one_without_a_rate_says_so(world: World) -> None:
    line = world.line(world.organisation(), rate="20.0000")
    confirmed(line)
    found = {each.monday: each.amount for each in life(line).weeks}
    assert (found[OCT_23], found[OCT_16]) == (Decimal("140.00"), None)
    world.confirmed()
    db.session.query(Rate).delete()
    db.session.commit()
    assert stands(line)["2017-10-23"] is WeekStand.NO_RATE


def test_plans_and_rates_are_told_by_the_day_on_which_they_changed(world: World) -> None:
    line = world.line(world.organisation(), weekly="2")
    world.confirmed()
    own = {"organisation_id": line.organisation_id, "line_item_id": line.id}
    line.rates[0].end = date(2017, 11, 5)
    db.session.flush()
    db.session.add_all([
        Plan(**own, start=date(2017, 10, 30), weekly_quantity=Decimal(3), reason="Longer visits"),
        Rate(**own, start=date(2017, 11, 6), rate=Decimal("20.5"), reason="Yearly uplift"),
    ])  # fmt: skip
    db.session.commit()
    found = life(line)
    assert [(f"{each.start:%-d %b}", each.reason, each.units, each.rate) for each in found.changes] == [
        ("6 Nov", "Yearly uplift", Decimal(3), Decimal("20.5000")),
        ("30 Oct", "Longer visits", Decimal(3), Decimal("19.6800")),
        ("16 Oct", "", Decimal(2), Decimal("19.6800")),
    ]
    assert found.since == (date(2017, 10, 30), date(2017, 11, 6))
    assert found.now.cost is not None
    assert found.now.cost.gross == Decimal("61.50")
    plans, rates, versions = found.spans
    assert [(span.start, span.end, span.shown) for span in plans] == [
        (OCT_16, date(2017, 10, 29), "2.00"),
        (date(2017, 10, 30), None, "3.00"),
    ]
    assert [span.shown for span in rates] == ["19.6800", "20.5000"]
    assert [span.shown for span in versions] == ["1"]


def test_all_weeks_are_paged_and_all_of_them_are_looked_at(world: World) -> None:
    line = world.line(world.organisation(), start=date(2017, 10, 16))
    found = life(line, 9)
    assert (found.page, found.pages, len(found.all_weeks)) == (1, 1, 6)


def test_others_and_drafts_are_not_seen(world: World) -> None:
    line = world.line(world.organisation(), state=DocumentState.DRAFT)
    own, other = world.line(world.organisation("A")), world.organisation("B")
    with pytest.raises(Unknown):
        life(line)
    with acting_for(other.id), pytest.raises(Unknown):
        line_life(own.id)


def test_a_draft_of_a_week_that_is_over_waits_to_be_confirmed(world: World) -> None:
    line = world.line(world.organisation())
    week(line, OCT_23, WEEK, state=ActualState.DRAFT)
    db.session.commit()
    assert stands(line)["2017-10-23"] is WeekStand.TO_CONFIRM
