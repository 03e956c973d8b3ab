"""`flask --app app serve`, behind `make run`: the whole portal on one machine, with the demonstration to try."""

import contextvars
import gc
import multiprocessing
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing.context import ForkProcess

import click
from flask import Flask, current_app
from gunicorn.app.base import BaseApplication

import database
import demonstration
from commands.context import as_council
from commands.load_demo import load_with_progress, sign_ins_table
from commands.set_up import bring_up
from jobs.scheduler import run_scheduler
from jobs.uploads import run_worker
from models import db

HOST = "127.0.0.1"
WORKERS = 2
SECONDS_TO_END = 15


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
        settle()
        return self.app


def settle() -> None:
    """Let Python look for rings of objects less often, and not among those there are by now, which stay.

    A request makes thousands of objects and next to no rings; to look through the whole application for them would
    hold up one request in ten by more than it takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


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
    db.engine.dispose()  # a connection cannot be shared with the processes below
    _run(lambda: _Web(app, port).run(), lambda: run_scheduler(app), lambda: run_worker(app))


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


def _run(*works: Callable[[], None]) -> None:
    """Run each in a process of its own until one ends or this one is asked to; then end the others, by their ids."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    sys.stdout.flush()
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=_begin, args=(work,)) for work in works]
    for child in children:
        child.start()
    try:
        while not asked.wait(0.2) and all(child.is_alive() for child in children):
            pass
    finally:
        _end(children)
    if not asked.is_set():
        raise click.ClickException("A part of the portal ended by itself; what it said stands above.")


def _begin(work: Callable[[], None]) -> None:
    os.setpgid(0, 0)  # Ctrl-C comes through the parent, once
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    # Nothing of the command's application context may be there in a request: it would see what the command sees.
    contextvars.Context().run(work)


def _end(children: list[ForkProcess]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.join(SECONDS_TO_END)
        if child.is_alive():
            child.kill()
            child.join()
