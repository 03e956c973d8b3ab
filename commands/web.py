"""`flask --app app web`: the processes that answer requests, and nothing beside them."""

import gc
import logging
import os
import signal
import socket
from collections.abc import Callable

import click
import waitress
from flask import Flask, current_app
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask

from commands.supervisor import PartFailed, supervise
from models import close_pools
from views.access.headers import of_server

HERE = "127.0.0.1"
# Python works on one request at a time in a process; threads beyond wait for the database or for a workbook's child.
PROCESSES = max(2, os.cpu_count() or 2)
THREADS = 4
CONNECTIONS, BACKLOG = 1_000, 1_024
# How often an idle process looks whether it was asked to end.
LOOK_SECONDS = 0.5
# A connection that says nothing for so long is closed.
SLOWEST_SECONDS = 60


def web_processes(app: Flask, listening: socket.socket) -> dict[str, Callable[[], None]]:
    """Return what each web process does, by its name: they share a socket that listens."""
    return {f"web process {number}": lambda: _answer(app, listening) for number in range(1, PROCESSES + 1)}


def _answer(app: Flask, listening: socket.socket) -> None:
    """Answer requests until the process gets SIGTERM: one thread reads and sends, THREADS work.

    A request is read to its end before a thread works on it, and an answer is taken from the thread at once, so that
    slow connections keep nobody waiting.
    """

    asked_to_end = False

    def end(_signal: int, _frame: object) -> None:
        # Nothing is raised: between any two bytecodes it might be lost, as in a callback of the garbage collector.
        nonlocal asked_to_end
        asked_to_end = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    # Requests that wait for a thread are no news: how long, the load test says.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    freeze_loaded_objects()
    channels: dict[int, object] = {}
    server = waitress.create_server(
        app,
        map=channels,
        sockets=[listening],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=SLOWEST_SECONDS,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"],
        clear_untrusted_proxy_headers=False,  # the application itself knows whether there is a proxy
        ident=None,
    )
    _protect_own_answers(server, https=app.config["BEHIND_HTTPS"])
    while not asked_to_end:
        wasyncore.loop(timeout=LOOK_SECONDS, use_poll=True, map=channels, count=1)
    server.task_dispatcher.shutdown()


def _protect_own_answers(server: BaseWSGIServer, *, https: bool) -> None:
    """Give what the server answers without the application, as 400 and 413, the headers of every other answer."""

    class ProtectedError(ErrorTask):
        def execute(self) -> None:
            self.response_headers.extend(of_server(https=https))
            super().execute()

    class Channel(HTTPChannel):
        error_task_class = ProtectedError

    server.channel_class = Channel


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raises ClickException where the port cannot be used."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        other = f"PORT={port + 1} make run"
        raise click.ClickException(f"Port {port} cannot be used: {error.strerror}. Try another: {other}") from error
    listening.listen(BACKLOG)
    listening.setblocking(False)
    return listening


def freeze_loaded_objects() -> None:
    """Keep the cyclic garbage collector off the objects there are by now, which stay as long as the process.

    Saves 4 of 26 ms of processor time a request at 200 lines: without it 16 of 600 requests walked through the whole
    application, 177 ms each (the week, its overview and the line items by turns, on a busy machine).
    """
    gc.collect()
    gc.freeze()


@click.command("web")
@click.option("--host", default=HERE, show_default=True, help="The address to listen on; a proxy ends HTTPS before it.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
def web(host: str, port: int) -> None:
    """Answer requests until the process is ended."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    listening = listen(host, port)
    close_pools()
    try:
        supervise(web_processes(app, listening))
    except PartFailed as failed:
        raise click.ClickException(str(failed)) from failed
