"""Processes forked from one that has the application already: making it takes longer than most of what they do."""

import subprocess
from types import TracebackType
from typing import Self

import database
from models import COUNCIL
from tests.support.processes import doing

# Reads "how many, what": each of so many children does it. The answers are their ids, and how they ended once asked:
# until then a child that ended keeps its id.
FORK = """
import os
from sqlalchemy.orm import configure_mappers
from models import db
configure_mappers()
{prepared}
db.session.remove()
print("ready", flush=True)
for asked in sys.stdin:
    count, deed = asked.split(" ", 1)
    children = []
    for _ in range(int(count)):
        child = os.fork()
        if child == 0:
            exec(deed)
            os._exit(0)
        children.append(child)
    print(*children, flush=True)
    sys.stdin.readline()
    print(*(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children), flush=True)
"""


class Forks:
    """Does deeds, each a line of Python, in processes that can be killed; `prepared` is done once before."""

    def __init__(self, urls: database.Urls, prepared: str) -> None:
        self.parent: subprocess.Popen[str] = doing(urls, COUNCIL, FORK.format(prepared=prepared))
        assert self._said() == "ready"

    def start(self, deed: str, count: int = 1) -> list[int]:
        """Let so many processes do a deed; their ids."""
        self._say(f"{count} {deed}")
        return [int(each) for each in self._said().split()]

    def ended(self) -> list[int]:
        """Wait for those that were started last; 0 where one ended by itself, -9 where it was killed."""
        self._say("")
        return [int(each) for each in self._said().split()]

    def _say(self, words: str) -> None:
        assert self.parent.stdin
        self.parent.stdin.write(f"{words}\n")
        self.parent.stdin.flush()

    def _said(self) -> str:
        assert self.parent.stdout
        return self.parent.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self.parent.communicate(timeout=60)
