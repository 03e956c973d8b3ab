"""The queue: what takes long, or has fallen due, is a row of procrastinate's, and a worker carries it out (`jobs/`).

A task is written down in the transaction of the row that it is about: there are both, or neither. What is given to it
is logged, so it is ids only. A task may be begun more than once, by a worker that was killed or one that was thought to
be: whoever works on a row holds its lock (`held`), and the row says what is left to do.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from models import db
from rules.refusal import Refused
from workflows.clock import now

# A file is begun so often: one that ended its worker each time ends with a sentence.
MOST_ATTEMPTS = 3
INSTEAD = "Nothing was changed. Send it in two halves, or save it as .csv and send that. If it stops again, tell us."
GAVE_UP = f"The check of this file stopped {MOST_ATTEMPTS} times and was given up. {INSTEAD}"
GAVE_UP_WRITING = f"Putting this file in stopped {MOST_ATTEMPTS} times and was given up. {INSTEAD}"
# What is small is done within its request; a worker looks after so long whether the request has come to its end.
REQUEST = timedelta(seconds=10)
# How long a task that failed for good stays in the table, to be looked at.
KEEP_FAILED = timedelta(days=7)

log = logging.getLogger(__name__)


class Queue(StrEnum):
    """What a worker takes beside each other, one task of each: an e-mail does not wait behind a big file."""

    FILES = "files"
    JOBS = "jobs"


class Task(StrEnum):
    """What a worker can be told to do; the names of jobs are those of `flask job`."""

    UPLOAD = "upload"
    IMPORT = "import"
    INVITATIONS = "invitations"
    PERIODS = "periods"
    EMAILS = "emails"
    REMINDERS = "reminders"
    TIDY = "tidy"
    PAPER_ISOS = "paper-isos"
    DOCUMENTS = "documents"
    ABSENCE_CORRECTIONS = "absence-corrections"
    SCHEDULED_PAYMENTS = "scheduled-payments"
    SETTLE_RUNS = "settle-runs"
    AUDIT_SEALS = "audit-seals"
    RETENTION = "retention"
    SCHEDULED_PREVIEW = "scheduled-preview"

    @property
    def queue(self) -> Queue:
        """Return the queue that the task waits in."""
        return Queue.FILES if self in (Task.UPLOAD, Task.IMPORT) else Queue.JOBS

    @property
    def heading(self) -> str:
        """Return what it is called on a page."""
        return _CALLED.get(self) or self.value.capitalize().replace("-", " ")


# Whose own name is not how pages spell it.
_CALLED = {Task.PAPER_ISOS: "Paper ISOs", Task.EMAILS: "E-mails"}


class Busy(Exception):
    """Somebody else is at it."""


_DEFER = text(
    "SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(:queue, :task, 0, NULL, :once, CAST(:args AS jsonb), :at)"
    "::procrastinate_job_to_defer_v1])"
)


def defer(task: Task, *, after: timedelta | None = None, **ids: int) -> None:
    """Write a task down in the session's transaction; a worker takes it once that is committed, or so long after."""
    _defer(task, ids, after=after)


def defer_job(task: Task, on: date) -> bool:
    """Write a job down for a date; whether it was not waiting already. Commits."""
    try:
        _defer(task, {"on": on.isoformat()}, once=task)
    except IntegrityError:  # of two that wait the queue takes one
        db.session.rollback()
        return False
    db.session.commit()
    return True


def _defer(
    task: Task, args: dict[str, int] | dict[str, str], *, after: timedelta | None = None, once: str | None = None
) -> None:
    values = {"queue": task.queue, "task": task, "args": json.dumps(args), "once": once}
    db.session.execute(_DEFER, values | {"at": now() + after if after else None})


@contextmanager
def held(name: str) -> Iterator[None]:
    """Hold the lock of a name, such as "upload 7", in all processes. Raises Busy where somebody else does.

    The lock is a connection's: it ends with the process, however that ends.
    """
    key = func.hashtextextended(name, 0)
    with db.session.get_bind().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(key))):
            raise Busy(name)
        try:
            yield
        finally:
            connection.execute(select(func.pg_advisory_unlock(key)))


def at_once(work: Callable[[], object]) -> None:
    """Do within a request what a task was written down for; a failure is left to the task. Raises Refused."""
    try:
        work()
    except Refused:
        raise
    except Busy:
        pass  # the worker was quicker
    except Exception:
        log.exception("Left to the worker")
        db.session.rollback()


def forget_failed() -> int:
    """Delete tasks that failed for good long ago; how many. Commits."""
    forgotten = db.session.scalars(
        text(
            "DELETE FROM procrastinate_jobs AS job WHERE status NOT IN ('todo', 'doing') AND NOT EXISTS"
            " (SELECT FROM procrastinate_events WHERE job_id = job.id AND at > :since) RETURNING id"
        ),
        {"since": now() - KEEP_FAILED},
    ).all()
    db.session.commit()
    return len(forgotten)
