"""`flask --app app serve`, behind `make run`: the whole portal on one machine, with the demonstration to try."""

import os
import signal
import socket
import subprocess
import sys
import threading

import click
from flask import current_app

import database
from commands.context import as_council
from commands.load_demo import load_with_progress, sign_ins_table
from commands.set_up import bring_up
from config import PROJECT
from workflows import demonstration

HOST = "127.0.0.1"
WORKERS = 2
SECONDS_TO_END = 15


@click.command("serve")
def serve() -> None:
    """Set up the database and serve the portal on this machine until Ctrl-C.

    An empty database is filled with the demonstration council, unless PORTAL_DEMONSTRATION=0. This is for trying the
    portal; a council runs gunicorn and `flask jobs` as services of its own.
    """
    port = int(os.environ.get("PORT", "8000"))
    _refuse_busy(port)
    urls = database.start()
    bring_up(urls)
    demonstrates = _demonstrates()
    environment = os.environ | {
        # The children use this process's database, and the one it starts ends with this process.
        "DATABASE_URL": urls.web,
        "DATABASE_OWNER_URL": urls.owner,
        "PORTAL_DEMONSTRATION": "1" if demonstrates else "0",
    }
    click.echo(f"\nThe portal is on {current_app.config['PORTAL_ADDRESS']} (Ctrl-C ends it)")
    if demonstrates:
        click.echo(f"{sign_ins_table()}\n")
    _run(_web(port), _scheduler(), environment=environment)


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


def _web(port: int) -> list[str]:
    # Sync workers: the views of the framework are not made for threads.
    options = ["--workers", str(WORKERS), "--bind", f"{HOST}:{port}", "--log-level", "warning", "--no-control-socket"]
    return [sys.executable, "-m", "gunicorn", *options, "app:create_app()"]


def _scheduler() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "app", "jobs"]


def _run(*commands: list[str], environment: dict[str, str]) -> None:
    """Run the processes until one of them ends or this one is asked to; then end the others, by their ids."""
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    # In groups of their own, so that Ctrl-C reaches them through here, once.
    children = [subprocess.Popen(command, cwd=PROJECT, env=environment, process_group=0) for command in commands]
    try:
        while not asked.wait(0.2) and all(child.poll() is None for child in children):
            pass
    finally:
        _end(children)
    if not asked.is_set():
        raise click.ClickException("A part of the portal ended by itself; what it said stands above.")


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
