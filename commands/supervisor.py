"""Keeps processes running side by side: one that ends is started again, and all end together when asked to.

Signals are waited for with sigwait, not handled: a handler runs between any two bytecodes, so a second signal can come
while the first one's handler holds a lock.
"""

import contextvars
import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

RESTARTS = 3
WITHIN_SECONDS = 60
SECONDS_TO_END = 15

_END = {signal.SIGINT, signal.SIGTERM}
_AWAITED = _END | {signal.SIGCHLD, signal.SIGALRM}
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_fork = multiprocessing.get_context("fork")  # the application is loaded once, and shared
_log = logging.getLogger(__name__)


class PartFailed(RuntimeError):
    """A part ends again and again; the message names it."""


def supervise(works: Mapping[str, Callable[[], None]], *, seconds_to_end: float = SECONDS_TO_END) -> None:
    """Run each work in a process of its own, by its name, until this process gets SIGTERM or SIGINT; then end them all.

    A process that ends by itself, however it ends, is started again. One that has not ended `seconds_to_end` after it
    got SIGTERM is killed, with what it started. To be called last, and before there are threads: afterwards the signals
    stay blocked, so that one more of them does not cut short what the interpreter does at its exit.
    Raises PartFailed, after ending them all, where one ends more than RESTARTS times within WITHIN_SECONDS.
    """
    # Outside Linux a signal that is ignored by default is not kept pending, and SIGCHLD is one.
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
    parts: list[Part] = []
    try:
        for name, work in works.items():
            parts.append(Part(name, work))
        # One SIGCHLD may stand for several children. Not the sentinel of a child is awaited: it is a pipe that stays
        # open as long as any child of the child lives.
        while signal.sigwait(_AWAITED) not in _END:
            for part in parts:
                if part.has_ended():
                    part.start_again(time.monotonic())
    finally:
        _end(parts, seconds_to_end)


class Part:
    """A process with a name that can be started again. It leads a process group, to which its children belong."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name, self.work = name, work
        self.ends: list[float] = []
        self._start()

    def has_ended(self) -> bool:
        """Say whether the process is gone."""
        return not self.process.is_alive()

    def start_again(self, now: float) -> None:
        """Start the process anew, without what is left of it; raises PartFailed where it ended too often, by `now`."""
        how = _how_it_ended(self.process.exitcode or 0)
        self.kill()  # orphans of the old one may hold what the new one needs, such as a port
        self.ends = [*(end for end in self.ends if now - end < WITHIN_SECONDS), now]
        if len(self.ends) > RESTARTS:
            raise PartFailed(
                f"The {self.name} ended {len(self.ends)} times within {WITHIN_SECONDS} seconds, the last time {how},"
                " so the whole portal was ended. What it said stands above."
            )
        _log.warning("The %s ended %s. It is started again.", self.name, how)
        self._start()

    def ask_to_end(self) -> None:
        """Send SIGTERM; to the process alone, which ends its children its own way."""
        self.process.terminate()

    def kill(self) -> None:
        """Kill the process, if it is there, and what it started."""
        self.process.kill()
        self.process.join()
        if self.process.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def _start(self) -> None:
        self.process = _fork.Process(target=_begin, args=(self.work, os.getpid()), name=self.name)
        self.process.start()


def _begin(work: Callable[[], None], parent: int) -> None:
    """Do the work as a process that was started from a shell would."""
    os.setpgid(0, 0)  # Ctrl-C comes through the parent, once
    for number in _AWAITED:
        signal.signal(number, signal.SIG_DFL)
    if sys.platform == "linux":  # elsewhere the parts outlive a parent that was killed
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    # Only now, so that no signal of the parent's is lost to its handlers or to the default ones.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
    if os.getppid() != parent:  # killed before it could be asked to tell
        return
    # The caller's context variables stay behind: a request would see the application context of the command.
    contextvars.Context().run(work)


def _end(parts: Sequence[Part], seconds: float) -> None:
    for part in parts:
        part.ask_to_end()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    while not all(part.has_ended() for part in parts):
        if signal.sigwait({signal.SIGCHLD, signal.SIGALRM}) == signal.SIGALRM:
            break
    signal.setitimer(signal.ITIMER_REAL, 0)
    for part in parts:
        part.kill()


def _how_it_ended(exitcode: int) -> str:
    return f"by {signal.Signals(-exitcode).name}" if exitcode < 0 else f"with exit code {exitcode}"
