"""Line items as their provider lists them: found, and added up."""

from datetime import date
from decimal import Decimal

from models import Organisation, acting_for
from rules.agreement_states import DocumentState
from rules.states import PaymentBasis
from tests.support.worlds.world import World
from workflows.contracts.line_items import LineFilter, LineList, lines_of


def found(organisation: Organisation, **chosen: object) -> LineList:
    with acting_for(organisation.id):
        return lines_of(LineFilter(**chosen))  # type: ignore[arg-type]


def seen(organisation: Organisation, **chosen: object) -> list[str]:
    return sorted(listed.line.reference for listed in found(organisation, **chosen).shown.rows)


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
    choices = found(fenland)
    assert [name for _, name in choices.services] == ["Fenland Homecare Ltd branch"]
    assert choices.elements == []


def test_lines_are_found_by_reference_service_and_element(world: World) -> None:
    fenland = world.organisation()
    one = world.line(fenland, reference="48210", person=world.person("P000777", "Ada Bell"))
    world.line(
        fenland, reference="50000", person=world.person(name="Ben Cole"), element=world.element("Sitting service")
    )
    assert seen(fenland, sought="8210") == ["48210"]
    assert seen(fenland, sought="p000777") == ["48210"]
    assert seen(fenland, sought="%") == []
    assert seen(fenland, sought="ada b") == ["48210"]
    assert seen(fenland, element_id=one.element_id) == ["48210"]
    assert seen(fenland, service_id=one.service_id) == ["48210", "50000"]


def test_the_rate_is_the_one_of_today(world: World) -> None:
    fenland = world.organisation()
    world.line(fenland)
    assert found(fenland).shown.rows[0].rate == Decimal("19.6800")


def test_a_line_that_has_not_begun_or_has_ended_shows_its_cost_and_is_not_added_up(world: World) -> None:
    fenland = world.organisation()
    world.line(fenland)
    world.line(fenland, start=date(2018, 1, 1))
    world.line(fenland, start=date(2017, 9, 1), end=date(2017, 11, 19))
    listed = found(fenland)
    assert [each.cost.gross for each in listed.shown.rows if each.cost] == [Decimal("137.76")] * 3
    assert (listed.shown.total, listed.running, listed.cost.gross) == (3, 1, Decimal("137.76"))


def test_contributions_are_taken_off_a_net_line_alone(world: World) -> None:
    fenland = world.organisation()
    for basis in PaymentBasis:
        world.line(fenland, payment_basis=basis, contribution=Decimal(40), top_up=Decimal(10))
    cost = found(fenland).cost
    assert (cost.gross, cost.net) == (Decimal("275.52"), Decimal("225.52"))


def test_the_sum_is_that_of_all_pages_not_of_one(world: World) -> None:
    fenland = world.organisation()
    for _ in range(3):
        world.line(fenland, weekly="2")
    with acting_for(fenland.id):
        page = lines_of(LineFilter(), page=2, size=2)
    assert (len(page.shown.rows), page.shown.total, page.cost.gross) == (1, 3, Decimal("118.08"))
