"""How a command acts: in the council's scope, and named in the audit trail as the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app

from models import COUNCIL, acting_for, say_who
from rules.refusal import Refused


@contextmanager
def as_council() -> Iterator[None]:
    """Act for the council within an application context; what a rule refuses ends the command with its sentence."""
    with current_app.app_context(), acting_for(COUNCIL):
        say_who(None, "command line")
        try:
            yield
        except Refused as refused:
            raise click.ClickException("\n".join(problem.message for problem in refused.problems)) from refused
