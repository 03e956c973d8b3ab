"""What a worker carries out: with the scope of the task, as often as it takes, and leaving nothing behind."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

import database
from jobs.scheduler import run_job, tell_workers
from models import JobRun, Organisation, Upload, acting_for, db
from rules.states import JobState
from rules.upload_states import UploadState
from tests.support.files.uploads import big_file
from tests.support.processes.queue import as_owner, away, make_due, waiting, work_off
from tests.support.worlds.world import World
from workflows.upkeep.queue import Task, defer, defer_job
from workflows.uploads import steps as uploads

TABLES = ("procrastinate_jobs", "procrastinate_events", "procrastinate_periodic_defers", "procrastinate_workers")


@pytest.fixture
def big(world: World, organisation: Organisation) -> Upload:
    line = world.line(organisation)
    with acting_for(organisation.id):
        return uploads.store_upload("big.csv", big_file(line), None, organisation.id)


def change(statement: str) -> None:
    db.session.execute(text(statement))
    db.session.commit()


def test_a_task_sees_only_its_own_organisation(app: Flask, world: World, big: Upload) -> None:
    other = world.organisation("Broadland Care CIC")
    change(f"UPDATE procrastinate_jobs SET args = jsonb_set(args, '{{organisation_id}}', '{other.id}')")
    work_off(app)
    assert waiting() == []
    assert db.session.query(Upload.state).scalar() is UploadState.WAITING


def test_the_queue_keeps_nothing_of_what_was_done(app: Flask, big: Upload) -> None:
    for _ in range(30):
        defer(Task.UPLOAD, organisation_id=big.organisation_id, upload_id=big.id)
    db.session.commit()
    work_off(app)
    rows = {table: db.session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in TABLES}
    assert rows == dict.fromkeys(TABLES, 0)


def test_a_job_that_is_due_is_carried_out_by_a_worker_once_for_its_date(app: Flask, world: World) -> None:
    for _ in range(2):
        tell_workers(app, Task.PERIODS)
    assert waiting() == [("periods", {"on": "2017-11-20"}, "todo")], "two that wait would do the same"
    work_off(app)
    tell_workers(app, Task.PERIODS)
    work_off(app)
    run = db.session.query(JobRun).one()
    assert (run.state, run.result, waiting()) == (JobState.DONE, "14 new payment periods.", [])


def test_a_job_that_fails_is_tried_three_times_and_kept_to_be_looked_at_for_a_week(
    app: Flask, world: World, test_database: database.Urls
) -> None:
    tell_workers(app, Task.PERIODS)
    with away(test_database.owner, "payment_period"):
        for _ in range(3):
            make_due()
            work_off(app)
    assert [run.state for run in db.session.query(JobRun)] == [JobState.FAILED] * 3
    assert [state for *_, state in waiting()] == ["failed"]
    assert run_job(app, "tidy") == "No old failed tasks."
    as_owner(test_database.owner, "UPDATE procrastinate_events SET at = at - interval '8 days'")
    assert run_job(app, "tidy", date(2017, 11, 21)) == "1 failed task deleted."
    assert waiting() == []


def test_what_waits_already_is_not_written_down_again_and_harms_nothing(world: World) -> None:
    day = world.period().start
    assert defer_job(Task.EMAILS, day)
    assert not defer_job(Task.EMAILS, day)
    assert defer_job(Task.PERIODS, day)
    assert [name for name, *_ in waiting()] == ["emails", "periods"]


def test_a_task_whose_transaction_is_undone_is_not_there(world: World) -> None:
    defer(Task.IMPORT, import_id=1)
    db.session.rollback()
    assert waiting() == []
