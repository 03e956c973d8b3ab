"""`flask --app app jobs`, `worker` and `job`: the two processes beside the web workers, and one job by hand."""

from datetime import datetime

import click
from flask import Flask, current_app

from commands.context import as_council
from jobs import JOBS, retention
from jobs.scheduler import run_job, run_scheduler
from jobs.worker import run_worker, work_off
from workflows.clock import today
from workflows.mail.smtp import MailServerAway


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


@click.command("jobs")
def jobs() -> None:
    """Run the scheduler: it tells the workers of each job at its time, until the process is ended."""
    run_scheduler(_app())


@click.command("worker")
@click.option("--once", is_flag=True, help="Carry out what is due now, and end.")
def worker(once: bool) -> None:
    """Carry out what waits in the queue (big files, imports, jobs) until the process is ended; as many as you like."""
    work = work_off if once else run_worker
    work(_app())


@click.command("job")
@click.argument("name", type=click.Choice(list(JOBS)))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The business date, today where none is given.")
@click.option("--dry-run", is_flag=True, help="Of retention only: say what it would empty, and change nothing.")
def job(name: str, on: datetime | None, dry_run: bool) -> None:
    """Run one job once. A job of a date that is done stays done; one that failed is tried again."""
    if dry_run:
        if name != retention.NAME:
            raise click.BadParameter("Only the job retention can be tried without changing anything.")
        with as_council():
            click.echo(retention.dry_run(on.date() if on else today()))
        return
    try:
        click.echo(run_job(_app(), name, on.date() if on else None))
    except MailServerAway as away:
        raise click.ClickException(str(away)) from away
