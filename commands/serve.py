"""`flask --app app serve`, behind `make run`: the whole portal on one machine, with the demonstration to try."""

import gc
import os
import socket

import click
from flask import Flask, current_app
from gunicorn.app.base import BaseApplication

import database
import demonstration
from commands.context import as_council
from commands.load_demo import load_with_progress, sign_ins_table
from commands.set_up import bring_up
from commands.supervisor import PartFailed, supervise
from jobs.scheduler import run_scheduler
from jobs.worker import run_worker
from models import close_pools

HOST = "127.0.0.1"
WORKERS = 2


class _Web(BaseApplication):
    """Gunicorn around the application as it stands: nothing is imported a second time."""

    def __init__(self, app: Flask, port: int) -> None:
        self.app, self.port = app, port
        super().__init__()

    def load_config(self) -> None:
        """Say where to listen. Sync workers, because the framework's views are not made for threads."""
        settings = {"bind": f"{HOST}:{self.port}", "workers": WORKERS, "worker_class": "sync", "loglevel": "warning"}
        for name, value in (settings | {"preload_app": True, "control_socket_disable": True}).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        freeze_loaded_objects()
        return self.app


def freeze_loaded_objects() -> None:
    """Keep the cyclic garbage collector off the objects there are by now, which stay as long as the process.

    Saves 4 of 26 ms of processor time a request at 200 lines: without it 16 of 600 requests walked through the whole
    application, 177 ms each (the week, its overview and the line items by turns, on a busy machine).
    """
    gc.collect()
    gc.freeze()


@click.command("serve")
def serve() -> None:
    """Set up the database and serve the portal on this machine until Ctrl-C.

    An empty database is filled with the demonstration council, unless PORTAL_DEMONSTRATION=0. This is for trying the
    portal; a council runs gunicorn, `flask jobs` and `flask worker` as services of its own.
    """
    port = int(os.environ.get("PORT", "8000"))
    _refuse_busy(port)
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
                "web server": lambda: _Web(app, port).run(),
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


def _refuse_busy(port: int) -> None:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except OSError as error:
            other = f"PORT={port + 1} make run"
            raise click.ClickException(f"Port {port} cannot be used: {error.strerror}. Try another: {other}") from error
