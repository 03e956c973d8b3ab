"""`flask --app app set-up`: bring the database to the shape this release needs."""

import click
import psycopg
from sqlalchemy import NullPool, create_engine, make_url, text

import database
import migrations
from commands.context import as_council
from views.access.roles import ROLE_NAMES
from workflows.access.rotate import seal_what_is_open

# What a login of the portal is: somebody who can be nobody else, and for whom row-level security holds.
ONLY_ITSELF = """
SELECT NOT (rolsuper OR rolbypassrls OR rolcreaterole) AND NOT EXISTS (SELECT FROM pg_auth_members WHERE member = oid)
FROM pg_roles WHERE rolname = session_user
"""


@click.command("set-up")
def set_up() -> None:
    """Create or migrate the database. Does nothing the second time."""
    bring_up(database.start())
    click.echo("The database is ready.")


def bring_up(urls: database.Urls) -> None:
    """Make the logins, migrate, and see that logins and roles are as they have to be. Raises ClickException.

    A role without its row would let its people in, who then may do nothing.
    """
    _make_logins(urls)
    migrations.bring_up(urls.owner, ROLE_NAMES)
    engine = create_engine(urls.owner, poolclass=NullPool)
    with engine.connect() as connection:
        found = set(connection.scalars(text("SELECT name FROM ab_role")))
    if missing := sorted(set(ROLE_NAMES) - found):
        raise click.ClickException(f"Roles are missing in the database: {', '.join(missing)}.")
    _check_logins(urls)
    with as_council():
        seal_what_is_open()


def _make_logins(urls: database.Urls) -> None:
    passwords = {login: make_url(getattr(urls, field)).password for login, field in database.LOGINS.items()}
    with psycopg.connect(_plain(urls.owner), autocommit=True) as connection:
        try:
            database.create_logins(connection, passwords)
        except psycopg.errors.InsufficientPrivilege as refused:
            logins = ", ".join(passwords)
            raise click.ClickException(
                f"The owner of the database may not create logins. Ask its administrator to create {logins}: roles that"
                " may log in, with a password each, and nothing else. Then run set-up again."
            ) from refused


def _check_logins(urls: database.Urls) -> None:
    for login, field in database.LOGINS.items():
        try:
            with psycopg.connect(_plain(getattr(urls, field))) as connection:
                (good,) = connection.execute(ONLY_ITSELF).fetchone() or (False,)
        except psycopg.OperationalError as error:
            raise click.ClickException(f"{login} cannot log in to the database: {error}") from error
        if not good:
            raise click.ClickException(
                f"{login} may do more than it should: it has to be no superuser, no member of another role, and must"
                " neither bypass row-level security nor create roles."
            )


def _plain(url: str) -> str:
    return url.replace("+psycopg:", ":", 1)
