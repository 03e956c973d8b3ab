"""Every night: tasks that failed for good a week ago are deleted, imports that nobody confirmed in a week abandoned."""

from datetime import date

from rules.words import counted
from workflows.imports.steps import abandon_old
from workflows.upkeep.job_run import ALREADY, run_once
from workflows.upkeep.queue import forget_failed

NAME = "tidy"


def run(due_on: date) -> str:
    """Put away what was left lying, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(forget_failed(), abandon_old()))
    return done.result if done else ALREADY


def _sentence(forgotten: int, abandoned: int) -> str:
    tasks = f"{counted(forgotten, 'failed task')} deleted." if forgotten else "No old failed tasks."
    return f"{tasks} {counted(abandoned, 'import')} abandoned." if abandoned else tasks
