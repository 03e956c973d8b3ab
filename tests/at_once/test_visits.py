"""Two files of the same visits at once pay once; a worker killed between a week and its visits leaves neither."""

from datetime import date
from typing import LiteralString

import pytest
from sqlalchemy import select

import database
from models import LineItem, Organisation, Upload, UploadFinding, Visit, acting_for, db
from rules.upload_states import UploadState
from tests.support.files.uploads import put_in, send, stored
from tests.support.processes.children import PUT_IN, at_one_row, kill_at, until, worker
from tests.support.worlds.weeks import OCT_16, OCT_23
from tests.support.worlds.world import World
from workflows.uploads import steps as uploads
from workflows.uploads.work import work_on

HEADINGS = "Visit ref,CPLI,Planned start,Planned end,Actual start,Actual end,Outcome,Carer ID,Reason,Comment"


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    """A line with a visit on its first Monday."""
    line = world.line(organisation)
    put_in(organisation, send(organisation, [HEADINGS, visit("V-0", line, 16)]))
    return line


def visit(ref: str, line: LineItem, day: int, hour: int = 8, comment: str = "") -> str:
    times = ",".join([f"{day}/10/2017 {hour:02}:00", f"{day}/10/2017 {hour + 1:02}:00"] * 2)
    return f"{ref},{line.reference},{times},DELIVERED,C1,OTHER,{comment}"


def test_two_files_of_the_same_visits_at_once_pay_once(
    test_database: database.Urls, organisation: Organisation, line: LineItem
) -> None:
    files = [send(organisation, [HEADINGS, visit(ref, line, 16, 12)]) for ref in ("A-1", "B-1")]
    said = at_one_row(test_database, organisation.id, [PUT_IN.format(upload_id=file.id) for file in files])
    assert sorted(said) == ["refused", "written"]
    assert stored()[line.id, OCT_16][0][0] == "2.00"
    assert len(db.session.scalars(select(Visit.id)).all()) == 2


# Where putting in is stopped: at the first week, and with every week written but no visit.
APPLYING: list[LiteralString] = ["LOCK TABLE actual IN SHARE MODE", "LOCK TABLE visit IN SHARE MODE"]


@pytest.mark.parametrize("statement", APPLYING)
def test_a_visit_whose_move_was_killed_is_where_it_was_and_then_moves_whole(
    test_database: database.Urls, organisation: Organisation, line: LineItem, statement: LiteralString
) -> None:
    padding = [visit(f"no-{number}", line, 16, 12, "y" * 400).replace(line.reference, "none") for number in range(450)]
    content = "\n".join([HEADINGS, visit("V-0", line, 24), *padding]).encode()
    with acting_for(organisation.id):
        big = uploads.store_upload("big.csv", content, None, organisation.id)
        work_on(big.id)
        query = select(UploadFinding.id).where(UploadFinding.upload_id == big.id, UploadFinding.choice != "")
        uploads.ask_to_apply(big.id, list(db.session.scalars(query)), None)
    kill_at(test_database, statement, long_ago=True)
    assert places() == [OCT_16]
    assert OCT_23 not in {week for _, week in stored()}
    db.session.rollback()
    with worker(test_database.web):
        until(lambda: state(big) is UploadState.DONE, "the file is not in")
    assert [each.isoformat() for each in places()] == ["2017-10-24"]
    figures = stored()
    assert (figures[line.id, OCT_16][0][0], figures[line.id, OCT_23][0][1]) == ("0.00", "1.00")


def places() -> list[date]:
    return list(db.session.scalars(select(Visit.day)))


def state(given: Upload) -> UploadState:
    found: UploadState = db.session.scalars(select(Upload.state).where(Upload.id == given.id)).one()
    db.session.rollback()
    return found
