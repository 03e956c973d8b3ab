"""Generated lists and records by turns with Django's admin on the same tables, and lists with a bare Flask page."""

from typing import Any, NamedTuple

from flask.testing import FlaskClient
from sqlalchemy import create_engine
from werkzeug.test import Client

from bench.county import django_admin
from bench.county.bare_list import COMPARED, bare_list
from bench.county.database import CountyDatabase
from bench.county.pages import middle_key
from bench.measure import by_turns
from commands.web import freeze_loaded_objects
from models import COUNCIL, acting_for

WARM_UP, TURNS = 12, 40
OK = 200


class Rivals(NamedTuple):
    """A page with the milliseconds of ours, Django's and, of lists, the bare one (medians, by turns)."""

    page: str
    ours: float
    django: float
    bare: float | None = None


def measure_rivals(county: CountyDatabase, client: FlaskClient) -> list[Rivals]:
    """Compare the list and a record of each of the six kinds; `client` is the administrator's."""
    views = [view for view in county.app.appbuilder.baseviews if type(view) in COMPARED]  # type: ignore[attr-defined]
    views.sort(key=lambda view: COMPARED.index(type(view)))
    django, owner = django_admin.start(county.urls.owner, views), create_engine(county.urls.owner)
    with county.app.app_context(), acting_for(COUNCIL):
        keys = [middle_key(view) for view in views]
    found = []
    for view, key in zip(views, keys, strict=True):
        found.append(
            _compare(
                f"{view.list_title}, list",
                (client, f"{view.route_base}/list/"),
                (django, django_admin.list_address(view)),
                (bare_list(view, owner), "/"),
            )
        )
        found.append(
            _compare(
                f"{view.list_title}, record",
                (client, f"{view.route_base}/show/{key}"),
                (django, django_admin.record_address(view, key or 0)),
            )
        )
    owner.dispose()
    return found


def _compare(page: str, *rivals: tuple[Client, str]) -> Rivals:
    """Ask all by turns; raises RuntimeError where one does not answer with its page."""
    for client, address in rivals:
        if (answer := client.get(address, buffered=True)).status_code != OK:
            raise RuntimeError(f"{address} answers {answer.status}.")
    freeze_loaded_objects()  # as the server does before it answers

    def asking(client: Any, address: str) -> Any:
        return lambda: client.get(address, buffered=True)

    return Rivals(page, *by_turns([asking(*each) for each in rivals], warm_up=WARM_UP, turns=TURNS))
