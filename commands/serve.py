"""`flask --app app serve`, behind `make run`: the whole portal on one machine, with the demonstration to try."""

import os

import click
from flask import Flask, current_app

import database
import demonstration
from commands.context import as_council
from commands.load_demo import load_with_progress, sign_ins_table
from commands.set_up import bring_up
from commands.supervisor import PartFailed, supervise
from commands.web import HERE, listen, web_processes
from jobs.scheduler import run_scheduler
from jobs.worker import run_worker
from models import close_pools


@click.command("serve")
def serve() -> None:
    """Set up the database and serve the portal on this machine until Ctrl-C.

    An empty database is filled with the demonstration council, unless PORTAL_DEMONSTRATION=0. This is for trying the
    portal; a council runs `flask web`, `flask jobs` and `flask worker` as services of its own.
    """
    listening = listen(HERE, int(os.environ.get("PORT", "8000")))
    bring_up(database.start())
    demonstrates = _demonstrates()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    app.config["DEMONSTRATION"] = demonstrates
    click.echo(f"\nThe portal is on {app.config['PORTAL_ADDRESS']} (Ctrl-C ends it)")
    if demonstrates:
        click.echo(f"{sign_ins_table()}\n")
    close_pools()  # a connection cannot be shared with the processes below
    try:
        supervise(
            {
                **web_processes(app, listening),
                "scheduler": lambda: run_scheduler(app),
                "worker": lambda: run_worker(app),
            }
        )
    except PartFailed as failed:
        raise click.ClickException(str(failed)) from failed


def _demonstrates() -> bool:
    with as_council():
        if demonstration.may_be_loaded() and os.environ.get("PORTAL_DEMONSTRATION") != "0":
            load_with_progress()
        return demonstration.is_loaded()
