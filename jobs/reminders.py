"""Every morning: organisations that have not answered their contacts form are reminded of it."""

from datetime import date

from rules.words import counted
from workflows.organisations.contacts_form import remind_by_itself
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "reminders"


def run(due_on: date) -> str:
    """Remind organisations of their contacts form, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(remind_by_itself()))
    return done.result if done else ALREADY


def _sentence(sent: int) -> str:
    return f"{counted(sent, 'reminder')} of the contacts form." if sent else "Nobody to remind."
