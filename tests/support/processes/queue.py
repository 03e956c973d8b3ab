"""The queue in a test: carried out here, made due, and looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, LiteralString

import psycopg
from flask import Flask
from sqlalchemy import text

from jobs import worker
from models import db


def work_off(app: Flask) -> None:
    """Carry out the tasks that are due, as a worker would; beside this thread, where a browser has its own loop."""
    beside(lambda: worker.work_off(app))


def beside(work: Callable[[], object]) -> None:
    """Do something in a thread of its own; what it raises is raised here."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed on
            raised.append(error)

    thread = Thread(target=run)
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def waiting() -> list[tuple[str, dict[str, Any], str]]:
    """The tasks in the queue: name, what is given to it, and state."""
    found = db.session.execute(text("SELECT task_name, args, status::text FROM procrastinate_jobs ORDER BY id")).all()
    db.session.rollback()
    return [(name, args, state) for name, args, state in found]


def as_owner(owner_url: str, statement: LiteralString) -> int:
    """Execute a statement as the owner of the tables; how many rows it was about."""
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        return owner.execute(statement).rowcount


@contextmanager
def away(owner_url: str, table: LiteralString) -> Iterator[None]:
    """Let a table be missing for a while: whatever needs it fails."""
    as_owner(owner_url, "ALTER TABLE " + table + " RENAME TO is_away")
    try:
        yield
    finally:
        as_owner(owner_url, "ALTER TABLE is_away RENAME TO " + table)


def make_due() -> None:
    """Let every task that waits for its time be due now."""
    db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'"))
    db.session.commit()
