"""Hours and minutes are of lines that count hours: 2:00 is two hours, and neither two visits nor two nights."""

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from models import LineItem, Organisation, acting_for
from rules.states import Unit
from tests.cases.test_files import days, put, sentences
from tests.support.files.cases import case
from tests.support.files.uploads import download, found, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import lines as import_of
from tests.workflows.imports.test_steps import problem_of
from workflows.actuals.save import Entry, save_week

REFUSED = "A length of time is no number of visits."


@pytest.fixture
def visits(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, ("2",) * 7, unit=Unit.VISIT)


def test_a_length_of_time_is_no_number_of_visits(organisation: Organisation, visits: LineItem, line: LineItem) -> None:
    kept = send(organisation, case("lengths-of-time.csv", visits, line))
    assert found(kept) == [("rejected", "not-a-number", row, "Delivered units") for row in (2, 3, 4)]
    assert set(sentences(kept)) == {REFUSED}
    put_in(organisation, kept)
    assert stored()[visits.id, OCT_16] == (("0.00",) * 4 + ("2.00", "0.00", "0.00"), "OTHER", "nobody came\ntwo visits")
    assert days(line)[:4] == "1.50"


def test_so_it_is_of_nights_and_weeks_and_offers(world: World, organisation: Organisation, visits: LineItem) -> None:
    nights = world.line(organisation, unit=Unit.NIGHT)
    weekly = world.line(organisation, weekly="14", unit=Unit.SESSION)
    kept = send(organisation, ["CPLI,Service date,Delivered units,Reason", f"{nights.reference},16/10/2017,8:00,EXTRA"])
    assert sentences(kept) == ["A length of time is no number of nights."]
    rows = [f"{weekly.reference},16/10/2017,14:00,", f"{visits.reference},16/10/2017,14:00,"]
    kept = send(organisation, ["CPLI,Week starting,Delivered units,Reason", *rows])
    assert found(kept) == [("rejected", "not-a-number", row, "Delivered units") for row in (2, 3)]


def test_so_it_is_in_the_workbook_also_where_it_is_as_planned(
    organisation: Organisation, visits: LineItem, world: World
) -> None:
    def edit(sheet: Worksheet) -> None:
        put(sheet, 2, Mon="2:00", Tue=2, Wed=2, Thu=2, Fri=2, Sat=2, Sun=2)

    kept = send(organisation, download(organisation, world.period(), edit), "a.xlsx")
    assert (found(kept), sentences(kept)) == ([("rejected", "not-a-number", 2, "Mon")], [REFUSED])


def test_so_it_is_in_the_calendar(organisation: Organisation, visits: LineItem) -> None:
    with acting_for(organisation.id):
        done = save_week(OCT_16, [Entry(visits.id, ("2:00", "2", "2", "2", "2", "2", "2"), "")], None)
    (refusal,) = done.refused
    assert [(each.field, each.wrong) for each in refusal.problems] == [("d0", REFUSED)]


def test_so_it_is_in_a_plan(world: World) -> None:
    world.element("Personal care")
    world.organisation()
    found = problem_of("contract-documents", import_of({"Unit": "VISIT", "Mon": "1:00"}))
    assert (found["column"], found["wrong"]) == ("Mon", REFUSED)
