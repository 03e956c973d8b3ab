"""Line items as their provider sees them."""

from datetime import date
from decimal import Decimal

from models import Actual, Hold, LineItem, Organisation, acting_for, db
from rules.states import ActualState, DocumentState, PaymentMethod
from tests.support.world import World
from workflows.contracts import line_items as lines
from workflows.contracts.line_items import LineFilter


def seen(organisation: Organisation, **chosen: object) -> list[str]:
    with acting_for(organisation.id):
        found = lines.lines_of(LineFilter(**chosen))  # type: ignore[arg-type]
        return sorted(listed.line.reference for listed in found.lines)


def reasons(line: LineItem) -> dict[str, str]:
    with acting_for(line.organisation_id):
        return {f"{week.monday}": week.why_not_paid for week in lines.line_page(line.id).weeks}


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


def test_lines_ended_more_than_28_days_ago_are_historical(world: World) -> None:
    fenland = world.organisation()
    world.line(fenland, reference="open")
    world.line(fenland, reference="just", start=date(2017, 9, 1), end=date(2017, 10, 23))
    world.line(fenland, reference="long", start=date(2017, 9, 1), end=date(2017, 10, 22))
    world.line(fenland, reference="beyond", start=date(2017, 5, 1), end=date(2017, 8, 21))
    assert seen(fenland) == ["just", "open"]
    assert seen(fenland, historical=True) == ["just", "long", "open"]


def test_lines_of_drafts_and_of_others_are_not_seen(world: World) -> None:
    fenland, broadland = world.organisation(), world.organisation("Broadland Care Ltd")
    world.line(fenland, state=DocumentState.DRAFT)
    world.line(broadland, element=world.element("Sitting service"))
    assert seen(fenland) == []
    with acting_for(fenland.id):
        found = lines.lines_of(LineFilter())
    assert [name for _, name in found.services] == ["Fenland Homecare Ltd branch"]
    assert found.elements == []


def test_lines_are_found_by_reference_service_and_element(world: World) -> None:
    fenland = world.organisation()
    one = world.line(fenland, reference="48210", person=world.person("P000777"))
    world.line(fenland, reference="50000", element=world.element("Sitting service"))
    assert seen(fenland, sought="8210") == ["48210"]
    assert seen(fenland, sought="p000777") == ["48210"]
    assert seen(fenland, sought="%") == []
    assert seen(fenland, element_id=one.element_id) == ["48210"]
    assert seen(fenland, service_id=one.service_id) == ["48210", "50000"]


def test_the_rate_is_the_one_of_today(world: World) -> None:
    fenland = world.organisation()
    world.line(fenland)
    with acting_for(fenland.id):
        listed = lines.lines_of(LineFilter()).lines[0]
    assert listed.rate == Decimal("19.6800")


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
