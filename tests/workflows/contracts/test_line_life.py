"""One line item as its provider sees it."""

from datetime import date
from decimal import Decimal

from models import Actual, Hold, LineItem, acting_for, db
from rules.states import ActualState, PaymentMethod
from tests.support.world import World
from workflows.contracts.line_life import line_page


def reasons(line: LineItem) -> dict[str, str]:
    with acting_for(line.organisation_id):
        return {f"{week.monday}": week.why_not_paid for week in line_page(line.id).weeks}


def confirmed(line: LineItem, monday: date) -> Actual:
    seven = Decimal(7)
    ones = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), Decimal(1))
    actual = Actual(
        organisation_id=line.organisation_id, line_item_id=line.id, week_starting=monday, state=ActualState.CONFIRMED,
        delivered=seven, planned=seven, missed=Decimal(0), extra=Decimal(0), payable=seven, **ones,
    )  # fmt: skip
    db.session.add(actual)
    db.session.commit()
    return actual


def test_each_week_says_what_stands_between_it_and_payment(world: World) -> None:
    line = world.line(world.organisation())
    confirmed(line, date(2017, 10, 23))
    found = reasons(line)
    assert list(found) == ["2017-11-20", "2017-11-13", "2017-11-06", "2017-10-30", "2017-10-23", "2017-10-16"]
    assert found["2017-11-20"] == "This week is not over yet."
    assert found["2017-11-13"].startswith("This week is not confirmed.")
    assert found["2017-10-23"] == "Ready for your next invoice."


def test_a_hold_is_named(world: World) -> None:
    line = world.line(world.organisation())
    other = world.line(line.organisation)
    for held in (line, other):
        confirmed(held, date(2017, 10, 23))
    hold = Hold(organisation_id=line.organisation_id, line_item_id=line.id, reason="Bank details", start=line.start)
    db.session.add(hold)
    db.session.commit()
    assert reasons(line)["2017-10-23"] == "Payment is on hold: Bank details"
    assert reasons(other)["2017-10-23"] == "Ready for your next invoice."


def test_a_scheduled_line_is_paid_without_invoice(world: World) -> None:
    line = world.line(world.organisation(), payment_method=PaymentMethod.SCHEDULED)
    assert set(reasons(line).values()) == {"Paid every four weeks without an invoice."}
