"""Measures one page: the median time of a request in this process, and the queries of one of them."""

from collections.abc import Callable, Sequence
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
from tests.support.queries import OF_THE_TRAIL
from workflows.access.sessions import open_session

WARM_UP = 2
TIMES = 9


@dataclass(frozen=True)
class Measured:
    """What one page took: milliseconds (median), queries, and the status and bytes it answered with.

    What notes whose records it shows, once it is made, is none of its queries.
    """

    milliseconds: float
    queries: int
    status: int
    size: int


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


def measure(client: FlaskClient, address: str, *, warm_up: int = WARM_UP, times: int = TIMES) -> Measured:
    """Ask for an address `times` times, after some times that do not count."""
    taken = []
    for _ in range(warm_up + times):
        began = perf_counter()
        client.get(address)
        taken.append((perf_counter() - began) * 1000)
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if OF_THE_TRAIL not in statement:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    answer = client.get(address)
    event.remove(Engine, "before_cursor_execute", note)
    return Measured(median(taken[warm_up:]), len(statements), answer.status_code, len(answer.data))


def by_turns(deeds: Sequence[Callable[[], object]], *, warm_up: int, turns: int) -> list[float]:
    """Return the milliseconds of each (medians), done by turns so that whatever else the machine does touches all."""
    times: list[list[float]] = [[] for _ in deeds]
    for _ in range(warm_up + turns):
        for deed, taken in zip(deeds, times, strict=True):
            began = perf_counter()
            deed()
            taken.append((perf_counter() - began) * 1000)
    return [median(taken[warm_up:]) for taken in times]
