"""Which lines of the sheet are shown."""

from datetime import date

import pytest

from models import Organisation, acting_for
from tests.support.worlds.world import World
from workflows.actuals.filter import SheetFilter, Show
from workflows.actuals.save import Entry, confirm_as_planned, save_week
from workflows.actuals.sheet import sheet
from workflows.actuals.sheet_row import SheetRow

WEEK = date(2017, 11, 6)


@pytest.fixture
def rows(world: World) -> list[SheetRow]:
    """A line as planned and confirmed, one over its level, one a little above its plan, and one not started."""
    organisation: Organisation = world.organisation()
    people = [world.person(f"P{number}", name) for number, name in enumerate(("Ada Bell", "Eve Kay", "May Todd"))]
    lines = [world.line(organisation, person=person, reference=f"L{person.reference}") for person in people]
    ids = [line.id for line in lines]
    with acting_for(organisation.id):
        confirm_as_planned([WEEK], None, only=ids[:1])
        save_week(WEEK, [Entry(ids[1], ("3", "1", "1", "1", "1", "1", "1"), "EXTRA")], None, confirm=True)
        save_week(WEEK, [Entry(ids[2], ("1.5", "1", "1", "1", "1", "1", "1"))], None)
    world.line(organisation, person=world.person("P9", "Zoe Orr"), reference="LP9")
    with acting_for(organisation.id):
        return sheet(WEEK).rows


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        (SheetFilter(), ["LP0", "LP1", "LP2", "LP9"]),
        (SheetFilter(show=Show.UNCONFIRMED), ["LP2", "LP9"]),
        (SheetFilter(show=Show.OVER), ["LP1"]),
        (SheetFilter(show=Show.DIFFERS), ["LP1", "LP2"]),
        (SheetFilter(person="eK"), ["LP1"]),
        (SheetFilter(person="E. K."), ["LP1"]),
        (SheetFilter(person="zoé orr"), ["LP9"]),
        (SheetFilter(person="%"), []),
        (SheetFilter(person="p9"), ["LP9"]),
        (SheetFilter(person="  "), ["LP0", "LP1", "LP2", "LP9"]),
        (SheetFilter(person="ab", show=Show.UNCONFIRMED), []),
        (SheetFilter(service_id=4711), []),
    ],
)
def test_a_filter_takes_what_was_asked_for(rows: list[SheetRow], chosen: SheetFilter, shown: list[str]) -> None:
    assert [row.reference for row in rows if chosen.takes(row)] == shown


def test_a_filter_says_what_it_hides() -> None:
    assert SheetFilter().hides() == ""
    assert SheetFilter(person="ab").hides() == "other people"
    assert (
        SheetFilter(1, "ab", Show.OVER).hides()
        == "lines of other services, other people and lines within their exception level"
    )
