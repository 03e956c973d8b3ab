"""What is typed behind `flask --app app`."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from time import perf_counter
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Connection, select, text

import database
from commands.web import PROCESSES
from jobs.scheduler import tell_workers
from models import JobRun, Organisation, PortalUser, db
from tests.models.test_promises import confirmed_week, invoice_of
from tests.support.processes.children import until
from tests.support.processes.queue import waiting
from tests.support.worlds.world import World
from workflows.hashes import matches
from workflows.payments.money_checks import CHECKS
from workflows.upkeep.queue import Task

PROJECT = Path(database.__file__).parents[1]
WHO = ["--email", "Jo.Pegg@council.example", "--first-name", "Jo", "--last-name", "Pegg"]


def _run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments), input=typed)


@pytest.fixture
def empty(test_database: database.Urls) -> Iterator[dict[str, str]]:
    """An empty database of its own, as the environment of a process names it."""
    name = f"commands_{os.getpid()}"
    urls = database.create_database(name)
    yield os.environ | {"DATABASE_URL": urls.web, "DATABASE_OWNER_URL": urls.owner, "PORTAL_TODAY": "2017-11-20"}
    database.drop_database(name)


def test_the_first_administrator_must_change_the_password_they_are_given(world: World, app: Flask) -> None:
    done = _run(app, "create-user", *WHO, "--password", "")
    assert done.exit_code == 0, done.output
    user = db.session.scalars(select(PortalUser)).one()
    assert user.email == "jo.pegg@council.example"
    assert [role.name for role in user.roles] == ["Administrator"]
    assert user.council
    assert user.must_change_password
    given = done.output.split("Given password: ")[1].split()[0]
    assert matches(user.password, given)


def test_what_is_not_given_is_asked_for_and_a_typed_password_is_not_shown(world: World, app: Flask) -> None:
    typed = "jo@council.example\nJo\nPegg\nthree-otters-asleep\n"
    done = _run(app, "create-user", typed=typed)
    assert done.exit_code == 0, done.output
    assert "three-otters-asleep" not in done.output
    assert matches(db.session.scalars(select(PortalUser)).one().password, "three-otters-asleep")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--email", "Jo Pegg"], "Enter an e-mail address, such as name@council.gov.uk."),
        (["--last-name", " "], "Enter a last name."),
        (["--password", "short"], "Use at least 12 characters."),
        (["--email", "officer@council.example"], "officer@council.example can sign in already."),
    ],
)
def test_no_administrator_is_made_from_what_the_portal_would_refuse(
    world: World, app: Flask, arguments: list[str], sentence: str
) -> None:
    world.officer("Auditor", "officer@council.example")
    done = _run(app, "create-user", *WHO, "--password", "three-otters-asleep", *arguments)
    assert done.exit_code == 1
    assert sentence in done.output
    assert db.session.scalars(select(PortalUser.email)).all() == ["officer@council.example"]


def test_a_job_is_run_for_the_date_that_is_named(world: World, app: Flask) -> None:
    done = _run(app, "job", "periods", "--on", "2018-11-20")
    assert done.output == "14 new payment periods.\n"
    assert db.session.scalars(select(JobRun)).one().due_on.year == 2018
    assert "Already done" in _run(app, "job", "periods", "--on", "2018-11-20").output


def test_only_jobs_that_exist_are_offered(app: Flask) -> None:
    done = _run(app, "job", "no-such-job")
    assert done.exit_code == 2
    assert "'periods', 'emails', 'reminders', 'tidy'" in done.output


def test_a_worker_that_is_to_work_once_ends_when_nothing_is_due(
    world: World, app: Flask, test_database: database.Urls
) -> None:
    tell_workers(app, Task.PERIODS)
    here = os.environ | {"DATABASE_URL": test_database.web, "PORTAL_TODAY": "2017-11-20"}
    command = [sys.executable, "-m", "flask", "--app", "app", "worker", "--once"]
    subprocess.run(command, cwd=PROJECT, env=here, check=True, timeout=60)
    assert waiting() == []
    assert db.session.scalars(select(JobRun)).one().result == "14 new payment periods."


def test_the_demonstration_is_not_loaded_beside_organisations(world: World, app: Flask) -> None:
    world.organisation("Trafford House")
    done = _run(app, "load-demo", "--size", "small")
    assert done.exit_code == 1
    assert "only loaded into an empty one" in done.output
    assert db.session.scalars(select(Organisation.name)).all() == ["Trafford House"]


def test_a_port_in_use_is_refused_before_anything_is_started(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        done = _run(app, "serve")
    assert done.exit_code == 1
    assert "cannot be used: Address already in use. Try another: PORT=" in done.output


def test_set_up_makes_an_empty_database_ready_and_does_nothing_the_second_time(empty: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "app", "set-up"]
    for _ in range(2):
        done = subprocess.run(command, cwd=PROJECT, env=empty, capture_output=True, text=True, check=True)
        assert done.stdout == "The database is ready.\n"


def test_one_command_serves_an_empty_database_with_the_demonstration_and_ends_when_asked(empty: dict[str, str]) -> None:
    with _serving(empty) as (serving, address):
        assert '"database":"ok"' in _answer(f"{address}/health", serving)
        assert "demonstration" in _answer(f"{address}/sign-in", serving).lower()
        serving.send_signal(signal.SIGTERM)
        said, _ = serving.communicate(timeout=30)
    assert serving.returncode == 0, said
    assert f"The portal is on {address}" in said
    assert "manager@fenland-homecare.example" in said
    assert "Traceback" not in said
    with pytest.raises(URLError):
        urlopen(f"{address}/health")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the children of a process in a file")
def test_each_part_that_is_killed_comes_back_and_the_portal_answers(empty: dict[str, str]) -> None:
    with _serving(empty | {"PORTAL_DEMONSTRATION": "0"}) as (serving, address):
        _answer(f"{address}/health", serving)
        before = _children(serving.pid)
        parts = PROCESSES + len(("scheduler", "worker"))
        assert len(before) == parts
        for part in before:
            os.kill(part, signal.SIGKILL)
        until(lambda: len(_children(serving.pid) - before) == parts, "not every part came back")
        assert '"database":"ok"' in _answer(f"{address}/health", serving)
        serving.send_signal(signal.SIGTERM)
        serving.send_signal(signal.SIGINT)
        said, _ = serving.communicate(timeout=30)
    assert serving.returncode == 0, said
    assert said.count("It is started again.") == parts
    assert "Traceback" not in said


def test_two_hundred_slow_connections_keep_nobody_waiting(empty: dict[str, str]) -> None:
    begun = b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nemail="
    with _serving(empty | {"PORTAL_DEMONSTRATION": "0"}) as (serving, address), ExitStack() as open_ones:
        _answer(f"{address}/health", serving)
        where = ("127.0.0.1", int(address.rpartition(":")[2]))
        for _ in range(200):
            open_ones.enter_context(socket.create_connection(where)).sendall(begun)
        began = perf_counter()
        for _ in range(20):
            assert '"database":"ok"' in _answer(f"{address}/health", serving)
        # 2 ms each where measured; with one of them in the way it would not come back at all.
        assert perf_counter() - began < 20 * 0.2
        serving.send_signal(signal.SIGTERM)
        said, _ = serving.communicate(timeout=30)
    assert serving.returncode == 0, said


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The portal as `make run` serves it, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    here, pipe = environment | {"PORT": str(port)}, subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, env=here, stdout=pipe, stderr=subprocess.STDOUT, text=True) as serving:
        try:
            yield serving, f"http://127.0.0.1:{port}"
        finally:
            serving.terminate()


def _children(pid: int) -> set[int]:
    return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def _answer(address: str, serving: "subprocess.Popen[str]") -> str:
    for _ in range(600):
        try:
            with urlopen(address) as answer:
                return str(answer.read().decode())
        except OSError:  # nobody listens yet, or whoever took the request was killed
            with suppress(subprocess.TimeoutExpired):
                serving.wait(0.1)
            assert serving.poll() is None, serving.communicate()[0]
    raise AssertionError(f"{address} does not answer")


def test_the_money_checks_are_a_command_that_fails_where_one_does(world: World, app: Flask, owner: Connection) -> None:
    assert _run(app, "check-money").output == f"All {len(CHECKS)} money checks hold.\n"
    own = {"number": "INV-000099", "received_on": date(2017, 11, 20)}
    invoice_of(confirmed_week(world.line(world.organisation())), world.period(), **own)
    owner.execute(text("SET session_replication_role = replica"))
    owner.execute(text("UPDATE invoice SET net = net + 1, gross = gross + 1"))
    owner.commit()
    done = _run(app, "check-money")
    assert done.exit_code == 1
    sums = "total £138.76, lines £137.76"
    assert done.output == f"INV-000099: {sums}. Broken: Every amount is the sum of its rounded lines.\n"
