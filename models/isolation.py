"""Whose rows may be seen: the session's filter, the guard at flush, and the word given to the database.

The scope of a request, job or command is one organisation, the council (everything), or nothing: the beginning.
The database's own row-level security reads the same scope from `app.organisation`, so a query that forgets its filter,
or goes past the mapped classes, still finds only own rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from flask import g, has_app_context
from sqlalchemy import Integer, bindparam, event, exists, inspect, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from models.base import Tenanted, db
from models.line_item import LineItem
from models.organisation import Organisation
from models.person import Person

COUNCIL = "*"
NOTHING = "0"

# Built once, the organisation as a late-bound parameter: building it costs more than many a query.
# Aliased, so that it never correlates with a query that also selects line_item.
_own = LineItem.__table__.alias("own_line")
OWN_PEOPLE = with_loader_criteria(
    Person,
    exists(
        select(_own.c.id).where(
            _own.c.person_id == Person.__table__.c.id,
            _own.c.organisation_id == bindparam("own_organisation", callable_=lambda: int(scope()), type_=Integer),
        )
    ),
    include_aliases=False,
)


def scope() -> str:
    """Return the scope in force: an organisation's id as text, COUNCIL, or NOTHING."""
    return str(g.get("scope", NOTHING)) if has_app_context() else NOTHING


def enter(new_scope: str | int) -> None:
    """From here on see the rows of one organisation (its id), or everything (COUNCIL), or NOTHING.

    What was loaded under the other scope is put out of the session, so that it cannot be handed on.
    """
    before, g.scope = scope(), str(new_scope)
    if before != g.scope:
        db.session.expunge_all()
        if db.session().in_transaction():
            _tell_database(db.session().connection())


@contextmanager
def acting_for(new_scope: str | int) -> Iterator[None]:
    """See the rows of another scope for a while; the one before returns at the end."""
    before = scope()
    enter(new_scope)
    try:
        yield
    finally:
        enter(before)


def say_who(user_id: int | None, address: str) -> None:
    """Tell the audit trail who acts, and from which network address, until the end of the request or command."""
    g.acting_user, g.acting_address = user_id, address
    # Without a scope nothing can be written; enter() sends scope, user and address in one statement.
    if scope() != NOTHING and db.session().in_transaction():
        _tell_database(db.session().connection())


def _tell_database(connection: Connection) -> None:
    connection.execute(
        text(
            "SELECT set_config('app.organisation', :scope, true), set_config('app.user', :user, true),"
            " set_config('app.address', :address, true)"
        ),
        {"scope": scope(), "user": str(g.get("acting_user") or ""), "address": g.get("acting_address") or ""},
    )


@event.listens_for(Session, "after_begin")
def _at_begin(_session: Session, _transaction: Any, connection: Connection) -> None:
    # set_config(…, true) is local to the transaction, so it is repeated at the begin of each.
    if scope() != NOTHING:
        _tell_database(connection)


@event.listens_for(Session, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    if scope() == COUNCIL or state.is_column_load:
        return
    state.statement = state.statement.options(*_own_rows(int(scope())))


@lru_cache(maxsize=256)
def _own_rows(organisation_id: int) -> tuple[ExecutableOption, ...]:
    """Return what keeps a statement to one organisation's rows; to put it together takes as long as many a query."""
    return (
        with_loader_criteria(Tenanted, lambda row: row.organisation_id == organisation_id, include_aliases=True),
        with_loader_criteria(Organisation, lambda row: row.id == organisation_id, include_aliases=True),
        OWN_PEOPLE,
    )


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
