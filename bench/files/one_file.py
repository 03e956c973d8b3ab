"""Reads one file in a process of its own, and prints what it took: `python -m bench.files.one_file PATH`.

Of its own, because what children of a process took can be asked for only once, as the most that any of them had.
"""

import json
import resource
import sys
from pathlib import Path
from time import perf_counter

from bench.memory import MEBIBYTE_OF_KIBIBYTES, peak_mebibytes
from files.actuals.layouts import read_actuals_file
from rules.refusal import Refused


def main(path: str) -> None:
    """Print the seconds, the mebibytes of the reader's child and those this process grew by, and whether refused."""
    content = Path(path).read_bytes()
    before = peak_mebibytes(reset=True)
    began = perf_counter()
    try:
        read_actuals_file("actuals.xlsx", content)
        refused = False
    except Refused:
        refused = True
    seconds = perf_counter() - began
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MEBIBYTE_OF_KIBIBYTES
    print(json.dumps([seconds, child, peak_mebibytes() - before, refused]))


if __name__ == "__main__":
    main(sys.argv[1])
