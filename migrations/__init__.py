"""Bring a database to the shape this release needs: tables and promises by Alembic, and a row for every role."""

from collections.abc import Iterable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import NullPool, create_engine, text


def configuration(owner_url: str) -> Config:
    """Return Alembic's configuration for a database, named by the address its owner uses."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["url"] = owner_url
    return config


def bring_up(owner_url: str, roles: Iterable[str]) -> None:
    """Migrate a database to this release and give every role of `roles` its row; the second time does nothing."""
    command.upgrade(configuration(owner_url), "head")
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        for role in sorted(roles):
            connection.execute(
                text("INSERT INTO ab_role (name) VALUES (:name) ON CONFLICT (name) DO NOTHING"), {"name": role}
            )
