"""Processes of their own on the database of the test: some that do a deed at the same moment, and the real worker."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import LiteralString

import psycopg

import database
from database import Urls
from tests.support.processes import application
from tests.support.processes.queue import as_owner

# Each process is forked from one that has the application already: importing it takes longer than most deeds.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.support.processes.application"])

# A deed is a program; a word on what became of it is all it prints.
PUT_IN = """
from rules.refusal import Refused
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
from rules.refusal import Refused
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


@dataclass(frozen=True)
class Doing:
    """A process that does a deed, and the connection to it."""

    process: ForkServerProcess
    here: Connection


def doing(urls: Urls, scope: int | str, deed: str, *, guarded: bool = True) -> Doing:
    """Start a process that does a deed. Without the guard, writing does not look at what it overwrites."""
    here, there = FORKED.Pipe()
    process = FORKED.Process(target=application.do, args=(urls, scope, deed, guarded, there))
    process.start()
    there.close()
    return Doing(process, here)


def said(child: Doing) -> str:
    """What a process said when it had done its deed."""
    assert child.here.poll(60), "a process did not answer"
    answer: str = child.here.recv()
    child.process.join(60)
    return answer


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
        process.join(60)
    let_go(urls)
    if long_ago:
        as_owner(urls.owner, "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 minute'")


@contextmanager
def worker(url: str) -> Iterator[ForkServerProcess]:
    """Run `flask --app app worker`; asked to end, it ends by itself and well, if it was not killed before."""
    environment = {"DATABASE_URL": url, "SECRET_KEY": "a key for tests", "PORTAL_TODAY": "2017-11-20"}
    process = FORKED.Process(target=application.command, args=(environment, "worker"))
    process.start()
    try:
        yield process
    finally:
        killed = process.exitcode == -signal.SIGKILL
        process.terminate()
        process.join(60)
    assert process.exitcode == (-signal.SIGKILL if killed else 0)


def until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; fail with a sentence after a minute."""
    for _ in range(600):
        if is_so():
            return
        threading.Event().wait(0.1)
    raise AssertionError(otherwise)
