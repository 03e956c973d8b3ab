"""Processor time of whole families of processes, as Linux counts it."""

import os
from collections import defaultdict
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
# Of a line of /proc/<pid>/stat behind the name: the parent; user and system time, own and of children that ended.
PARENT, TIMES = 1, slice(11, 15)


def seconds_of(pid: int) -> float:
    """Return the seconds a process and all under it have used, those that ended and were waited for among them."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, int] = {}
    for folder in PROC.iterdir():
        if folder.name.isdecimal() and (said := _stat(int(folder.name))):
            children[int(said[PARENT])].append(int(folder.name))
            used[int(folder.name)] = sum(map(int, said[TIMES]))
    family, found = [pid], 0
    while family:
        each = family.pop()
        family += children[each]
        found += used.get(each, 0)
    return found / TICKS


def seconds_of_machine() -> float:
    """Return the seconds all processors of the machine have worked."""
    user, nice, system, _idle, _waiting, *interrupts = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:8]
    return sum(map(int, (user, nice, system, *interrupts))) / TICKS


def parent_of(pid: int) -> int:
    """Return the process that started another. Raises LookupError where there is no such process here."""
    said = _stat(pid)
    if not said:
        raise LookupError(pid)
    return int(said[PARENT])


def _stat(pid: int) -> list[str]:
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
