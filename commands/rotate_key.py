"""`flask --app app rotate-key`: what is encrypted goes over to the newest keys."""

import click
from cryptography.fernet import InvalidToken
from sqlalchemy import NullPool, create_engine, text

import database
from commands.context import as_council
from rules.words import counted
from workflows.access.rotate import rotate_keys
from workflows.organisations.bank_details import seal_anew

# Another login would see no account, and its old key would be thought to be needed no more.
OWNS = "SELECT tableowner = current_user FROM pg_tables WHERE schemaname = 'public' AND tablename = 'change_request'"
NOT_OWNER = (
    "Accounts are encrypted anew by the owner of the tables alone: set DATABASE_OWNER_URL to its address. Nothing was"
    " changed."
)


@click.command("rotate-key")
def rotate_key() -> None:
    """Encrypt secrets, e-mails and accounts with the first key of SECRETS_KEY and of BANK_DETAILS_KEY.

    Older keys can be removed then. Accounts are changed as the owner of the tables: DATABASE_OWNER_URL has to be set.
    """
    secrets, accounts = rotate(database.start().owner)
    click.echo(f"{counted(secrets, 'secret')} and {counted(accounts, 'account')} encrypted with the newest keys.")


def rotate(owner_url: str) -> tuple[int, int]:
    """Seal everything with the newest keys and return how many secrets and accounts; all of it or nothing.

    Raises ClickException where a key is missing, or the address is not that of the tables' owner.
    """
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    with as_council():
        try:
            with engine.begin() as owner:
                if not owner.scalar(text(OWNS)):
                    raise click.ClickException(NOT_OWNER)
                accounts = seal_anew(owner)
                return rotate_keys(), accounts
        except InvalidToken as unknown:
            raise click.ClickException(
                "Something was encrypted with a key that is not in SECRETS_KEY or BANK_DETAILS_KEY. Put the older key"
                " behind the new one, separated by a comma. Nothing was changed."
            ) from unknown
