"""Every hour: paper ISOs that a second officer confirmed become lines that are there, new agreements, or questions."""

from datetime import date

from workflows.paper_isos.migration import run_migration

NAME = "paper-isos"


def run(due_on: date) -> str:
    """Take the paper ISOs that are confirmed; returns the report of the run.

    Two at once do no harm (each paper ISO is locked while it is taken), so it may run at any time.
    """
    return str(run_migration(NAME, due_on))
