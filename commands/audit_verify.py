"""`flask --app app audit-verify`: whether anything in the audit trail was altered, removed or reordered."""

import click

from commands.context import as_council
from rules.words import counted
from workflows.upkeep.seals import verify_seals


@click.command("audit-verify")
@click.option("--head", default="", help="A head that an earlier run or the log named: it must be in the chain still.")
def audit_verify(head: str) -> None:
    """Check every seal and every event under it; print what is wrong, and end with status 1 where there is anything."""
    with as_council():
        found = verify_seals(head)
    for sentence in found.wrong:
        click.echo(sentence)
    if found.wrong:
        raise SystemExit(1)
    emptied = f" {counted(found.emptied, 'event')} emptied when its time was over." if found.emptied else ""
    click.echo(f"{counted(found.events, 'event')} under {counted(found.seals, 'seal')}: nothing was changed.{emptied}")
    click.echo(f"Head: {found.head}")
