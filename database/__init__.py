"""The portal's database: on the council's server that `DATABASE_URL` names, else on one that the portal starts itself.

`python -m database` prints its addresses and how to look inside.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from database import own_server

INSTANCE = Path(__file__).resolve().parents[1] / "instance"
NAME = "portal"
WEB = "portal_web"


class Urls(NamedTuple):
    """Two ways into one database, as SQLAlchemy addresses.

    `owner` owns every table: for migrations and tests. `web` owns nothing and obeys row-level security: for the portal.
    """

    owner: str
    web: str


_started: dict[tuple[bool, int], Urls] = {}  # by durability and process
_latest: Urls | None = None


def start(*, durable: bool = True) -> Urls:
    """Give the addresses of a database that answers, starting our own server where `DATABASE_URL` is not set.

    `DATABASE_OWNER_URL` names the owner's address where it differs. Of our own servers, the one with `durable=False` is
    for tests: it lies in a folder beside the other, is quicker, and a power cut may ruin it. Our server ends with this
    process, unless others use it. Calling again gives the same addresses.
    Raises own_server.DatabaseUnavailable where there is no PostgreSQL to start, or it does not start.
    """
    global _latest
    if named := os.environ.get("DATABASE_URL"):
        owner = os.environ.get("DATABASE_OWNER_URL") or named
        _latest = Urls(owner=_for_sqlalchemy(owner), web=_for_sqlalchemy(named))
        return _latest
    key = durable, os.getpid()  # a forked process is a user of its own
    if key not in _started:
        server = server_of_the_portal(durable=durable)
        with server.alone():
            server.use()
            _create_what_is_missing(server)
        _started[key] = Urls(owner=_url(server, own_server.OWNER), web=_url(server, WEB))
    _latest = _started[key]
    return _latest


def create_database(name: str, template: str | None = None) -> Urls:
    """Create a database on the server that `start` gave last, as a copy of `template` if named, and give its addresses.

    PostgreSQL refuses while somebody is connected to the template.
    """
    urls = _latest or start()
    command = sql.SQL("create database {}").format(sql.Identifier(name))
    if template:
        command += sql.SQL(" template {}").format(sql.Identifier(template))
    _execute(urls.owner, command)
    return Urls(*(make_url(url).set(database=name).render_as_string(hide_password=False) for url in urls))


def drop_database(name: str) -> None:
    """Drop a database if it is there, ending the connections to it."""
    urls = _latest or start()
    _execute(urls.owner, sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def server_of_the_portal(*, durable: bool) -> own_server.Server:
    """Return our own server: the portal's where `durable`, else the tests' in a folder beside it."""
    return own_server.prepare(INSTANCE / ("postgres" if durable else "postgres-tests"), durable=durable)


def _create_what_is_missing(server: own_server.Server) -> None:
    with server.connect() as connection:
        if not connection.execute("select 1 from pg_roles where rolname = %s", [WEB]).fetchone():
            options = "login nosuperuser nocreatedb nocreaterole nobypassrls"
            connection.execute(sql.SQL(f"create role {{}} {options}").format(sql.Identifier(WEB)))
        if not connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(NAME)))


def _url(server: own_server.Server, role: str) -> str:
    query = {"host": str(server.sockets), "port": own_server.PORT}
    return URL.create("postgresql+psycopg", role, database=NAME, query=query).render_as_string()


def _for_sqlalchemy(url: str) -> str:
    return re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", url)


def _execute(url: str, command: sql.Composed) -> None:
    with psycopg.connect(url.replace("+psycopg:", ":", 1), autocommit=True) as connection:
        connection.execute(command)
