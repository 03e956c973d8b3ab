"""A file of actuals read as an upload reads it, under watch: how long it takes and how much memory."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from files.actuals.layouts import ActualsFile, read_actuals_file
from rules.refusal import Refused

MOST_SECONDS = 2.0
MOST_MEBIBYTES = 64


@contextmanager
def watched() -> Iterator[None]:
    """Fail where what is done takes more than two seconds of processors, children's too, or 64 MiB of memory here."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = _mebibytes("VmRSS"), _seconds()
    yield
    grown, took = _mebibytes("VmHWM") - before, _seconds() - began
    assert took < MOST_SECONDS, f"{took:.2f} s"
    assert grown < MOST_MEBIBYTES, f"{grown} MiB"


def read(content: bytes, name: str = "actuals.xlsx") -> ActualsFile:
    """Read a file, under watch."""
    with watched():
        return read_actuals_file(name, content)


def message(content: bytes, name: str = "actuals.xlsx") -> str:
    """Return the one sentence with which a file is refused."""
    with watched(), pytest.raises(Refused) as refused:
        read_actuals_file(name, content)
    (problem,) = refused.value.problems
    assert problem.field == "file"
    return problem.message


def said(file: ActualsFile) -> list[tuple[str, str]]:
    """Return the column and the code of everything that could not be read, row by row."""
    return [(problem.column, problem.code) for row in (*file.rows, *file.aborted) for problem in row.problems]


def _mebibytes(name: str) -> int:
    found = Path("/proc/self/status").read_text().split(f"{name}:")[1].split()[0]
    return int(found) // 1024


def _seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
