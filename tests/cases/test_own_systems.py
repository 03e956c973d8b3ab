"""Exports as providers' own systems write them: each comes in once it is matched, and then without a question."""

from pathlib import Path

import pytest
from sqlalchemy import select

from models import AbortedVisit, ColumnMatch, LineItem, Organisation, db
from rules.column_match import RowKind
from rules.upload_states import UploadState
from tests.support.files.cases import case
from tests.support.files.uploads import found, matched, put_in, send, stored
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World

NAMES = sorted(path.name for path in (Path(__file__).parent / "own_systems").iterdir())
# Of each export what its rows are, and the units of its week from Monday to Sunday.
RIGHT = {
    "hours.csv": (RowKind.DAY, "1.25 0.00 0.00 0.00 0.00 0.00 0.00"),
    "monitoring.csv": (RowKind.VISIT, "0.00 0.00 0.00 0.00 0.75 1.00 0.00"),
    "report.txt": (RowKind.DAY, "1.25 1.25 0.00 0.00 0.00 0.00 0.00"),
    "rota.csv": (RowKind.VISIT, "1.00 1.00 1.00 0.00 0.00 0.00 0.00"),
    "timesheet.csv": (RowKind.WEEK, "1.25 1.25 1.25 1.25 1.25 0.00 0.00"),
}


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48212")


@pytest.mark.parametrize("name", NAMES)
def test_each_comes_in_by_the_first_guess_and_then_without_a_question(
    organisation: Organisation, line: LineItem, name: str
) -> None:
    kind, units = RIGHT[name]
    text = case(f"own_systems/{name}", line)
    kept = send(organisation, text, name)
    assert kept.state is UploadState.MATCHING
    assert stored() == {}
    done = matched(organisation, kept)
    assert (done.state, done.counts["rejected"], done.counts["asked"]) == (UploadState.CHECKED, 0, 0), found(done)
    put_in(organisation, done)
    assert " ".join(stored()[line.id, OCT_16][0]) == units
    match = db.session.scalars(select(ColumnMatch)).one()
    assert (match.row_kind, done.match_id) == (kind, match.id)
    again = send(organisation, text, name)
    assert (again.state, again.match_id) == (UploadState.CHECKED, match.id)
    assert again.counts["new"] == again.counts["changed"] == again.counts["rejected"] == 0


def test_no_reply_in_a_rota_is_an_aborted_visit_that_nobody_answered(
    organisation: Organisation, line: LineItem
) -> None:
    put_in(organisation, matched(organisation, send(organisation, case("own_systems/rota.csv", line))))
    (visit,) = db.session.scalars(select(AbortedVisit))
    assert (visit.visit_date.isoweekday(), visit.reason) == (4, "NO_REPLY")


def test_the_total_of_a_report_is_skipped(organisation: Organisation, line: LineItem) -> None:
    done = matched(organisation, send(organisation, case("own_systems/report.txt", line)))
    assert [row for _kind, code, row, _column in found(done) if code == "totals-row"] == [7]
    assert done.counts["skipped"] == 1
