"""Of a county's tables no page scans a large one from end to end: each of its queries is explained as it is asked."""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine

import database
import migrations
from app import create_app
from config import connections
from demonstration import county
from models import COUNCIL, Contact, PortalUser, acting_for, close_pools, db
from tests.support.pages.browser import Browser
from tests.support.worlds.county import load_county
from views.access.roles import ROLE_NAMES
from views.staff.records import RECORD_VIEWS

# Large enough that PostgreSQL has a choice, small enough to be loaded for a test.
SIZE = county.County(organisations=60, lines=1_500, periods=10)
LARGE = 10_000
LARGEST_PROVIDER = "manager@great-ouse.example"
PARAMETER = re.compile(r"%\((\w+)\)s")

STAFF_PAGES = (
    "/", "/staff/exceptions", "/staff/absence-claims", "/staff/conversations", "/staff/payment-run", "/staff/imports",
    *(f"{view.route_base}/list/" for view in RECORD_VIEWS),
    "/admin/actuals/list/?before_ActualView=last", "/admin/actuals/list/?page_ActualView=199",
    "/admin/actuals/list/?_flt_0_state=held", "/admin/actuals/list/?_flt_2_organisation=ouse",
    "/admin/invoice-lines/list/?_flt_2_line_item=40", "/admin/line-items/list/?_flt_0_reference=400",
    "/admin/people/list/?_flt_0_name=son", "/admin/people/list/?_flt_0_name=an",
    "/admin/audit/list/?_flt_0_record=line_item", "/admin/exception-checks/list/?_flt_0_over=y",
    "/admin/invoices/list/?_flt_0_state=submitted", "/admin/organisations/show/1", "/admin/line-items/show/1",
    "/admin/actuals/show/1", "/admin/invoices/show/1", "/admin/people/show/1", "/admin/payment-runs/show/1",
)  # fmt: skip
PROVIDER_PAGES = (
    "/", "/contract-documents", "/line-items", "/actuals", "/actuals/overview", "/actuals/late", "/actuals/download",
    "/exceptions", "/invoices", "/invoices/create", "/remittances", "/conversations", "/absence-claims",
    "/absence-claims/new",
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> Iterator[Flask]:
    """The application on a county of its own."""
    database.start(durable=False)
    name = f"county_plans_{os.getpid()}"
    database.drop_database(name)
    urls = database.create_database(name)
    migrations.bring_up(urls.owner, ROLE_NAMES)
    app = create_app(
        **connections(urls),
        TESTING=True,
        WTF_CSRF_ENABLED=False,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="a key for tests only",
    )
    with app.app_context(), acting_for(COUNCIL), county.Owner(urls.owner) as owner:
        load_county(owner, SIZE)
    yield app
    with app.app_context():
        close_pools()
    database.drop_database(name)


def large_tables() -> set[str]:
    """The tables with more rows than may be scanned."""
    asked = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return set(db.session.scalars(text(f"{asked} AND reltuples > {LARGE}")))


@contextmanager
def explained(scanned: dict[str, set[str]]) -> Iterator[None]:
    """Explain each statement as it is asked; collect the tables that it scans from end to end."""
    known: set[str] = set()

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement in known or not statement.lstrip().startswith(("SELECT", "WITH")):
            return
        known.add(statement)
        names = list(dict.fromkeys(PARAMETER.findall(statement)))
        numbered = PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement)
        values = sql.SQL(", ").join(sql.Literal(parameters[name]) for name in names)
        with cursor.connection.cursor() as other:
            # As it is planned for a pool whose statements are prepared.
            other.execute(sql.SQL("PREPARE asked AS ") + sql.SQL(numbered))
            asked = sql.SQL("EXPLAIN (FORMAT JSON) EXECUTE asked") + (
                sql.SQL(" ({})").format(values) if names else sql.SQL("")
            )
            (plan,) = other.execute(asked).fetchone()
            other.execute("DEALLOCATE asked")
        for table in sequential(plan[0]["Plan"] if isinstance(plan, list) else json.loads(plan)[0]["Plan"]):
            scanned.setdefault(table, set()).add(" ".join(statement.split())[:300])

    event.listen(Engine, "after_cursor_execute", explain)
    yield
    event.remove(Engine, "after_cursor_execute", explain)


def sequential(plan: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan scans from end to end."""
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from sequential(part)


@pytest.mark.parametrize("who", ["staff", "provider"])
def test_no_page_scans_a_large_table_from_end_to_end(loaded: Flask, who: str) -> None:
    with loaded.app_context(), acting_for(COUNCIL):
        large = large_tables()
        assert {"actual", "actual_version", "exception_check", "invoice_line", "remittance_line"} <= large
        named = (
            Contact.email == LARGEST_PROVIDER if who == "provider" else PortalUser.username == "admin@council.example"
        )
        somebody = db.session.scalars(select(Contact if who == "provider" else PortalUser).where(named)).one()
        browser = Browser(loaded).sign_in(somebody)
    scanned: dict[str, set[str]] = {}
    with explained(scanned):
        for page in PROVIDER_PAGES if who == "provider" else STAFF_PAGES:
            assert browser.get(page).status_code == 200, page
    assert scanned, "nothing was explained"
    assert {table: statements for table, statements in scanned.items() if table in large} == {}
