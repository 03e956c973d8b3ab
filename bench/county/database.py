"""A database with a county in it: loaded for the benchmark, or a copy of one that there is (BENCH_COUNTY=name)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from time import perf_counter
from typing import NamedTuple

from flask import Flask
from sqlalchemy import func, select

import database
import migrations
from app import create_app
from bench.world import Signed
from commands.context import as_council
from config import connections
from demonstration import county
from models import COUNCIL, Actual, Contact, LineItem, Organisation, PortalUser, acting_for, close_pools, db
from rules.states import PaymentMethod
from views.access.roles import ROLE_NAMES

LARGEST, OF_25 = "manager@great-ouse.example", "manager@little-ouse.example"


class CountyDatabase(NamedTuple):
    """The application on a county, the addresses of its database, and how it came to be, in words."""

    app: Flask
    urls: database.Urls
    made: str


@contextmanager
def county_database() -> Iterator[CountyDatabase]:
    """Give a county in a database of its own on the server that was started last; it is dropped at the end."""
    name, known = f"bench_county_{os.getpid()}", os.environ.get("BENCH_COUNTY")
    began = perf_counter()
    urls = database.create_database(name, known)
    try:
        migrations.bring_up(urls.owner, ROLE_NAMES)
        app = create_app(**connections(urls, pooled=True))
        if known is None:
            _load(app, urls)
        made = f"copied from {known}" if known else _words_of(county.County())
        yield CountyDatabase(app, urls, f"{made}, in {perf_counter() - began:.0f} s")
        with app.app_context():
            close_pools()
    finally:
        database.drop_database(name)


def _load(app: Flask, urls: database.Urls) -> None:
    with app.app_context(), as_council(), county.Owner(urls.owner) as owner:
        for step in county.steps(owner, county.County()):
            step.work()


def _words_of(size: county.County) -> str:
    return f"{size.organisations:,} organisations, {size.lines:,} lines, {size.periods} periods, loaded"


def officer(app: Flask) -> Signed:
    """Return the administrator, who sees every list."""
    with app.app_context(), acting_for(COUNCIL):
        found = select(PortalUser.id).where(PortalUser.username == "admin@council.example")
        return Signed(db.session.scalars(found).one(), None)


def manager(app: Flask, email: str) -> Signed:
    """Return a contact by e-mail address."""
    with app.app_context(), acting_for(COUNCIL):
        contact = db.session.scalars(select(Contact).where(Contact.email == email)).one()
        return Signed(contact.user_id or 0, contact)


def manager_of(app: Flask, lines: int) -> Signed:
    """Return somebody who enters actuals at the organisation whose live lines that take them are nearest to so many."""
    with app.app_context(), acting_for(COUNCIL):
        nearest = (
            select(LineItem.organisation_id)
            .where(LineItem.end.is_(None), LineItem.payment_method == PaymentMethod.ACTUALS)
            .group_by(LineItem.organisation_id)
            .order_by(func.abs(func.count() - lines), LineItem.organisation_id)
            .limit(1)
            .scalar_subquery()
        )
        may = select(Contact).where(Contact.organisation_id == nearest, Contact.user_id.is_not(None))
        contact = db.session.scalars(may.where(Contact.may_actuals).order_by(Contact.id)).first()
        if contact is None:
            raise RuntimeError(f"Nobody enters actuals where there are {lines} lines.")
        return Signed(contact.user_id or 0, contact)


def newest_week(app: Flask, organisation: str) -> date:
    """Return the Monday of the newest week of which an organisation, by name, has anything stored."""
    with app.app_context(), acting_for(COUNCIL):
        found = (
            select(func.max(Actual.week_starting)).join(Actual.organisation).where(Organisation.name == organisation)
        )
        week: date = db.session.scalars(found).one()
        return week
