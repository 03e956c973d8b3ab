"""The weeks of a period side by side."""

from datetime import date

from models import Organisation, acting_for
from tests.support.worlds.world import World
from workflows.actuals.overview import overview
from workflows.actuals.save import Entry, confirm_as_planned, save_week

WEEKS = [date(2017, 10, 30), date(2017, 11, 6), date(2017, 11, 13), date(2017, 11, 20)]


def test_a_square_says_how_far_its_week_is(world: World, organisation: Organisation) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned(WEEKS[:1], None)
        save_week(WEEKS[1], [Entry(line.id, ("2.5", "1", "1", "1", "1", "1", "1"), "EXTRA")], None, confirm=True)
        (row,) = overview(WEEKS).rows
    states = [(square.state, square.delivered) for square in row.squares if square]
    assert [state for state, _ in states] == ["Confirmed", "Over level", "Not started", "Later"]
    assert [str(delivered) for _, delivered in states] == ["None", "8.50", "None", "None"]


def test_a_line_has_no_square_where_it_is_not_active(world: World, organisation: Organisation) -> None:
    world.line(organisation, start=date(2017, 11, 9))
    world.line(organisation, end=date(2017, 11, 1))
    with acting_for(organisation.id):
        first, second = overview(WEEKS).rows
    assert [bool(square) for square in first.squares] == [False, True, True, True]
    assert [bool(square) for square in second.squares] == [True, False, False, False]
