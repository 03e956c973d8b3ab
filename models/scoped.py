"""Whose rows a request, job or command may see, and which login of the database its session works under.

The scope is one organisation, the council (everything), the pages of signing in, or nothing: the beginning.
"""

from __future__ import annotations

from typing import Any

from flask import g, has_app_context
from flask_sqlalchemy.session import Session
from sqlalchemy.engine import Connection, Engine

COUNCIL = "*"
SIGN_IN = "sign-in"
NOTHING = "0"

# The keys of SQLALCHEMY_BINDS; an organisation's scope works on the address without a key, as portal_web.
COUNCIL_POOL = "council"
SIGN_IN_POOL = "sign_in"
# The login of signing in once more, for single questions outside every transaction.
ALONE_POOL = "alone"
_POOLS = {COUNCIL: COUNCIL_POOL, SIGN_IN: SIGN_IN_POOL, NOTHING: SIGN_IN_POOL}


def scope() -> str:
    """Return the scope in force: an organisation's id as text, COUNCIL, SIGN_IN, or NOTHING."""
    return str(g.get("scope", NOTHING)) if has_app_context() else NOTHING


def pool_of(a_scope: str) -> str | None:
    """Return the key of the pool that serves a scope, None for that of organisations."""
    return _POOLS.get(a_scope)


class ScopedSession(Session):
    """A session that works under the login of the scope in force, whatever is asked."""

    def get_bind(self, *_args: Any, bind: Engine | Connection | None = None, **_kwargs: Any) -> Engine | Connection:
        """Return the engine of the scope in force."""
        return bind if bind is not None else self._db.engines[pool_of(scope())]
