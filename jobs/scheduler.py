"""The scheduler: one process beside the web workers that tells the workers of each job at its time, London time."""

import logging
import signal
import threading
from datetime import date, datetime

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from jobs import tasks
from models import COUNCIL, acting_for
from workflows.clock import LONDON, today
from workflows.upkeep.queue import Task, defer_job

# Between 02:00 and 03:00 no hour is missing or twice in London when the clocks change.
TIMES: dict[Task, dict[str, int]] = {
    Task.PERIODS: {"hour": 2, "minute": 10},
    Task.TIDY: {"hour": 2, "minute": 20},
    Task.DOCUMENTS: {"hour": 2, "minute": 30},
    Task.ABSENCE_CORRECTIONS: {"hour": 2, "minute": 35},
    Task.SCHEDULED_PAYMENTS: {"hour": 2, "minute": 40},
    Task.SETTLE_RUNS: {"hour": 2, "minute": 45},
    Task.RETENTION: {"hour": 2, "minute": 50},
    Task.REMINDERS: {"hour": 7, "minute": 30},
    Task.EMAILS: {"second": 0},
    Task.AUDIT_SEALS: {"second": 30},
    Task.PAPER_ISOS: {"minute": 25},
}
AT_START = (Task.PERIODS, Task.SCHEDULED_PAYMENTS)
ENDS = (signal.SIGINT, signal.SIGTERM)


def run_job(app: Flask, name: str, on: date | None = None) -> str:
    """Run a job now, in a context of its own, for a date: today where none is given; returns its sentence."""
    with app.app_context():
        return tasks.run_job(name, on or today())


def tell_workers(app: Flask, job: Task) -> None:
    """Write a job down for today; where it waits already, a worker has enough to do."""
    with app.app_context(), acting_for(COUNCIL):
        defer_job(job, today())


def run_scheduler(app: Flask) -> None:
    """Tell the workers of jobs at their times until the process gets SIGTERM or SIGINT.

    To be called last: the signals stay blocked.
    """
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = scheduler_of(app)
    # No handler: it could raise while a lock is held, a second one while the last jobs are awaited. The mask is
    # set before there are threads, which inherit it: the signals go to the one that waits for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    scheduler.add_listener(lambda _event: _end_when_asked(scheduler), EVENT_SCHEDULER_STARTED)
    scheduler.start()


def scheduler_of(app: Flask) -> BlockingScheduler:
    """Return a scheduler of all jobs, which is not started yet.

    A machine that was off last night catches up: some of them are due at once, and a run row says whether there is
    anything to catch up on. None runs only once: the scheduler takes such a job out after it has told of it, and raises
    where it is asked to end at that moment.
    """
    scheduler = BlockingScheduler(timezone=LONDON)
    for job, at in TIMES.items():
        due = {"next_run_time": datetime.now(LONDON)} if job in AT_START else {}
        scheduler.add_job(
            tell_workers, CronTrigger(timezone=LONDON, **at), args=(app, job), id=job,
            misfire_grace_time=3600, coalesce=True, max_instances=1, **due,
        )  # fmt: skip
    return scheduler


def _end_when_asked(scheduler: BlockingScheduler) -> None:
    def wait() -> None:
        signal.sigwait(ENDS)
        scheduler.shutdown()

    threading.Thread(target=wait, daemon=True).start()
