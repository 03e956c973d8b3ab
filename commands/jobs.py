"""`flask --app app jobs`, `worker` and `job`: the two processes beside the web workers, and one job by hand."""

from datetime import datetime

import click
from flask import Flask, current_app

from jobs import JOBS
from jobs.scheduler import run_job, run_scheduler
from jobs.uploads import run_worker
from workflows.mail.sender import MailServerAway


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@click.command("jobs")
def jobs() -> None:
    """Run the scheduler: each job at its time, until the process is ended."""
    run_scheduler(_app())


@click.command("worker")
def worker() -> None:
    """Check big files of actuals and put them in, until the process is ended; as many as there are to do the work."""
    run_worker(_app())


@click.command("job")
@click.argument("name", type=click.Choice(list(JOBS)))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The business date, today where none is given.")
def job(name: str, on: datetime | None) -> None:
    """Run one job once. A job of a date that is done stays done; one that failed is tried again."""
    try:
        click.echo(run_job(_app(), name, on.date() if on else None))
    except MailServerAway as away:
        raise click.ClickException(str(away)) from away
