"""A folder for servers of their own, and processes that use one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg
import pytest

import database

# Starts the server of a folder, says so, and lets go of it when its input ends.
PROGRAM = """
import pathlib, sys
import database
database.INSTANCE = pathlib.Path(sys.argv[1])
print(database.start(durable=sys.argv[2] == 'durable').owner, flush=True)
exec(sys.stdin.read())
"""


class User:
    """A process that uses the server of a folder until it is told to end."""

    def __init__(self, folder: Path, durable: str = "") -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder), durable],
            cwd=Path(database.__file__).parents[1],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def started(self) -> str:
        """Wait until the server answers; the owner's address, for psycopg."""
        assert self.process.stdout
        return self.process.stdout.readline().strip().replace("+psycopg", "")

    def ask(self, statement: str) -> str:
        """Say what the server answers to a statement, as its first column."""
        with psycopg.connect(self.started(), autocommit=True) as connection:
            answer = connection.execute(statement.encode())
            row = answer.fetchone() if answer.description else None
            return str(row[0]) if row else ""

    def end(self, program: str = "") -> None:
        """Run a little program, if given, and end."""
        self.process.communicate(program)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.end()


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Path]:
    """An empty folder instead of instance/; what root keeps elsewhere for it is removed afterwards."""
    folder = tmp_path / "instance"
    yield folder
    for server in folder.glob("*"):
        if server.is_symlink():
            shutil.rmtree(server.resolve().parent)
            server.unlink()
