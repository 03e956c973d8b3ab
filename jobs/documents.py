"""Every night: accepted contract documents whose last day has passed are called ended."""

from datetime import date

from rules.words import counted
from workflows.agreements.endings import end_documents
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "documents"


def run(due_on: date) -> str:
    """Call documents ended whose every line has ended, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(end_documents(due_on)))
    return done.result if done else ALREADY


def _sentence(ended: int) -> str:
    return f"{counted(ended, 'contract document')} ended." if ended else "No contract document ended."
