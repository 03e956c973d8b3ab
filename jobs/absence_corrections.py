"""Every night: approved absence claims are corrected where rate, plan, tier or absence are others by now."""

from datetime import date

from rules.words import counted
from workflows.absences.corrections import correct_all
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "absence-corrections"


def run(due_on: date) -> str:
    """Correct what is not right any more, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(correct_all()))
    return done.result if done else ALREADY


def _sentence(corrected: int) -> str:
    if corrected == 0:
        return "Every approved absence claim is right."
    return f"{counted(corrected, 'absence claim')} corrected."
