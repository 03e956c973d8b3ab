"""Two files, or a file and the calendar, in two real processes at the same week: nobody overwrites the other unseen."""

import pytest
from sqlalchemy import select

import database
from models import Actual, LineItem, Organisation, acting_for, db
from tests.support.files.uploads import send, stored
from tests.support.processes.children import PUT_IN, TYPE, at_one_row
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.actuals.sheet import sheet

TYPED = ("0.25", "1", "1", "1", "1", "1", "1")


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    """A line with a draft of its first week."""
    line = world.line(organisation)
    with acting_for(organisation.id):
        save_week(OCT_16, [Entry(line.id, ("0.5", "1", "1", "1", "1", "1", "1"), "OTHER")], None)
    return line


def file(organisation: Organisation, line: LineItem, units: str) -> str:
    """What a process does to put in a file that was checked."""
    rows = ["CPLI,Service date,Delivered units,Reason", f"{line.reference},16/10/2017,{units},OTHER"]
    return PUT_IN.format(upload_id=send(organisation, rows).id)


def typing(organisation: Organisation, line: LineItem) -> str:
    """What a process does to save what somebody typed over the week they saw."""
    with acting_for(organisation.id):
        seen = sheet(OCT_16).rows[0].seen
        db.session.rollback()
    return TYPE.format(week=OCT_16, line_id=line.id, figures=TYPED, seen=seen)


def monday(line: LineItem) -> str:
    return stored()[line.id, OCT_16][0][0]


@pytest.mark.parametrize("other", ["another file", "the calendar"])
def test_of_two_that_read_the_same_week_one_writes_and_one_is_told(
    test_database: database.Urls, organisation: Organisation, line: LineItem, other: str
) -> None:
    first = file(organisation, line, "1.25")
    second = typing(organisation, line) if other == "the calendar" else file(organisation, line, "2.00")
    said = at_one_row(test_database, organisation.id, [first, second])
    assert sorted(said) == ["refused", "written"]
    theirs = "0.25" if other == "the calendar" else "2.00"
    assert monday(line) == ("1.25" if said[0] == "written" else theirs)
    assert db.session.scalars(select(Actual.version)).one() == 2


def test_without_the_guard_both_would_write_and_one_would_be_lost(
    test_database: database.Urls, organisation: Organisation, line: LineItem
) -> None:
    deeds = [file(organisation, line, "1.25"), typing(organisation, line)]
    said = at_one_row(test_database, organisation.id, deeds, guarded=False)
    assert said == ["written", "written"]
