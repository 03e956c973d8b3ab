"""Connections that say a byte now and then keep nobody else waiting."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from flask import Flask

import database
from tests.support.processes.children import until

SLOW = 200
HEALTHY_SECONDS = 0.2
HEAD = b"GET /sign-in HTTP/1.1\r\nHost: portal\r\nX-Slow: "
BODY = b"POST /sign-in HTTP/1.1\r\nHost: portal\r\nContent-Type: text/plain\r\nContent-Length: 100000\r\n\r\nemail="


@contextmanager
def serving(url: str) -> Iterator[int]:
    """Run `flask --app app web` as a council does, and give the port on which it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "app", "web", "--port", str(port)],
        cwd=Path(database.__file__).parents[1],
        env=os.environ | {"DATABASE_URL": url, "SECRET_KEY": "a key for tests"},
    )
    try:
        for _ in range(3):  # a machine that has much to do takes longer to start it
            with suppress(AssertionError):
                until(lambda: seconds_of_health(port) is not None, "the portal does not answer")
                break
        yield port
    finally:
        process.terminate()
        process.wait(60)


def seconds_of_health(port: int) -> float | None:
    """How long /health takes over a connection of its own; None where nobody answers."""
    began = time.perf_counter()
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
        answer.read()
        return time.perf_counter() - began
    return None


@pytest.mark.timeout(300)
def test_200_slow_connections_keep_nobody_waiting(app: Flask, test_database: database.Urls) -> None:
    with serving(test_database.web) as port:
        slow = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(SLOW)]
        for number, connection in enumerate(slow):
            connection.sendall(HEAD if number % 2 else BODY)
        taken = []
        for _ in range(10):
            for connection in slow:
                connection.sendall(b"x")
            taken.append(seconds_of_health(port))
        for connection in slow:
            connection.sendall(b"x")  # each is still open: none was thrown out to make room
            connection.close()
    answered = [each for each in taken if each is not None]
    assert len(answered) == len(taken)
    # The quickest: what shares the processor with the tests slows the others down, slow connections slow all.
    assert min(answered) < HEALTHY_SECONDS, f"/health took {min(answered):.3f} s"


@pytest.mark.timeout(300)
def test_a_body_that_is_too_large_is_refused_before_it_is_read(app: Flask, test_database: database.Urls) -> None:
    with serving(test_database.web) as port, socket.create_connection(("127.0.0.1", port), 30) as connection:
        length = app.config["MAX_CONTENT_LENGTH"] + 1
        connection.sendall(f"POST /sign-in HTTP/1.1\r\nHost: portal\r\nContent-Length: {length}\r\n\r\nx".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
