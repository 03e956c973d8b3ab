"""Every night: payment runs are settled that the bank has had a working day to send back payments of."""

from datetime import date

from rules.words import counted
from workflows.payments.run import settle_past
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "settle-runs"


def run(due_on: date) -> str:
    """Settle the runs whose pay date has passed, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(settle_past(due_on)))
    return done.result if done else ALREADY


def _sentence(settled: int) -> str:
    return f"{counted(settled, 'payment run')} settled." if settled else "No payment run to settle."
