"""Visits on lines that do not count hours, and the words a week gets that a visit leaves."""

import pytest
from sqlalchemy import text

from models import LineItem, Organisation, db
from rules.states import Unit
from tests.support.files.uploads import stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from tests.workflows.uploads.test_visits import is_sound, monday, put, sent, tick, visit


def test_two_carers_at_one_visit_are_one_visit_on_a_line_that_counts_visits(
    world: World, organisation: Organisation
) -> None:
    line = world.line(organisation, unit=Unit.VISIT)
    put(organisation, visit("A-1", line), visit("A-1", line, carer="C2"), visit("A-3", line, hours=(12, 13)))
    assert monday(line) == "2.00"
    assert is_sound()


@pytest.mark.parametrize(
    ("unit", "first", "then"),
    [
        (Unit.VISIT, "2.00", "3.00"),
        (Unit.SESSION, "2.00", "3.00"),
        (Unit.DAY, "1.00", "1.00"),
        (Unit.NIGHT, "1.00", "1.00"),
    ],
)
def test_visits_of_two_files_are_counted_in_the_unit_of_their_line(
    world: World, organisation: Organisation, unit: Unit, first: str, then: str
) -> None:
    line = world.line(organisation, unit=unit)
    put(organisation, visit("A-1", line), visit("A-2", line, hours=(10, 11)))
    assert monday(line) == first
    put(organisation, visit("A-3", line, hours=(12, 13)), visit("A-4", line, hours=(14, 15), outcome="MISSED"))
    assert monday(line) == then
    assert is_sound()


def test_a_week_that_a_visit_leaves_says_why_where_nobody_did(organisation: Organisation, line: LineItem) -> None:
    put(organisation, visit("A-1", line))
    db.session.execute(text("UPDATE actual SET reason = '', comment = ''"))
    db.session.commit()
    tick(organisation, sent(organisation, visit("A-1", line, day=24).replace("OTHER", "")), "conflict")
    assert stored()[line.id, OCT_16][1:] == ("OTHER", f"Visit A-1 moved to {line.reference}, 24 Oct")
