"""`flask --app app check-money`: the money invariants, and every row that breaks one."""

import click

from commands.context import as_council
from workflows.payments import money_checks


@click.command("check-money")
def check_money() -> None:
    """Ask every money invariant; print the rows that break one, and end with status 1 where there is any."""
    with as_council():
        broken = money_checks.check_money()
    for each in broken:
        click.echo(f"{each.record}: {each.found}. Broken: {each.holds}")
    if broken:
        raise SystemExit(1)
    click.echo(f"All {len(money_checks.CHECKS)} money checks hold.")
