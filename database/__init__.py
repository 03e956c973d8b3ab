"""The portal's database: on the council's server that `DATABASE_URL` names, else on one that the portal starts itself.

`python -m database` prints its addresses and how to look inside.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from database import own_server

INSTANCE = Path(__file__).resolve().parents[1] / "instance"
NAME = "portal"
# The portal's logins: none owns anything, and each is the login itself, so that it can become no other.
# Each with the field of Urls that holds its address, in the order of these.
LOGINS = {"portal_web": "web", "portal_council": "council", "portal_sign_in": "sign_in"}
_VARIABLES = {
    "portal_web": "DATABASE_URL",
    "portal_council": "DATABASE_COUNCIL_URL",
    "portal_sign_in": "DATABASE_SIGN_IN_URL",
}


class Urls(NamedTuple):
    """Four ways into one database, as SQLAlchemy addresses.

    `owner` owns every table: for migrations and tests. The others own nothing and obey row-level security: `web` serves
    providers and sees one organisation, `council` staff, jobs and commands, `sign_in` whoever is not known yet.
    """

    owner: str
    web: str
    council: str
    sign_in: str


_started: dict[tuple[bool, int], Urls] = {}  # by durability and process
_latest: Urls | None = None


def start(*, durable: bool = True) -> Urls:
    """Give the addresses of a database that answers, starting our own server where `DATABASE_URL` is not set.

    `DATABASE_OWNER_URL` names the owner's address where it differs, `DATABASE_COUNCIL_URL` and `DATABASE_SIGN_IN_URL`
    those of the two other logins; where these are not set, they are as `DATABASE_URL` under the login's own name. Of
    our own servers, the one with `durable=False` is for tests: it lies in a folder beside the other, is quicker, and a
    power cut may ruin it. Our server ends with this process, unless others use it. Calling again gives the same
    addresses.
    Raises own_server.DatabaseUnavailable where there is no PostgreSQL to start, it does not start, or an address names
    another login.
    """
    global _latest
    if named := os.environ.get("DATABASE_URL"):
        owner = os.environ.get("DATABASE_OWNER_URL") or named
        _latest = Urls(_for_sqlalchemy(owner), *(_address_of(login, named) for login in LOGINS))
        return _latest
    key = durable, os.getpid()  # a forked process is a user of its own
    if key not in _started:
        server = server_of_the_portal(durable=durable)
        with server.alone():
            server.use()
            _create_what_is_missing(server)
        _started[key] = Urls(*(_url(server, login) for login in (own_server.OWNER, *LOGINS)))
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
        create_logins(connection, dict.fromkeys(LOGINS))
        if not connection.execute("select 1 from pg_database where datname = %s", [NAME]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(NAME)))


def create_logins(connection: psycopg.Connection, passwords: Mapping[str, str | None]) -> None:
    """Create the logins that are missing, with their passwords; each may log in and nothing else.

    Raises psycopg's InsufficientPrivilege where the connection may not create roles.
    """
    found = {name for (name,) in connection.execute("select rolname from pg_roles where rolcanlogin")}
    for login, password in passwords.items():
        if login not in found:
            known = connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone()
            change = sql.SQL("alter" if known else "create")
            options = sql.SQL("login nosuperuser nocreatedb nocreaterole nobypassrls password {}").format(password)
            connection.execute(sql.SQL("{} role {} {}").format(change, sql.Identifier(login), options))


def _address_of(login: str, web: str) -> str:
    """Return the address of a login: its own, else that of DATABASE_URL under the login's name."""
    variable = _VARIABLES[login]
    if not (own := os.environ.get(variable)):
        return make_url(_for_sqlalchemy(web)).set(username=login).render_as_string(hide_password=False)
    if make_url(own).username != login:
        raise own_server.DatabaseUnavailable(f"{variable} has to log in as {login}: set the name in its address.")
    return _for_sqlalchemy(own)


def _url(server: own_server.Server, role: str) -> str:
    query = {"host": str(server.sockets), "port": own_server.PORT}
    return URL.create("postgresql+psycopg", role, database=NAME, query=query).render_as_string()


def _for_sqlalchemy(url: str) -> str:
    return re.sub(r"^postgres(ql)?:", "postgresql+psycopg:", url)


def _execute(url: str, command: sql.Composed) -> None:
    with psycopg.connect(url.replace("+psycopg:", ":", 1), autocommit=True) as connection:
        connection.execute(command)
