"""The pages of a county: every list with its first, middle and last page in every order, every search, every record.

They are found by asking: each generated view says what it offers, each page of a provider which records it links to.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from bench.measure import Measured, measure
from models import COUNCIL, acting_for, db
from rules.period import WEEK
from views.generated.record_field import SOUGHT_BY
from views.staff.records import RECORD_VIEWS

# PostgreSQL plans a prepared statement anew five times before it keeps a plan, and psycopg prepares one that it has
# sent five times; both pass while a page warms up, as in a server that has run for a minute.
WARM_UP, TIMES = 10, 5
PATTERNS = ("ct", "eq", "rel_o_m")
OK = 200
WEEKS_BACK = (0, 2, 4, 30, 90)
RECORDS = 2  # of each list of a provider


class PageAsked(NamedTuple):
    """One page: the list it belongs to, and its address."""

    group: str
    address: str


class Answered(NamedTuple):
    """A page that was measured."""

    page: PageAsked
    measured: Measured


def measure_pages(client: FlaskClient, pages: Iterator[PageAsked]) -> list[Answered]:
    """Measure every page, each by itself."""
    return [Answered(page, measure(client, page.address, warm_up=WARM_UP, times=TIMES)) for page in pages]


def generated(app: Flask) -> Iterator[PageAsked]:
    """Give the pages of every kind of record under /admin."""
    for view in app.appbuilder.baseviews:  # type: ignore[attr-defined]
        if type(view) in RECORD_VIEWS:
            with app.app_context(), acting_for(COUNCIL):
                addresses = [*_orders(view), *_searches(view), *_record(view)]
            yield from (PageAsked(view.list_title, address) for address in addresses)


def _orders(view: Any) -> Iterator[str]:
    """Give the first, middle and last page of a list as it comes, and in every order that it offers."""
    name = type(view).__name__
    middle = middle_key(view)
    orders = [{f"_oc_{name}": column, f"_od_{name}": way} for column in view.order_columns for way in ("asc", "desc")]
    for order in ({}, *orders):
        for place in ({}, {f"after_{name}": middle} if middle else None, {f"before_{name}": "last"}):
            if place is not None:
                yield _address(view, order | place)


def middle_key(view: Any) -> int | None:
    """Return the key of a record in the middle of its kind, None where there is none; in the council's scope."""
    key = view.datamodel.obj.id
    half = select(func.max(key) / 2).scalar_subquery()
    found: int | None = db.session.scalar(select(key).where(key >= half).order_by(key).limit(1))
    return found


def _searches(view: Any) -> Iterator[str]:
    """Give a search in every field of the form for what stands in some row, and for how it begins."""
    obj = view.datamodel.obj
    statement = select(obj).order_by(obj.id)
    row = db.session.scalars(statement.offset(50).limit(1)).first() or db.session.scalars(statement.limit(1)).first()
    offered = view._filters.get_search_filters()
    for column in view.search_columns if row else ():
        names = [each.arg_name for each in offered.get(column) or ()]
        pattern = next((each for each in PATTERNS if each in names), "")
        if not pattern or (sought := _sought(getattr(row, column), pattern)) is None:
            continue
        begins = sought[:3]
        words = {sought, begins} if pattern == "ct" else {sought}
        yield from (_address(view, {f"_flt_{names.index(pattern)}_{column}": each}) for each in sorted(words))


def _sought(value: Any, pattern: str) -> str | None:
    """Return what is typed to find a value, None where there is no value."""
    if hasattr(value, "__mapper__"):
        value = getattr(value, SOUGHT_BY[type(value)]) if pattern == "ct" and type(value) in SOUGHT_BY else value.id
    if isinstance(value, bool):
        return "y" if value else "n"
    return None if value is None else str(getattr(value, "value", value))


def _record(view: Any) -> Iterator[str]:
    if (key := middle_key(view)) is not None:
        yield f"{view.route_base}/show/{key}"


def _address(view: Any, asked: dict[str, Any]) -> str:
    return f"{view.route_base}/list/" + (f"?{urlencode(asked)}" if asked else "")


def desks(app: Flask, client: FlaskClient) -> Iterator[PageAsked]:
    """Give the pages of the council beside its records: where its work waits, with some of what they link to."""
    for address in ("/", *_without_arguments(app, "/staff")):
        yield from _with_records("Desks of the council", client, address)


def provider(app: Flask, client: FlaskClient, group: str, week: date) -> Iterator[PageAsked]:
    """Give the pages of a provider; `week` is its newest that is over."""
    for address in _without_arguments(app, "/"):
        if not address.startswith(("/admin", "/staff", "/sign", "/static")):
            yield from _with_records(group, client, address)
    for back in WEEKS_BACK:
        monday = week - back * WEEK
        yield from (
            PageAsked(group, each) for each in (f"/actuals?week={monday}", f"/actuals/overview?period={monday}")
        )


def _without_arguments(app: Flask, start: str) -> list[str]:
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments)
    return sorted({str(rule) for rule in rules if str(rule).startswith(start) and not str(rule).endswith("/")})


def _with_records(group: str, client: FlaskClient, address: str) -> Iterator[PageAsked]:
    """Give a page, its middle and last where it has several, and some of the records it links to.

    Nothing where the address has no page by itself: it leads on, sends a file, or needs to be asked something.
    """
    answer = client.get(address)
    if answer.status_code != OK or answer.mimetype != "text/html":
        return
    yield PageAsked(group, address)
    last = max(map(int, re.findall(r"[?&;]page=(\d+)", answer.text)), default=1)
    yield from (PageAsked(group, f"{address}?page={page}") for page in sorted({last // 2, last} - {0, 1}))
    links = re.findall(rf'href="({re.escape(address.rstrip("/"))}/\d+)"', answer.text)
    for link in list(dict.fromkeys(links))[:RECORDS]:
        if client.get(link).status_code == OK:
            yield PageAsked(group, link)
