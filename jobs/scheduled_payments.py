"""Every night: scheduled payments are previewed some days before changes close, and finalised once they have."""

from datetime import date

from rules.words import counted
from workflows.scheduled.prepare import Prepared, prepare_due
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "scheduled-payments"


def run(due_on: date) -> str:
    """Preview and finalise what is due, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(prepare_due(due_on)))
    return done.result if done else ALREADY


def _sentence(done: Prepared) -> str:
    said = [
        f"{counted(number, 'scheduled payment')} {what}."
        for number, what in ((done.previews, "previewed"), (done.finalised, "finalised"))
        if number
    ]
    return " ".join(said) or "No scheduled payment is due."
