"""How much memory a process takes, and by how much a request lets a server process grow."""

import io
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

MEBIBYTE_OF_KIBIBYTES = 1024
MOST_MEBIBYTES = 64
# Requests by which a server has imported, compiled and connected all that it keeps.
WARM_UP = 3


class Request(NamedTuple):
    """A request: its address, the status it must be answered with, whether it posts, and the file that it sends."""

    address: str
    status: int
    posts: bool = False
    file: bytes | None = None


def peak_mebibytes(*, reset: bool = False) -> float:
    """Return the most memory this process had since the last reset, in mebibytes; with `reset` what it has now."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    name = "VmRSS:" if reset else "VmHWM:"
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / MEBIBYTE_OF_KIBIBYTES


def over_idle(config: Mapping[str, Any], cookie: Mapping[str, Any], idle: str, request: Request) -> float:
    """Return by how many mebibytes a request lets a new server process grow that has answered `idle` before.

    A new one, because one that has worked has memory left over that it no longer needs. `config` is that of the
    application, `cookie` the session's. Raises RuntimeError where the answer is not the one expected.
    """
    named = {
        name: config[name]
        for name in (
            "SQLALCHEMY_DATABASE_URI",
            "SQLALCHEMY_BINDS",
            "SQLALCHEMY_ENGINE_OPTIONS",
            "PORTAL_TODAY",
            "SECRET_KEY",
        )
    }
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_measure, named, dict(cookie), idle, request).result()


def _measure(config: dict[str, Any], cookie: dict[str, Any], idle: str, request: Request) -> float:
    from app import create_app  # in the new process only

    # The form's hidden token is not what is measured.
    client = create_app(**config, WTF_CSRF_ENABLED=False).test_client()
    with client.session_transaction() as session:
        session.update(cookie)
    for _ in range(WARM_UP):
        client.get(idle)
    before = peak_mebibytes(reset=True)
    data = {"file": (io.BytesIO(request.file), "file")} if request.file else {}
    answer = client.post(request.address, data=data) if request.posts else client.get(request.address)
    grown = peak_mebibytes() - before
    if answer.status_code != request.status:
        raise RuntimeError(f"{request.address} was answered with {answer.status_code}.")
    return grown
