"""A big file waits for a worker, a small one is checked once in its request, and a file outlives who works on it."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

import database
from models import COUNCIL, Organisation, Upload, acting_for, db
from rules.upload_states import UploadState
from tests.support.files.uploads import big_file, stored
from tests.support.processes.queue import away, make_due, waiting, work_off
from tests.support.queries import Queries
from tests.support.worlds.world import World
from workflows.upkeep.queue import GAVE_UP, GAVE_UP_WRITING, MOST_ATTEMPTS, Busy, held
from workflows.uploads import steps as uploads
from workflows.uploads import work

SMALL = b"CPLI,Service date,Delivered units\nnone,16/10/2017,1"


@pytest.fixture
def big(world: World, organisation: Organisation) -> Upload:
    line = world.line(organisation)
    with acting_for(organisation.id):
        return uploads.store_upload("big.csv", big_file(line), None, organisation.id)


def now(kept: Upload) -> Upload:
    """A file as it is now."""
    with acting_for(COUNCIL):
        found = uploads.find_upload(kept.id)
        db.session.rollback()
    return found


def checks(queries: list[str]) -> int:
    """How often a file was checked: each check writes its findings anew."""
    return sum(query.startswith("DELETE FROM upload_finding") for query in queries)


def test_a_big_file_waits_and_a_worker_checks_and_puts_it_in(
    app: Flask, organisation: Organisation, big: Upload
) -> None:
    task = ("upload", {"organisation_id": organisation.id, "upload_id": big.id}, "todo")
    assert (now(big).state, waiting()) == (UploadState.WAITING, [task])
    work_off(app)
    assert now(big).state is UploadState.CHECKED
    with acting_for(organisation.id):
        assert uploads.ask_to_apply(big.id, [], None).state is UploadState.APPLYING
    assert (stored(), waiting()) == ({}, [task])
    work_off(app)
    assert now(big).state is UploadState.DONE
    assert len(stored()) == 1
    assert waiting() == [], "there is nothing left to do"


def test_a_small_file_is_checked_once_and_its_task_finds_nothing_to_do(app: Flask, organisation: Organisation) -> None:
    with Queries() as queries, acting_for(organisation.id):
        kept = uploads.store_upload("small.csv", SMALL, None, organisation.id)
        assert (kept.state, kept.attempts) == (UploadState.CHECKED, 1)
    assert [state for *_, state in waiting()] == ["todo"]
    make_due()
    work_off(app)
    assert checks(queries) == 1
    assert (now(kept).state, now(kept).attempts, waiting()) == (UploadState.CHECKED, 1, [])


def test_a_small_file_whose_request_fails_is_left_to_the_worker(
    app: Flask, organisation: Organisation, test_database: database.Urls
) -> None:
    with away(test_database.owner, "upload_finding"), acting_for(organisation.id):
        kept = uploads.store_upload("small.csv", SMALL, None, organisation.id)
    assert (kept.state, kept.attempts) == (UploadState.CHECKING, 1)
    make_due()
    work_off(app)
    assert (now(kept).state, now(kept).attempts) == (UploadState.CHECKED, 2)


def test_a_file_that_somebody_else_works_on_is_left_to_them_and_tried_again(app: Flask, big: Upload) -> None:
    with held(f"upload {big.id}"):
        with acting_for(big.organisation_id), pytest.raises(Busy):
            work.work_on(big.id)
        work_off(app)
        assert (now(big).state, now(big).attempts) == (UploadState.WAITING, 0)
        assert [state for *_, state in waiting()] == ["todo"]
    make_due()
    work_off(app)
    assert (now(big).state, now(big).attempts) == (UploadState.CHECKED, 1)


@pytest.mark.parametrize(("state", "said"), [("checking", GAVE_UP), ("applying", GAVE_UP_WRITING)])
def test_a_file_that_ends_every_worker_is_given_up_with_a_sentence(
    app: Flask, big: Upload, state: str, said: str
) -> None:
    db.session.execute(text(f"UPDATE upload SET state = '{state}', attempts = {MOST_ATTEMPTS}"))
    db.session.commit()
    work_off(app)
    kept = now(big)
    assert (kept.state, kept.notices, waiting()) == (UploadState.FAILED, [said], [])
    assert "two halves" in said


def test_a_check_in_the_background_says_how_far_it_is(app: Flask, big: Upload) -> None:
    work_off(app)
    kept = now(big)
    assert kept.rows_done == kept.rows_total == 507


def test_a_file_and_its_task_are_there_both_or_neither(
    organisation: Organisation, test_database: database.Urls
) -> None:
    with away(test_database.owner, "procrastinate_jobs"), acting_for(organisation.id):
        with pytest.raises(ProgrammingError):
            uploads.store_upload("small.csv", SMALL, None, organisation.id)
        db.session.rollback()
    assert (db.session.query(Upload).count(), waiting()) == (0, [])


def test_a_file_goes_in_with_its_task_or_not_at_all(big: Upload, app: Flask, test_database: database.Urls) -> None:
    work_off(app)
    with away(test_database.owner, "procrastinate_jobs"), acting_for(big.organisation_id):
        with pytest.raises(ProgrammingError):
            uploads.ask_to_apply(big.id, [], None)
        db.session.rollback()
    assert (now(big).state, waiting()) == (UploadState.CHECKED, [])
