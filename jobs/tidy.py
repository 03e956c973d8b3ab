"""Every night: tasks that failed for good, and were there to be looked at for a week, are deleted."""

from datetime import date

from rules.words import counted
from workflows.upkeep.job_run import ALREADY, run_once
from workflows.upkeep.queue import forget_failed

NAME = "tidy"


def run(due_on: date) -> str:
    """Delete old tasks that failed, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(forget_failed()))
    return done.result if done else ALREADY


def _sentence(forgotten: int) -> str:
    return f"{counted(forgotten, 'failed task')} deleted." if forgotten else "No old failed tasks."
