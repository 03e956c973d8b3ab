"""Measures one page: the median time of a request in this process, and the queries of one of them."""

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench.world import Signed
from models import COUNCIL, acting_for
from workflows.access.sessions import open_session

WARM_UP = 2
TIMES = 9


@dataclass(frozen=True)
class Measured:
    """What one page took: milliseconds (median), queries, and the status it answered with."""

    milliseconds: float
    queries: int
    status: int


def bare_page() -> float:
    """Return the milliseconds of a page of plain Flask that does nothing: the floor no page can be under."""
    app = Flask("bare")
    app.add_url_rule("/", "page", lambda: "<!doctype html><title>Bare</title><p>Nothing")
    return measure(app.test_client(), "/").milliseconds


def signed_in(app: Flask, who: Signed) -> FlaskClient:
    """Return a client signed in as somebody."""
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update(cookie_of(app, who))
    return client


def cookie_of(app: Flask, who: Signed) -> dict[str, Any]:
    """Return what the cookie of a new session of somebody holds."""
    with app.app_context(), acting_for(COUNCIL):
        token = open_session(who, who.contact)  # type: ignore[arg-type]  # only the id of the user is asked for
    return {"token": token, "_user_id": str(who.id), "_fresh": True}


def measure(client: FlaskClient, address: str) -> Measured:
    """Ask for an address several times."""
    times = []
    for _ in range(WARM_UP + TIMES):
        began = perf_counter()
        client.get(address)
        times.append((perf_counter() - began) * 1000)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    status = client.get(address).status_code
    event.remove(Engine, "before_cursor_execute", note)
    return Measured(median(times[WARM_UP:]), len(statements), status)
