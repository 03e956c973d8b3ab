"""Alembic's surroundings: the tables of the portal, those of Flask-AppBuilder with them, and the owner's connection."""

from typing import Any

from alembic import context
from sqlalchemy import NullPool, create_engine

import database
from models import metadata


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Leave out what no model maps: Alembic's own table, the queue's, and the key that only the owner reads."""
    return not (
        kind == "table" and name and (name in ("alembic_version", "scope_key") or name.startswith("procrastinate_"))
    )


url = context.config.attributes.get("url") or database.start().owner
# No pool: a migration that is refused leaves no connection behind.
engine = create_engine(url, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=metadata, include_object=_ours, compare_server_default=False
    )
    with context.begin_transaction():
        context.run_migrations()
