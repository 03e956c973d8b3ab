"""Processes forked from one that has the application already: making it takes longer than most of what they do."""

import os
import random
import signal
from threading import Event
from types import TracebackType
from typing import Self

from sqlalchemy import text

import database
from models import COUNCIL, db
from tests.support.processes.children import doing, said

# Is sent how many and what: each of so many children does it. The answers are their ids, and how they ended once asked:
# until then a child that ended keeps its id.
FORK = """
import os
from models import db
{prepared}
db.session.remove()
test.send("ready")
while asked := test.recv():
    count, deed = asked
    children = []
    for _ in range(count):
        child = os.fork()
        if child == 0:
            exec(deed)
            os._exit(0)
        children.append(child)
    test.send(children)
    test.recv()
    test.send([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
"""


# Every connection of the processes, which are the council's, is cut off by the server; the test's own is not.
CUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
)
KILLED, RAISED = -signal.SIGKILL, 1


class Forks:
    """Does deeds, each a line of Python, in processes that can be killed; `prepared` is done once before."""

    def __init__(self, urls: database.Urls, prepared: str) -> None:
        self.parent = doing(urls, COUNCIL, FORK.format(prepared=prepared))
        assert self.parent.here.recv() == "ready"

    def start(self, deed: str, count: int = 1) -> list[int]:
        """Let so many processes do a deed; their ids."""
        self.parent.here.send((count, deed))
        return self._said()

    def ended(self, within: float = 120) -> list[int]:
        """Wait some seconds for those that were started last; 0 where one ended by itself, -9 where it was killed."""
        self.parent.here.send(None)
        return self._said(within)

    def interrupted(self, deed: str, chance: random.Random, longest: float, count: int = 1) -> list[int]:
        """Let so many processes do a deed, and end it at a moment that nobody chose, within `longest` seconds.

        Either the processes are killed, or their connections to the database are cut. How they ended: 0 by themselves
        before, KILLED, or RAISED where they lost their connection.
        """
        children = self.start(deed, count)
        Event().wait(chance.uniform(0, longest))  # not to wait for something
        if chance.random() < 0.5:
            for child in children:
                os.kill(child, signal.SIGKILL)
        else:
            db.session.execute(CUT)
            db.session.rollback()
        return self.ended()

    def _said(self, within: float = 120) -> list[int]:
        assert self.parent.here.poll(within), "the processes did not answer"
        numbers: list[int] = self.parent.here.recv()
        return numbers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.parent.here.send(None)
        said(self.parent)
