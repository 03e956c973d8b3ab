"""`flask --app app create-user`: the first administrator, who then gives everybody else their access."""

import click

from commands.context import as_council
from workflows.access.first_administrator import create_administrator
from workflows.hashes import given_password


@click.command("create-user")
@click.option("--email", prompt="E-mail address")
@click.option("--first-name", prompt="First name")
@click.option("--last-name", prompt="Last name")
@click.option(
    "--password",
    prompt="Password to begin with (leave empty to be given one)",
    default="",
    show_default=False,
    hide_input=True,
)
def create_user(email: str, first_name: str, last_name: str, password: str) -> None:
    """Create an administrator. They choose their own password when they first sign in."""
    password, typed = password or given_password(), bool(password)
    with as_council():
        user = create_administrator(email=email, first_name=first_name, last_name=last_name, password=password)
    click.echo(f"{user} is an administrator and signs in as {user.email}.")
    if not typed:
        click.echo(f"Given password: {password}")
    click.echo("It has to be changed, and a security code created, at the first sign-in.")
