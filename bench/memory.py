"""How much memory this process takes."""

from pathlib import Path

MEBIBYTE_OF_KIBIBYTES = 1024


def peak_mebibytes(*, reset: bool = False) -> float:
    """Return the most memory this process had since the last reset, in mebibytes; with `reset` what it has now."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    name = "VmRSS:" if reset else "VmHWM:"
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / MEBIBYTE_OF_KIBIBYTES
