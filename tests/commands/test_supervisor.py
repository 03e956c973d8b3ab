"""Processes that are kept running, with real signals."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import database
from tests.support.processes.children import until

# Parts say their name and number once they run. Whoever is left holds the pipe, and the test waits for its end.
BEGIN = """
import os, signal, subprocess, sys
sys.path.append("commands")  # without the application, which the supervisor does not know
from supervisor import PartFailed, Part, supervise

def say(*words):
    os.write(1, (" ".join(map(str, words)) + "\\n").encode())

def stay(name):
    def work():
        say(name, os.getpid())
        signal.pause()
    return work
"""
TWO = "supervise({'first': stay('first'), 'second': stay('second')})"


class Supervisor:
    """A process that keeps others running, and what it says line by line."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def said(self) -> list[str]:
        """Wait for the next line; its words."""
        assert self.process.stdout
        return self.process.stdout.readline().split()

    def pids(self, count: int) -> dict[str, int]:
        """Wait for so many parts to say who they are."""
        return {name: int(pid) for name, pid in (self.said() for _ in range(count))}

    def end(self) -> tuple[int, str]:
        """Wait until it and everything it started is gone; its exit code and what it said last."""
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, rest


@contextmanager
def running(program: str) -> Iterator[Supervisor]:
    process = subprocess.Popen(
        [sys.executable, "-c", BEGIN + program],
        cwd=Path(database.__file__).parents[1],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield Supervisor(process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()


def is_gone(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_a_part_that_is_killed_is_started_again_and_the_others_stay() -> None:
    with running(TWO) as supervisor:
        pids = supervisor.pids(2)
        os.kill(pids["first"], signal.SIGKILL)
        assert " ".join(supervisor.said()) == "The first ended by SIGKILL. It is started again."
        assert supervisor.pids(1)["first"] not in pids.values()
        os.kill(pids["second"], 0)
        supervisor.process.terminate()
        assert supervisor.end() == (0, "")
        assert is_gone(pids["second"])


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_all(first: signal.Signals) -> None:
    with running(TWO) as supervisor:
        supervisor.pids(2)
        supervisor.process.send_signal(first)
        assert supervisor.end() == (0, "")


def test_signals_right_after_one_another_end_all_every_time() -> None:
    # Supervisors one after another, so that the signals come at many moments: two of them, or as many as there can be.
    many = """
for turn in range(40):
    reader, writer = os.pipe()
    supervisor = os.fork()
    if supervisor == 0:
        def work():
            os.write(writer, b".")
            signal.pause()
        supervise({"first": work, "second": work})
        os._exit(0)
    os.close(writer)
    os.read(reader, 1), os.read(reader, 1)
    ended = 0
    while not ended:
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(supervisor, number)
            if turn % 2:
                os.sched_yield()
        ended, status = os.waitpid(supervisor, os.WNOHANG if turn % 2 else 0)
    assert status == 0
    assert os.read(reader, 1) == b""
    os.close(reader)
say("ended")
"""
    with running(many) as supervisor:
        assert supervisor.end() == (0, "ended\n")


def test_a_part_that_ends_again_and_again_ends_all_by_its_name() -> None:
    program = """
def fail():
    sys.exit(7)
try:
    supervise({"first": stay("first"), "second": fail})
except PartFailed as failed:
    sys.exit(str(failed))
"""
    with running(program) as supervisor:
        code, said = supervisor.end()
    assert code == 1
    assert said.count("The second ended with exit code 7. It is started again.") == 3
    assert (
        "The second ended 4 times within 60 seconds, the last time with exit code 7, so the whole portal was ended."
        in said
    )


def test_a_part_that_ends_once_in_a_while_is_started_again_for_ever() -> None:
    program = """
part = Part("old", stay("old"))
for now in (*range(0, 600, 30), 600, 601):
    part.start_again(now)
try:
    part.start_again(602)
except PartFailed:
    say("too often")
part.kill()
"""
    with running(program) as supervisor:
        code, said = supervisor.end()
    assert (code, said.splitlines()[-1]) == (0, "too often")


def test_a_part_that_does_not_want_to_end_is_killed() -> None:
    program = """
def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    stay("stubborn")()
supervise({"stubborn": stubborn, "first": stay("first")}, seconds_to_end=0.2)
"""
    with running(program) as supervisor:
        supervisor.pids(2)
        supervisor.process.terminate()
        assert supervisor.end() == (0, "")


WITH_CHILD = """
def parent():
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stay("child")()
    stay("parent")()
supervise({"parent": parent})
"""


def test_what_a_killed_part_started_is_killed_before_the_part_is_started_again() -> None:
    with running(WITH_CHILD) as supervisor:
        pids = supervisor.pids(2)
        os.kill(pids["parent"], signal.SIGKILL)
        assert supervisor.said()[1] == "parent"
        assert supervisor.pids(2).keys() == {"parent", "child"}
        until(lambda: is_gone(pids["child"]), "the child outlives its parent")
        supervisor.process.terminate()
        assert supervisor.end() == (0, "")


def test_what_a_part_started_ends_with_all() -> None:
    with running(WITH_CHILD) as supervisor:
        supervisor.pids(2)
        supervisor.process.terminate()
        assert supervisor.end() == (0, "")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_the_parts_of_a_supervisor_that_is_killed_end() -> None:
    with running(TWO) as supervisor:
        supervisor.pids(2)
        supervisor.process.kill()
        assert supervisor.end() == (-signal.SIGKILL, "")


def test_a_part_gets_signals_as_a_process_of_a_shell_does() -> None:
    program = """
def work():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGALRM)
    say(*(int(signal.getsignal(number)) for number in numbers), len(signal.pthread_sigmask(signal.SIG_BLOCK, ())))
    signal.pause()
supervise({"first": work})
"""
    with running(program) as supervisor:
        assert supervisor.said() == ["0", "0", "0", "0", "0"]
