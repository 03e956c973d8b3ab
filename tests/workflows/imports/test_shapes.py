"""Files of which nobody knows what stands where change nothing, whatever they are of."""

import io
from datetime import datetime

import openpyxl
import pytest
from sqlalchemy import func, select

from files.reading.table import plain
from models import ImportFile, LineItem, Organisation, Person, db, say_who
from rules.upload_states import ImportState
from tests.support.worlds.world import World
from tests.workflows.imports.test_steps import ROW, a_csv, bring_in
from workflows.imports import steps as imports
from workflows.imports.kinds import KINDS


def check(kind: str, *lines: str) -> ImportFile:
    return imports.check_file(kind, "file.csv", "\n".join(lines).encode(), None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_longer_than_the_headings_is_one_problem_and_is_not_read(world: World, kind: str) -> None:
    say_who(world.officer("Service Brokerage").id, "127.0.0.1")
    headings = [column.title for column in KINDS[kind].layouts[0].columns]
    kept = check(kind, ",".join(headings), ",".join(["x"] * len(headings)) + ",in snow,,again")
    assert (kept.state, kept.findings["rejected"]) == (ImportState.REFUSED, 1)
    (problem,) = kept.findings["problems"]
    assert (problem["row"], problem["code"], problem["value"]) == (2, "row-shape", "in snow, again")
    assert problem["wrong"] == "This row has 2 filled cells more than there are headings, so it was not read."


def test_a_name_that_a_comma_cuts_in_two_is_not_half_a_name(world: World) -> None:
    kept = check("people", "Person ref,Person name", "P1,Bell, Ada", "P2,Nora Ollett,,", 'P3,"Bell, Ida"')
    assert [(each["row"], each["code"]) for each in kept.findings["problems"]] == [(2, "row-shape")]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 0
    book = openpyxl.load_workbook(io.BytesIO(imports.correction(kept.id)))
    assert [cell.value for cell in book.worksheets[0][2]][:2] == ["P1", "Bell"]
    assert str(book.worksheets[0]["C2"].value).startswith("This row has 1 filled cell more")
    assert book.worksheets[0]["D2"].value == "Ada"


@pytest.mark.parametrize("kind", KINDS)
def test_a_heading_of_the_layout_that_stands_twice_is_refused(world: World, kind: str) -> None:
    say_who(world.officer("Service Brokerage").id, "127.0.0.1")
    headings = [column.title for column in KINDS[kind].layouts[0].columns]
    kept = check(kind, ",".join([*headings, headings[1]]), ",".join(["x"] * len(headings)) + ",y")
    assert kept.state is ImportState.REFUSED
    found = [each["wrong"] for each in kept.findings["problems"] if each["row"] == 1]
    assert found == [f"More than one column is headed “{headings[1]}”."]


@pytest.fixture
def fenland(world: World) -> Organisation:
    world.element("Personal care")
    return world.organisation()


def test_a_reference_that_became_a_number_is_the_reference(fenland: Organisation) -> None:
    row = ROW | {"CPLI": "48990.0", "ISO": "9001.0", "Person ref": "105340.00"}
    bring_in("contract-documents", a_csv(row))
    line = db.session.scalars(select(LineItem)).one()
    assert (line.reference, line.document.reference, line.person.reference) == ("48990", "9001", "105340")
    bring_in("contract-documents", a_csv(row))
    assert db.session.scalar(select(func.count()).select_from(LineItem)) == 1


def test_every_column_of_references_is_known_as_one() -> None:
    columns = [column for kind in KINDS.values() for layout in kind.layouts for column in layout.columns]
    named = {column.name for column in columns if plain(column.name).endswith(("ref", "cpli")) or column.name == "ISO"}
    assert {column.name for column in columns if column.references} == named


def test_days_that_a_spreadsheet_took_for_months_refuse_the_file(fenland: Organisation) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(ROW))
    # Of 30/10, 31/10, 01/11 and 02/11 the last two became the 11th of January and of February.
    for number, start in enumerate(("30/10/2017", "31/10/2017", datetime(2017, 1, 11), datetime(2017, 2, 11))):  # noqa: DTZ001
        sheet.append([*(ROW | {"CPLI": f"4899{number}", "ISO": f"ISO-{number}", "Start": start}).values()])
    target = io.BytesIO()
    book.save(target)
    kept = imports.check_file("contract-documents", "file.xlsx", target.getvalue(), None)
    assert [(each["row"], each["column"], each["code"]) for each in kept.findings["problems"]] == [
        (1, "Start", "month-first")
    ]
