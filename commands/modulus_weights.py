"""`flask --app app load-modulus-weights FILE`: the table that bank accounts are checked by, in VocaLink's layout."""

from pathlib import Path

import click

from commands.context import as_council
from rules.refusal import NotUnderstood
from rules.words import counted
from workflows.organisations import bank_details


@click.command("load-modulus-weights")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load_modulus_weights(file: Path) -> None:
    """Replace the table of modulus weights by FILE (valacdos.txt of Pay.UK)."""
    with as_council():
        try:
            lines = bank_details.load_weights(file.read_text(encoding="utf-8", errors="replace"))
        except NotUnderstood as error:
            raise click.ClickException(error.problem.message) from error
    click.echo(f"{counted(lines, 'line')} loaded. Accounts are checked by them from now on.")
