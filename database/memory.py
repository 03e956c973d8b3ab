"""How much memory there is: the machine's, or what a container may take of it."""

import os
from contextlib import suppress
from pathlib import Path

LIMIT = Path("/sys/fs/cgroup/memory.max")


def of_machine() -> int:
    """Return the bytes of memory this machine has, or the container's limit where that is less."""
    bytes_there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no container, or one without a limit ("max")
        return min(bytes_there, int(LIMIT.read_text()))
    return bytes_there
