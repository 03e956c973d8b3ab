"""The worker: a process beside the web workers that carries out what waits in the queue (procrastinate).

Any number of them run. Each takes one file and one job at a time, notices by itself what becomes due, and brings back
the tasks of a worker that was killed.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from typing import Any

import procrastinate
from flask import Flask

from jobs.tasks import TASKS
from models import db
from models.scoped import COUNCIL_POOL
from workflows.upkeep.queue import Busy, Queue, Task

# A worker says each HEARTBEAT seconds that it is there. One that was not heard for GRACE is thought to be gone, and its
# tasks are for whoever is next: measured, 6 seconds after it was killed. A new task wakes a worker at once; every LOOK
# seconds it looks for one that was brought back, or has become due.
HEARTBEAT, GRACE, LOOK = 1.0, 5.0, 1.0
# A file is tried until it says itself that it gives up, after 5 seconds, 15, 25 and so on; a job three times.
FILES_AGAIN = procrastinate.RetryStrategy(wait=5, linear_wait=10)
JOBS_AGAIN = procrastinate.RetryStrategy(max_attempts=2, wait=60, linear_wait=240)
# How long a worker that lost the database waits before it begins anew.
PAUSE = 1.0

# One statement, so that of two who look, one brings a task back. Whoever is only thought to be gone still holds the
# lock of what it works on.
BRING_BACK = """
SELECT procrastinate_retry_job_v2(left_behind.id, now(), NULL, NULL, NULL) FROM (
  SELECT id FROM procrastinate_jobs AS job WHERE status = 'doing' AND NOT EXISTS (
    SELECT FROM procrastinate_workers AS worker
    WHERE worker.id = job.worker_id AND last_heartbeat > now() - make_interval(secs => %(grace)s)
  ) FOR UPDATE SKIP LOCKED
) AS left_behind
"""

log = logging.getLogger(__name__)


class Ended(Exception):
    """The part of a worker that takes tasks ended by itself; it logged why."""


def run_worker(app: Flask) -> None:
    """Carry out tasks until the process is asked to end (SIGTERM, Ctrl-C): at once, or after the task it is at."""
    asyncio.run(_until_asked(app))


def work_off(app: Flask) -> None:
    """Carry out the tasks that are due by now, and return."""

    async def work() -> None:
        queue = _queue(app)
        async with queue.open_async():
            await queue.run_worker_async(wait=False, **_options(None))

    asyncio.run(work())


async def _until_asked(app: Flask) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    end = asyncio.create_task(asked.wait())
    while not asked.is_set():
        work = asyncio.create_task(_work(app))
        await asyncio.wait((work, end), return_when=asyncio.FIRST_COMPLETED)
        work.cancel()  # whoever is at a task finishes it first
        (error,) = await asyncio.gather(work, return_exceptions=True)
        if not isinstance(error, asyncio.CancelledError):
            log.error("The worker lost the queue", exc_info=error)
            await asyncio.wait((end,), timeout=PAUSE)


async def _work(app: Flask) -> None:
    """Work until cancelled; raises where the database does not answer."""
    queue = _queue(app)
    async with queue.open_async(), asyncio.TaskGroup() as group:
        for name in Queue:
            group.create_task(_take(queue, name))
        group.create_task(_bring_back(queue))


async def _take(queue: procrastinate.App, name: Queue) -> None:
    await queue.run_worker_async(**_options(name))
    raise Ended(name)


async def _bring_back(queue: procrastinate.App) -> None:
    while True:
        await queue.connector.execute_query_async(BRING_BACK, grace=GRACE)
        await asyncio.sleep(LOOK)


def _options(name: Queue | None) -> Any:
    return {
        "queues": [name] if name else None,
        "concurrency": 1,
        "install_signal_handlers": False,
        "fetch_job_polling_interval": LOOK,
        "update_heartbeat_interval": HEARTBEAT,
        # What failed for good is kept to be looked at; the job "tidy" deletes it in the end.
        "delete_jobs": "successful",
    }


def _queue(app: Flask) -> procrastinate.App:
    with app.app_context():
        address = db.engines[COUNCIL_POOL].url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = app.config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"]
    connector = procrastinate.PsycopgConnector(conninfo=address, kwargs=options, min_size=1, max_size=4)
    queue = procrastinate.App(connector=connector)
    for task, work in TASKS.items():
        again = FILES_AGAIN if task.queue is Queue.FILES else JOBS_AGAIN
        queue.task(name=task, queue=task.queue, retry=again)(_in_context(app, task, work))
    return queue


def _in_context(app: Flask, task: Task, work: Callable[..., None]) -> Callable[..., None]:
    """Return a task in an application context, and so with a session, of its own: it runs in a thread."""

    def carry_out(**ids: Any) -> None:
        with app.app_context():
            try:
                work(**ids)
            except Busy:
                raise  # it is tried again, and nothing is wrong
            except Exception:
                log.exception("%s %s", task, ids)
                raise

    return carry_out
