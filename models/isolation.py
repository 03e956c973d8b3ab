"""Whose rows may be seen: the session's filter, the guard at flush, and the word given to the database.

The database's own row-level security holds below all of it. A provider's request works under the login `portal_web`,
which sees the rows of the one organisation whose pass was given and can become nobody else. Staff, jobs and commands
work as `portal_council`, which sees everything; signing in as `portal_sign_in`, with just what it needs.
"""

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from flask import current_app, g
from psycopg.pq import Escaping
from sqlalchemy import Integer, bindparam, event, exists, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria

from models.base import Tenanted, db
from models.line_item import LineItem
from models.organisation import Organisation
from models.person import Person
from models.scoped import COUNCIL, COUNCIL_POOL, NOTHING, SIGN_IN, pool_of, scope


def _organisation() -> int:
    """Return the organisation in scope; 0, which none has, where that is none: a query may be written out there."""
    return int(scope()) if scope().isdigit() else 0


# Built once, the organisation as a late-bound parameter: building it costs more than many a query.
_OWN_ID = bindparam("own_organisation", callable_=_organisation, type_=Integer)
# Aliased, so that it never correlates with a query that also selects line_item.
_own = LineItem.__table__.alias("own_line")
_OF_OWN_LINES = exists(
    select(_own.c.id).where(_own.c.person_id == Person.__table__.c.id, _own.c.organisation_id == _OWN_ID)
)
# What keeps a statement to the rows of the organisation in scope.
OWN_ROWS: Final = (
    with_loader_criteria(
        Tenanted, lambda row: row.organisation_id == _OWN_ID, include_aliases=True, track_closure_variables=False
    ),
    with_loader_criteria(Organisation, Organisation.id == _OWN_ID, include_aliases=True),
    with_loader_criteria(Person, _OF_OWN_LINES, include_aliases=False),
)
# A statement that a module keeps is filtered once: its key in the cache of statements is worked out of all its parts,
# and a new one each time took 2 of 29 ms in a week of 200 lines.
_filtered: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

_PASS = text("SELECT app_pass(:organisation)")


def enter(new_scope: str | int) -> None:
    """From here on see the rows of one organisation (its id), everything (COUNCIL), or what SIGN_IN or NOTHING shows.

    What was loaded under the other scope is put out of the session, so that it cannot be handed on. A transaction is
    of one login: where the new scope has another, the one that is open is committed.
    """
    before, after = scope(), str(new_scope)
    if before != after:
        session = db.session()
        session.expunge_all()
        if session.in_transaction() and pool_of(before) != pool_of(after):
            session.commit()
        g.scope = after
        if session.in_transaction():
            _tell_database(session.connection())


@contextmanager
def acting_for(new_scope: str | int) -> Iterator[None]:
    """See the rows of another scope for a while; the one before returns at the end.

    What an exception ends is rolled back.
    """
    before = scope()
    enter(new_scope)
    try:
        yield
    except BaseException:
        db.session.rollback()
        raise
    finally:
        enter(before)


def say_who(user_id: int | None, address: str) -> None:
    """Tell the audit trail who acts, and from which network address, until the end of the request or command."""
    g.acting_user, g.acting_address = user_id, address
    # Without a scope nothing can be written; enter() sends scope, user and address in one statement.
    if scope() != NOTHING and db.session().in_transaction():
        _tell_database(db.session().connection())


def request_id() -> str:
    """Return what this request, task or command is called in the audit trail and in the log."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def limit_to_services(service_ids: Collection[int]) -> None:
    """From here on see of an organisation only what these of its services give, until the end of the request or task.

    None means all of them. It narrows an organisation's scope alone: the council sees everything.
    """
    services = f"{{{','.join(map(str, sorted(service_ids)))}}}" if service_ids else ""
    if services != g.get("services", ""):
        g.services = services
        if scope() != NOTHING and db.session().in_transaction():
            _tell_database(db.session().connection())


def limited_to() -> frozenset[int]:
    """Return the ids of the services an organisation's scope is narrowed to; none: it is not narrowed."""
    return frozenset(map(int, filter(None, g.get("services", "").strip("{}").split(","))))


def who_acts() -> int | None:
    """Return the id of the person who acts in this request, task or command, none where nobody is known."""
    found: int | None = g.get("acting_user")
    return found


def _tell_database(connection: Connection) -> None:
    told = _who_asks()
    settings = ", ".join(f"set_config('{name}', :{name.partition('.')[2]}, true)" for name in told)
    connection.execute(text(f"SELECT {settings}"), {name.partition(".")[2]: value for name, value in told.items()})


def _who_asks() -> dict[str, str]:
    """Return what the database is told in each transaction: who acts, and for whom where it is an organisation."""
    told = {
        "app.user": str(g.get("acting_user") or ""),
        "app.address": g.get("acting_address") or "",
        "app.request": request_id(),
    }
    if pool_of(scope()) is None:
        told |= {"app.organisation": _pass_of(int(scope())), "app.services": g.get("services", "")}
    return told


def words_at_begin(pool: str | None) -> Callable[[psycopg.Connection[Any]], bytes]:
    """Return what gives the statement that a transaction of a pool begins with: empty unless its scope is in force."""

    def words(connection: psycopg.Connection[Any]) -> bytes:
        if scope() == NOTHING or pool_of(scope()) != pool:
            return b""
        quoted = Escaping(connection.pgconn).escape_literal
        # set_config(…, true) is local to the transaction, so it is repeated at the begin of each.
        settings = (
            b"set_config('%b', %b, true)" % (name.encode(), quoted(value.encode()))
            for name, value in _who_asks().items()
        )
        return b"SELECT " + b", ".join(settings)

    return words


def _pass_of(organisation_id: int) -> str:
    """Return what shows the database an organisation's scope: only the council's login may ask for it."""
    passes: dict[int, str] = current_app.extensions.setdefault("organisation_passes", {})
    if organisation_id not in passes:
        with db.engines[COUNCIL_POOL].connect() as connection:
            passes[organisation_id] = connection.scalars(_PASS, {"organisation": organisation_id}).one()
    return passes[organisation_id]


def is_filtered() -> bool:
    """Return whether what is asked is kept to the rows of one organisation."""
    return scope() not in (COUNCIL, SIGN_IN)


@event.listens_for(Session, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    if state.is_column_load or not is_filtered():
        return
    asked = state.statement
    if asked not in _filtered:
        _filtered[asked] = asked.options(*OWN_ROWS)
    state.statement = _filtered[asked]


@event.listens_for(Session, "before_flush")
def _guard(session: Session, _context: Any, _instances: Any) -> None:
    if scope() == COUNCIL:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Tenanted):
            # A row whose organisation was set as an object has no foreign key value before the flush.
            whose = inspect(row).attrs.organisation.loaded_value if row in session.new else None
            owner = row.organisation_id or getattr(whose, "id", None)
            if str(owner) != scope():
                raise PermissionError(f"{type(row).__name__} of another organisation: nothing was written")
