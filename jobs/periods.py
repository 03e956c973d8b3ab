"""Every night: the payment periods ahead."""

from datetime import date

from rules.words import counted
from workflows.upkeep.job_run import ALREADY, run_once
from workflows.upkeep.periods import keep_periods

NAME = "periods"


def run(due_on: date) -> str:
    """Keep the payment periods in existence, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(keep_periods(due_on)))
    return done.result if done else ALREADY


def _sentence(new: int) -> str:
    return f"{counted(new, 'new payment period')}." if new else "All payment periods are there."
