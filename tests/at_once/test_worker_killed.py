"""The worker as a process, killed in the middle of a file: the next one takes the file, from its beginning."""

from typing import Any, LiteralString

import pytest
from sqlalchemy import func, select

import database
from models import (
    Actual,
    ActualVersion,
    ExceptionCheck,
    ImportFile,
    LineItem,
    Organisation,
    Upload,
    UploadFinding,
    acting_for,
    db,
)
from rules.upload_states import ImportState, UploadState
from tests.support.files.imports import MANY, big_import
from tests.support.files.uploads import big_file, stored, worked_on
from tests.support.processes.children import kill_at, until, worker
from tests.support.processes.queue import waiting
from tests.support.worlds.world import World
from workflows.imports import steps as imports
from workflows.upkeep.queue import GAVE_UP, MOST_ATTEMPTS
from workflows.uploads import steps as uploads

# Where a check is stopped: before it knows the rates of the lines, and while its findings are being written.
CHECKING: list[LiteralString] = ["LOCK TABLE rate", "SELECT FROM line_item ORDER BY id DESC LIMIT 1 FOR UPDATE"]
# Where putting in is stopped: at the first week, and with every week written but not held against its level.
APPLYING: list[LiteralString] = ["LOCK TABLE actual IN SHARE MODE", "LOCK TABLE exception_check"]


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    return [world.line(organisation) for _ in range(3)]


@pytest.fixture
def big(organisation: Organisation, lines: list[LineItem]) -> Upload:
    with acting_for(organisation.id):
        return uploads.store_upload("big.csv", big_file(*lines), None, organisation.id)


def kept(given: Upload) -> Upload:
    """A file as it is now; nothing of the test's is left open, which a lock would wait for."""
    found: Upload = db.session.scalars(select(Upload).where(Upload.id == given.id)).one()
    db.session.refresh(found, ["state", "weeks", "counts"])
    db.session.expunge(found)
    db.session.rollback()
    return found


def findings(given: Upload) -> list[tuple[Any, ...]]:
    """What was found in a file, each finding as its plain values."""
    columns = [each for each in UploadFinding.__table__.columns if each.name not in ("id", "upload_id")]
    query = select(*columns).where(UploadFinding.upload_id == given.id).order_by(UploadFinding.id)
    return [tuple(row) for row in db.session.execute(query)]


def count(model: type[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def finish(urls: database.Urls, given: Upload, state: UploadState) -> Upload:
    """Let another worker work until the file is in a state."""
    with worker(urls.web):
        until(lambda: kept(given).state is state, f"the file is not {state}")
    return kept(given)


@pytest.mark.parametrize("statement", CHECKING)
def test_a_file_whose_worker_was_killed_in_its_check_is_checked_by_the_next(
    test_database: database.Urls,
    organisation: Organisation,
    big: Upload,
    lines: list[LineItem],
    statement: LiteralString,
) -> None:
    kill_at(test_database, statement, long_ago=statement is not CHECKING[0])
    left = kept(big)
    assert (left.state, left.attempts) == (UploadState.CHECKING, 1)
    assert findings(big) == []
    db.session.rollback()
    found = finish(test_database, big, UploadState.CHECKED)
    assert found.attempts == 2
    # As if nothing had happened: the same file, checked here.
    with acting_for(organisation.id):
        twin = worked_on(uploads.store_upload("big.csv", big_file(*lines), None, organisation.id))
    twin = kept(twin)
    assert findings(big) == findings(twin)
    assert (found.counts, found.weeks) == (twin.counts, twin.weeks)
    assert (len(findings(big)), count(Actual)) == (503, 0)


@pytest.mark.parametrize("statement", APPLYING)
def test_of_a_file_whose_worker_was_killed_nothing_is_in_and_the_next_puts_all_of_it_in_once(
    test_database: database.Urls,
    organisation: Organisation,
    big: Upload,
    lines: list[LineItem],
    statement: LiteralString,
) -> None:
    with acting_for(organisation.id):
        worked_on(big)
        uploads.ask_to_apply(big.id, [], None)
    kill_at(test_database, statement, long_ago=True)
    assert (kept(big).state, kept(big).attempts) == (UploadState.APPLYING, 1)
    assert (count(Actual), count(ActualVersion), count(ExceptionCheck)) == (0, 0, 0)
    db.session.rollback()
    done = finish(test_database, big, UploadState.DONE)
    assert (done.counts["written"], done.attempts) == (3, 2)
    assert {line_id: figures[0] for (line_id, _), figures in stored().items()} == {
        line.id: ("1.50",) * 7 for line in lines
    }
    assert db.session.scalars(select(Actual.version)).all() == [1, 1, 1]
    assert (count(ActualVersion), count(ExceptionCheck)) == (3, 3)


def test_a_file_that_kills_its_worker_three_times_ends_with_a_sentence(
    test_database: database.Urls, big: Upload
) -> None:
    for attempt in range(1, MOST_ATTEMPTS + 1):
        kill_at(test_database, CHECKING[0], long_ago=True)
        assert (kept(big).state, kept(big).attempts) == (UploadState.CHECKING, attempt)
    assert finish(test_database, big, UploadState.FAILED).notices == [GAVE_UP]
    assert (findings(big), waiting()) == ([], [])


# Where an import is stopped: before it knows what is there, and with everything written but the file's own row.
IMPORTING: list[LiteralString] = ["LOCK TABLE sector", "LOCK TABLE service"]


@pytest.mark.parametrize("statement", IMPORTING)
def test_an_import_whose_worker_was_killed_is_checked_and_written_once_by_the_next(
    test_database: database.Urls, world: World, statement: LiteralString
) -> None:
    given = imports.store_import("organisations", "big.csv", big_import(), None)
    kill_at(test_database, "LOCK TABLE sector", long_ago=True)
    assert import_state(given) == (ImportState.CHECKING, 1)
    finish_import(test_database, given, ImportState.CHECKED)
    assert count(Organisation) == 0
    imports.ask_to_confirm(given.id, None)
    kill_at(test_database, statement, long_ago=True)
    assert import_state(given) == (ImportState.APPLYING, 1)
    assert count(Organisation) == 0
    finish_import(test_database, given, ImportState.DONE)
    assert (count(Organisation), waiting()) == (MANY, [])


def import_state(given: ImportFile) -> tuple[ImportState, int]:
    found = db.session.execute(select(ImportFile.state, ImportFile.attempts).where(ImportFile.id == given.id)).one()
    db.session.rollback()
    return found.state, found.attempts


def finish_import(urls: database.Urls, given: ImportFile, state: ImportState) -> None:
    with worker(urls.web):
        until(lambda: import_state(given)[0] is state, f"the import is not {state}")
