"""Every night what was left lying is put away: failed tasks, imports that nobody confirmed, forms that were kept."""

from datetime import date

from rules.words import counted
from workflows.access.forms import kept as kept_forms
from workflows.access.forms import sent as sent_forms
from workflows.imports.steps import abandon_old
from workflows.upkeep.job_run import ALREADY, run_once
from workflows.upkeep.queue import forget_failed

NAME = "tidy"


def run(due_on: date) -> str:
    """Put away what was left lying, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(forget_failed(), abandon_old(), _forget_forms()))
    return done.result if done else ALREADY


def _forget_forms() -> int:
    """Delete what was typed and never sent again within a day, and which forms were sent a week ago."""
    sent_forms.forget_old()
    return kept_forms.forget_old()


def _sentence(forgotten: int, abandoned: int, typed: int) -> str:
    tasks = f"{counted(forgotten, 'failed task')} deleted." if forgotten else "No old failed tasks."
    imports = f" {counted(abandoned, 'import')} abandoned." if abandoned else ""
    kept = f" {counted(typed, 'kept form')} forgotten." if typed else ""
    return f"{tasks}{imports}{kept}"
