"""The scheduler as a process of its own."""

import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

import database
from jobs.scheduler import AT_START, TIMES, scheduler_of
from models import db
from tests.support.processes.children import until
from tests.support.worlds.world import World
from workflows.clock import LONDON


@pytest.mark.parametrize("again", [False, True])
def test_the_scheduler_catches_up_and_ends_well_however_often_it_is_asked(
    world: World, test_database: database.Urls, again: bool
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "jobs"],
        cwd=Path(database.__file__).parents[1],
        env=os.environ | {"DATABASE_URL": test_database.web, "SECRET_KEY": "a key for tests"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        until(_periods_are_due, "the scheduler has not deferred what is due at its start")
        process.send_signal(signal.SIGTERM)
        while again and process.poll() is None:
            process.send_signal(signal.SIGINT)
            os.sched_yield()
        said, _ = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_what_is_due_at_the_start_is_a_job_that_comes_again(app: Flask) -> None:
    now = datetime.now(LONDON)
    jobs = scheduler_of(app).get_jobs()
    assert {job.id for job in jobs} == set(TIMES)
    assert {job.id for job in jobs if getattr(job, "next_run_time", None)} == set(AT_START)
    # One that ran for the last time would be taken out, which fails where the scheduler is asked to end meanwhile.
    assert all(job.trigger.get_next_fire_time(now, now) for job in jobs)


def _periods_are_due() -> bool:
    db.session.rollback()
    return bool(db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'periods'")))
