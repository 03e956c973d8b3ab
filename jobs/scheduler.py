"""The scheduler: one process beside the web workers that runs each job at its time, London time."""

import logging
import signal
import threading
from datetime import date

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from flask import Flask

from jobs import JOBS, periods
from models import COUNCIL, enter, say_who
from workflows.clock import LONDON, today

# Between 02:00 and 03:00 no hour is missing or twice in London when the clocks change.
TIMES = {"periods": {"hour": 2, "minute": 10}, "emails": {"second": 0}}
AT_START = (periods.NAME,)
ENDS = (signal.SIGINT, signal.SIGTERM)


def run_job(app: Flask, name: str, on: date | None = None) -> str:
    """Run a job in a context of its own, seeing every organisation, for a date: today where none is given."""
    with app.app_context():
        enter(COUNCIL)
        say_who(None, "scheduler")
        return JOBS[name](on or today())


def run_scheduler(app: Flask) -> None:
    """Run jobs at their times until the process gets SIGTERM or SIGINT; jobs that run are finished first.

    To be called last: the signals stay blocked.
    """
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = BlockingScheduler(timezone=LONDON)
    for name, at in TIMES.items():
        scheduler.add_job(
            run_job, CronTrigger(timezone=LONDON, **at), args=(app, name), id=name,
            misfire_grace_time=3600, coalesce=True, max_instances=1,
        )  # fmt: skip
    # A machine that was off last night catches up; a run row says whether there is anything to catch up on.
    for name in AT_START:
        scheduler.add_job(run_job, args=(app, name), id=f"{name} at start", misfire_grace_time=3600)
    # No handler: it could raise while a lock is held, a second one while the last jobs are awaited. The mask is
    # set before there are threads, which inherit it: the signals go to the one that waits for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    scheduler.add_listener(lambda _event: _end_when_asked(scheduler), EVENT_SCHEDULER_STARTED)
    scheduler.start()


def _end_when_asked(scheduler: BlockingScheduler) -> None:
    def wait() -> None:
        signal.sigwait(ENDS)
        scheduler.shutdown()

    threading.Thread(target=wait, daemon=True).start()
