"""`flask --app app set-up`: bring the database to the shape this release needs."""

import click
from sqlalchemy import create_engine, text

import database
import migrations
from views.access.roles import ROLE_NAMES


@click.command("set-up")
def set_up() -> None:
    """Create or migrate the database. Does nothing the second time."""
    bring_up(database.start())
    click.echo("The database is ready.")


def bring_up(urls: database.Urls) -> None:
    """Migrate, and see that each role has its row: without one its people would be let in and may do nothing."""
    migrations.bring_up(urls.owner, ROLE_NAMES)
    engine = create_engine(urls.owner)
    with engine.connect() as connection:
        found = set(connection.scalars(text("SELECT name FROM ab_role")))
    engine.dispose()
    if missing := sorted(set(ROLE_NAMES) - found):
        raise click.ClickException(f"Roles are missing in the database: {', '.join(missing)}.")
