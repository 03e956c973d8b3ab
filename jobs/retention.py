"""Every night: what is past its time is emptied."""

from datetime import date

from rules.words import counted
from workflows.upkeep.job_run import ALREADY, run_once
from workflows.upkeep.retention import Forgotten, forget_all

NAME = "retention"


def run(due_on: date) -> str:
    """Empty what is past its time, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: sentence(forget_all(due_on)))
    return done.result if done else ALREADY


def sentence(found: list[Forgotten]) -> str:
    """Return what was emptied, in words."""
    said = [f"{each.kept.kind} {each.number:,}" for each in found if each.number]
    return f"Emptied: {', '.join(said)}." if said else "Nothing is past its time."


def dry_run(due_on: date) -> str:
    """Return what a run would empty, a line for each kind; changes nothing."""
    found = forget_all(due_on, dry_run=True)
    lines = [
        f"{each.kept.kind}: {counted(each.number, 'record')} older than {each.before:%-d %B %Y}. {each.kept.then}"
        for each in found
    ]
    return "\n".join((*lines, "Nothing was changed."))
