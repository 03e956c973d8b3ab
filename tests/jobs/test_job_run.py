"""A job runs once for a date, however many processes ask for it."""

import threading
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.scheduler import run_job
from models import COUNCIL, JobRun, PaymentPeriod, acting_for, db
from rules.states import JobState
from tests.support.worlds.world import World
from workflows.upkeep.job_run import ABANDONED, ALREADY, run_once
from workflows.upkeep.queue import held

DAY = date(2017, 11, 20)


def _runs() -> list[JobRun]:
    return list(db.session.scalars(select(JobRun).order_by(JobRun.id).execution_options(populate_existing=True)))


def _fail() -> str:
    raise ArithmeticError("no paper left")


def test_a_job_is_done_once_for_a_date(world: World, app: Flask) -> None:
    assert run_job(app, "periods") == "14 new payment periods."
    assert run_job(app, "periods") == ALREADY
    assert run_job(app, "periods", DAY + timedelta(days=1)) == "All payment periods are there."
    assert [(run.due_on, run.state) for run in _runs()] == [
        (DAY, JobState.DONE), (DAY + timedelta(days=1), JobState.DONE),
    ]  # fmt: skip
    assert all(run.ended_at for run in _runs())


def test_of_two_at_the_same_moment_one_does_the_work(world: World, app: Flask) -> None:
    ready, done = threading.Barrier(2), threading.Event()
    worked: list[int] = []
    finished: list[bool] = []

    def work(number: int) -> str:
        worked.append(number)
        assert done.wait(30)  # still at it while the other asks
        return "Worked."

    def ask(number: int) -> None:
        with app.app_context(), acting_for(COUNCIL):
            ready.wait()
            finished.append(run_once("periods", DAY, lambda: work(number)) is not None)
            done.set()  # the one that was turned away lets the other end
            db.session.remove()

    askers = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(worked) == 1
    assert sorted(finished) == [False, True]
    assert [run.result for run in _runs()] == ["Worked."]


def test_what_a_failed_run_did_is_undone_and_it_can_be_tried_again(world: World) -> None:
    def half() -> str:
        db.session.add(PaymentPeriod(number=0))
        return _fail()

    with pytest.raises(ArithmeticError):
        run_once("periods", DAY, half)
    again = run_once("periods", DAY, lambda: "All is well.")
    assert again is not None
    assert [(run.attempt, run.state, run.result) for run in _runs()] == [
        ("daily", JobState.FAILED, "ArithmeticError: no paper left"),
        ("again 1", JobState.DONE, "All is well."),
    ]
    assert run_once("periods", DAY, _fail) is None


def test_a_run_whose_process_was_killed_is_tried_again_by_whoever_asks_next(world: World) -> None:
    db.session.add(JobRun(job="periods", due_on=DAY, state=JobState.RUNNING))
    db.session.commit()
    with held(f"periods {DAY}"):
        assert run_once("periods", DAY, lambda: "Now.") is None, "whoever runs it is still there"
    assert run_once("periods", DAY, lambda: "Now.") is not None
    assert [(run.state, run.result) for run in _runs()] == [(JobState.FAILED, ABANDONED), (JobState.DONE, "Now.")]
