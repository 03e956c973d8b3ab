"""`flask --app app rotate-key`: what people sign in with goes over to the newest key."""

import click
from cryptography.fernet import InvalidToken

from commands.context import as_council
from rules.words import counted
from workflows.access.rotate import rotate_keys


@click.command("rotate-key")
def rotate_key() -> None:
    """Encrypt what people sign in with, and e-mails, with the first key of SECRETS_KEY; older ones can be removed."""
    with as_council():
        try:
            done = rotate_keys()
        except InvalidToken as unknown:
            raise click.ClickException(
                "Something was encrypted with a key that is not in SECRETS_KEY. Put the older key behind the new one,"
                " separated by a comma. Nothing was changed."
            ) from unknown
    click.echo(f"{counted(done, 'secret')} encrypted with the newest key.")
