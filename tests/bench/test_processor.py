"""Processor time is counted for a whole family of processes."""

import os
import subprocess
import sys

from bench.processor import parent_of, seconds_of

WORK = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"


def test_a_child_counts_with_its_parent_while_it_lives_and_after() -> None:
    before = seconds_of(os.getpid())
    with subprocess.Popen([sys.executable, "-c", WORK], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        assert parent_of(child.pid) == os.getpid()
        assert seconds_of(os.getpid()) - before >= 0.25
        child.communicate(b"\n")
    assert seconds_of(os.getpid()) - before >= 0.25
