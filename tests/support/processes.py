"""Processes of their own on the database of the test: some that do a deed at the same moment, and the real worker."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg

import database
from database import Urls
from tests.support.queue import as_owner

# A word on what became of the deed is all it prints. Without the guard, writing does not look at what it overwrites.
PROGRAM = """
import sys
from sqlalchemy import true
from app import create_app
from config import connections
from database import Urls
from models import enter
from rules.refusal import Refused
from workflows.weeks import write
*urls, scope, guarded, deed = sys.argv[1:]
if guarded != "guarded":
    write.is_as_read = lambda new: true()
app = create_app(
    **connections(Urls(*urls), pooled=False), SECRET_KEY="a key for tests",
    PORTAL_TODAY="2017-11-20",
)
with app.app_context():
    enter(scope)
    exec(deed)
"""

PUT_IN = """
from workflows.uploads import steps
try:
    steps.ask_to_apply({upload_id}, (), None)
    print("written")
except Refused:
    print("refused")
"""

TYPE = """
from datetime import date
from workflows.actuals.save import Entry, save_week
saved = save_week(date.fromisoformat("{week}"), [Entry({line_id}, {figures}, "OTHER", "", "{seen}")], None)
print("refused" if saved.refused else "written")
"""


CONFIRM = """
from workflows.imports import steps
try:
    steps.ask_to_confirm({import_id}, None)
    print("written")
except Refused:
    print("refused")
"""


def at_one_row(urls: Urls, organisation_id: int, deeds: list[str], *, guarded: bool = True) -> list[str]:
    """Let processes do deeds that write the same week; each has read it before any can write. What each said."""
    with held_back(urls.owner, "SELECT FROM actual FOR UPDATE") as wait:
        children = [doing(urls, organisation_id, deed, guarded=guarded) for deed in deeds]
        wait(len(deeds))
    return [said(child) for child in children]


def doing(urls: Urls, scope: int | str, deed: str, *, guarded: bool = True) -> "subprocess.Popen[str]":
    """Start a process that does a deed."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *urls, str(scope), "guarded" if guarded else "unguarded", deed],
        cwd=Path(database.__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(child: "subprocess.Popen[str]") -> str:
    """What a process said when it had done its deed."""
    return child.communicate(timeout=60)[0].strip()


@contextmanager
def held_back(owner_url: str, statement: LiteralString) -> Iterator[Callable[[int], None]]:
    """Hold what a statement locks; what is yielded waits until so many others want it."""
    plain = owner_url.replace("+psycopg", "")
    with psycopg.connect(plain) as holder, psycopg.connect(plain, autocommit=True) as watcher:
        holder.execute(statement)

        def wait(count: int) -> None:
            query = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            until(lambda: watcher.execute(query).fetchone() == (count,), "not everybody came to what is held")

        yield wait
        holder.rollback()


def let_go(urls: database.Urls) -> None:
    """Wait until the server has noticed that a process is gone, and has ended its sessions and their locks."""
    held = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as watcher:
        until(lambda: watcher.execute(held).fetchone() == (0,), "the locks of a killed process are still held")


def kill_at(urls: database.Urls, statement: LiteralString, *, long_ago: bool = False) -> None:
    """Start a worker and kill it as soon as it wants what the statement holds: just now, or long ago."""
    with worker(urls.web) as process, held_back(urls.owner, statement) as wait:
        wait(1)
        process.kill()
        process.wait(60)
    let_go(urls)
    if long_ago:
        as_owner(urls.owner, "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")


@contextmanager
def worker(url: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `flask --app app worker`; asked to end, it ends by itself and well, if it was not killed before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "worker"],
        cwd=Path(database.__file__).parents[1],
        env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": "a key for tests", "PORTAL_TODAY": "2017-11-20"},
    )
    try:
        yield process
    finally:
        killed = process.poll() == -signal.SIGKILL
        process.terminate()
        code = process.wait(60)
    assert code == (-signal.SIGKILL if killed else 0)


def until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; fail with a sentence after a minute."""
    for _ in range(600):
        if is_so():
            return
        threading.Event().wait(0.1)
    raise AssertionError(otherwise)
