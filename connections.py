"""Connections to the database that stay open between requests."""

from select import POLLIN, poll
from typing import Any

from psycopg import Connection
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import QueuePool


class OpenConnections(QueuePool):
    """A pool that hands out no connection which the database has closed meanwhile.

    To ask the database whether it is still there would be a question more for every page. A connection that nobody uses
    has nothing to read, unless the other side has said goodbye.
    """


@event.listens_for(OpenConnections, "checkout")
def _refuse_closed(connection: Connection[Any], _record: Any, _proxy: Any) -> None:
    """Refuse a connection that has something to read: the pool then opens another."""
    socket = poll()
    socket.register(connection.fileno(), POLLIN)
    if socket.poll(0):
        raise DisconnectionError
