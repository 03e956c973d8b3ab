"""Hostile and broken files: how long the slowest takes by the clock until it is refused, and the memory of the worst.

The tests hold the same limit against the time of the processors, which others on the machine do not change.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.memory import MOST_MEBIBYTES
from config import PROJECT
from files.reading.sheet import CHILD_MEMORY, MEBIBYTE
from tests.support.hostile import CORPUS

MOST_SECONDS = 2


@dataclass(frozen=True)
class Read:
    """What a file took: seconds, mebibytes of the reader's child, and those by which the server process grew."""

    name: str
    seconds: float
    child: float
    server: float


def measure_hostile() -> list[Read]:
    """Read every file of the corpus, each once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        found = []
        for name, (make, _) in CORPUS.items():
            path.write_bytes(make())
            found.append(_read(name, path))
    return found


def words(found: list[Read]) -> str:
    """Return the line of the table."""
    slowest = max(found, key=lambda each: each.seconds)
    child, server = max(each.child for each in found), max(each.server for each in found)
    slow = "" if slowest.seconds <= MOST_SECONDS else "  <- too slow"
    most = CHILD_MEMORY // MEBIBYTE
    large = "" if server <= MOST_MEBIBYTES and child <= most else "  <- too much memory"
    return (
        f"Hostile files, {len(found)} of them: the slowest is “{slowest.name}”, {slowest.seconds:.2f} s."
        f" To reach: {MOST_SECONDS} s{slow}; reader's child at most {child:,.0f} MiB of {most:,}, server process"
        f" +{server:.0f} MiB of {MOST_MEBIBYTES}{large}."
    )


def _read(name: str, path: Path) -> Read:
    program = [sys.executable, "-m", "bench.files.one_file", str(path)]
    answer = subprocess.run(program, cwd=PROJECT, check=True, capture_output=True, text=True)
    seconds, child, server, refused = json.loads(answer.stdout)
    if not refused:
        raise RuntimeError(f"“{name}” was read.")
    return Read(name, seconds, child, server)
