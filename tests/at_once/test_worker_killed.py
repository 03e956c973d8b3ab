"""The worker as a process, killed in the middle of a big file: the next one takes the file, from its beginning."""

from typing import Any, LiteralString

import pytest
from sqlalchemy import func, select

import database
from models import Actual, ActualVersion, ExceptionCheck, LineItem, Organisation, Upload, UploadFinding, acting_for, db
from rules.states import UploadState
from tests.support.processes import held_back, until, worker
from tests.support.uploads import big_file, stored
from tests.support.world import World
from workflows.uploads import steps as uploads

# Where a check is stopped: before it knows the rates of the lines, and while its findings are being written.
CHECKING: list[LiteralString] = ["LOCK TABLE rate", "SELECT FROM line_item ORDER BY id DESC LIMIT 1 FOR UPDATE"]
# Where putting in is stopped: at the first week, and with every week written but not held against its level.
APPLYING: list[LiteralString] = ["LOCK TABLE actual IN SHARE MODE", "LOCK TABLE exception_check"]


@pytest.fixture
def organisation(world: World) -> Organisation:
    return world.organisation()


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    return [world.line(organisation) for _ in range(3)]


@pytest.fixture
def big(organisation: Organisation, lines: list[LineItem]) -> Upload:
    with acting_for(organisation.id):
        return uploads.keep("big.csv", big_file(*lines), None, organisation.id)


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


def kill_at(urls: database.Urls, statement: LiteralString) -> None:
    """Start a worker and kill it as soon as it wants what the statement holds."""
    with worker(urls.web) as process, held_back(urls.owner, statement) as wait:
        wait(1)
        process.kill()
        process.wait(60)


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
    kill_at(test_database, statement)
    left = kept(big)
    assert (left.state, left.attempts) == (UploadState.CHECKING, 1)
    assert findings(big) == []
    db.session.rollback()
    found = finish(test_database, big, UploadState.CHECKED)
    assert found.attempts == 2
    # As if nothing had happened: the same file, checked here.
    with acting_for(organisation.id):
        twin = uploads.check(uploads.keep("big.csv", big_file(*lines), None, organisation.id).id)
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
        uploads.check(big.id)
        uploads.ask_to_apply(big.id, [], None)
    kill_at(test_database, statement)
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
