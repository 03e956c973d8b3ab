"""`make load`: a go-live morning, on the portal's own serving and database, with those who play it on the same machine.

PEOPLE sign in evenly over SECONDS, one of each organisation, and each does the whole work of a period: menu, documents,
a week put right, saved and confirmed, an invoice. OFFICERS of the council go round beside them. Nobody may meet an
error, and what people wait for has to be there in time. BENCH_COUNTY names a database to take a copy of; without it a
county is loaded first, three minutes.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import IO, Any, NamedTuple

import psycopg

import database
import migrations
from bench.processor import parent_of, seconds_of, seconds_of_machine
from config import PROJECT
from demonstration.council import OFFICERS
from rules.states import ActualState
from views.access.roles import ROLE_NAMES

PEOPLE, SECONDS, STAFF = 300, 150, 10
MOST_MILLISECONDS = 500
# Somebody's morning takes half a minute; whoever is not done by then is an error.
MOST_SECONDS = SECONDS + 75
READY_SECONDS = 60
FILE = "File of the first page"

# One contact who may do everything of each organisation that has weeks to finish, in an order that is no order. What is
# held is a draft that waits for Service Brokerage.
WHO = """
SELECT DISTINCT ON (md5(organisation_id::text)) ab_user.email FROM contact JOIN ab_user ON ab_user.id = user_id
WHERE may_documents AND may_actuals AND may_payments AND NOT must_change_password AND organisation_id IN (
  SELECT organisation_id FROM actual WHERE week_starting >= %(start)s AND state = %(draft)s
    AND id NOT IN (SELECT actual_id FROM exception_check WHERE over AND decision_id IS NULL))
ORDER BY md5(organisation_id::text), ab_user.id LIMIT %(most)s"""
PERIOD = """
SELECT start FROM payment_period WHERE (SELECT max(week_starting) FROM actual) BETWEEN start AND "end" """


class Served(NamedTuple):
    """The portal as it is served: where, its processes by what they are, and what they logged."""

    host: str
    processes: dict[str, int]
    log: Path


@contextmanager
def county() -> Iterator[database.Urls]:
    """Give a database of its own that holds a county, which is dropped at the end."""
    database.start()
    name = f"morning_{os.getpid()}"
    template = os.environ.get("BENCH_COUNTY")
    print(f"Copying {template}" if template else "Loading a county, some minutes", flush=True)
    urls = database.create_database(name, template)
    try:
        if not template:
            migrations.bring_up(urls.owner, ROLE_NAMES)
            _run(["load-demo", "--size", "county"], urls)
        with _connected(urls) as connection:
            connection.execute("CHECKPOINT")  # what was written so far is no part of the morning
        yield urls
    finally:
        database.drop_database(name)


@contextmanager
def served(urls: database.Urls, folder: Path) -> Iterator[Served]:
    """Serve the portal as a council does, and end it. Raises TimeoutError where it does not answer."""
    log, port = folder / "log", _free_port()
    with ExitStack() as stack, log.open("w") as output:
        web = stack.enter_context(_part(["web", "--port", str(port)], urls, output))
        worker = stack.enter_context(_part(["worker"], urls, output))
        with _connected(urls) as connection:
            server = parent_of(connection.info.backend_pid)
        host = f"http://127.0.0.1:{port}"
        _wait_for(f"{host}/health", log)
        yield Served(host, {"web": web, "PostgreSQL": server, "worker": worker}, log)


def cast(urls: database.Urls) -> dict[str, Any]:
    """Return who plays in the morning, and the day of the period they work on."""
    with _connected(urls) as connection:
        [start] = connection.execute(PERIOD).fetchone() or [None]
        known = {"start": start, "draft": ActualState.DRAFT.value, "most": PEOPLE}
        people = [email for (email,) in connection.execute(WHO, known)]
    officers = [list(OFFICERS)[number % len(OFFICERS)] for number in range(STAFF)]
    return {"people": people, "officers": officers, "period_day": str(start)}


def play(portal: Served, roles: dict[str, Any]) -> tuple[dict[str, Any], dict[str, float]]:
    """Play the morning; return what the people met, and the seconds of processor time by who used them."""
    asked = {"host": portal.host, "seconds": SECONDS, "most_seconds": MOST_SECONDS, **roles}
    before = {name: seconds_of(pid) for name, pid in portal.processes.items()}
    mine, machine = seconds_of(os.getpid()), seconds_of_machine()
    program = [sys.executable, "-m", "bench.morning.people"]
    answer = subprocess.run(
        program, cwd=PROJECT, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True, env=_environment()
    )
    used = {name: seconds_of(pid) - before[name] for name, pid in portal.processes.items()}
    # The parts of the portal are children of this process too.
    used["locust"] = seconds_of(os.getpid()) - mine - used["web"] - used["worker"]
    used["others"] = max(0.0, seconds_of_machine() - machine - sum(used.values()))
    met: dict[str, Any] = json.loads(answer.stdout)
    return met, used


def report(met: dict[str, Any], used: dict[str, float]) -> bool:
    """Print what happened, and return whether it is as it has to be."""
    kinds: dict[str, list[float]] = {}
    for kind, milliseconds in met["steps"]:
        kinds.setdefault(kind, []).append(milliseconds)
    all_steps = [each for kind, times in kinds.items() if kind != FILE for each in times]
    print(f"\n{'':<34} {'steps':>6} {'p50':>6} {'p95':>6} {'p99':>6} {'max':>6}  ms")
    for kind, times in [*kinds.items(), ("All, without the files", all_steps)]:
        print(f"{kind:<34} {len(times):>6} {' '.join(f'{each:6.0f}' for each in spread(times))}")
    errors = _errors(met)
    print(
        f"\n{len(met['people'])} people began within {SECONDS} s, {met['finished']} finished; {len(met['officers'])}"
        f" officers went round beside them. {met['requests']:,} requests in {met['took']:.0f} s,"
        f" {met['requests'] / met['took']:.0f} a second."
    )
    for lacking, count in met["without"].items():
        print(f"{count} had no {lacking.removeprefix('any')}.")
    print(f"Processor seconds: {', '.join(f'{name} {seconds:.0f}' for name, seconds in used.items())}.")
    for error, count in Counter(errors).most_common(20):
        print(f"Error, {count}×: {error}")
    slow = spread(all_steps)[1]
    good = not errors and slow < MOST_MILLISECONDS
    print(f"To reach: 0 errors and p95 under {MOST_MILLISECONDS} ms. {len(errors)} errors, p95 {slow:.0f} ms: "
          f"{'good' if good else 'NOT GOOD'}.")  # fmt: skip
    return good


def _errors(met: dict[str, Any]) -> list[str]:
    """Return what people met that they should not have, and who is missing at the beginning and at the end."""
    errors, people = list(met["errors"]), len(met["people"])
    if people < PEOPLE:
        errors.append(f"Only {people} of {PEOPLE} organisations of this county have a week to finish")
    stopped = sum(any(f"({email})" in error for error in errors) for email in met["people"])
    if unfinished := people - met["finished"] - stopped:
        errors.append(f"{unfinished} people were not done after {MOST_SECONDS} s")
    return errors


def spread(times: list[float]) -> tuple[float, float, float, float]:
    """Return the median, p95, p99 and the longest of some times; of none, noughts."""
    cuts = quantiles(times * 2 or [0.0, 0.0], n=100, method="inclusive")  # it asks for two at least
    return cuts[49], cuts[94], cuts[98], max(times, default=0.0)


@contextmanager
def _part(command: list[str], urls: database.Urls, output: IO[str]) -> Iterator[int]:
    """Run a part of the portal and give its process; it ends as a service is ended."""
    part = subprocess.Popen(_flask(command), cwd=PROJECT, env=_environment(urls), stdout=output, stderr=output)
    try:
        yield part.pid
    finally:
        part.terminate()
        part.wait(timeout=READY_SECONDS)


def _run(command: list[str], urls: database.Urls) -> None:
    subprocess.run(_flask(command), cwd=PROJECT, env=_environment(urls), stdout=subprocess.DEVNULL, check=True)


def _flask(command: list[str]) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", *command]


SECRET_KEY = secrets.token_hex(32)


def _environment(urls: database.Urls | None = None) -> dict[str, str]:
    named = {"DATABASE_URL": urls.web, "DATABASE_OWNER_URL": urls.owner} if urls else {}
    return {**os.environ, **named, "SECRET_KEY": SECRET_KEY}


def _connected(urls: database.Urls) -> psycopg.Connection:
    return psycopg.connect(urls.owner.replace("+psycopg:", ":", 1), autocommit=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(address: str, log: Path) -> None:
    until = monotonic() + READY_SECONDS
    while monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            sleep(0.2)
    raise TimeoutError(f"The portal does not answer:\n{log.read_text()}")


def main() -> int:
    """Play a morning and print it; return what the process ends with."""
    with county() as urls, TemporaryDirectory() as folder, served(urls, Path(folder)) as portal:
        met, used = play(portal, cast(urls))
        good = report(met, used)
        if not good:
            print("The portal logged, at the end:", *portal.log.read_text().splitlines()[-20:], sep="\n  ")
    return 0 if good else 1
