"""`flask --app app load-demo`: the demonstration council, made for the current date."""

from collections.abc import Iterable

import click

import database
import demonstration
from commands.context import as_council
from demonstration import county


@click.command("load-demo")
@click.option(
    "--size",
    type=click.Choice(["small", "county"]),
    default="small",
    show_default=True,
    help="How much there is: five organisations, or 600 with two years behind them (some minutes, 2 GB).",
)
def load_demo(size: str) -> None:
    """Fill an empty database with the demonstration council. Everybody in it is invented."""
    if size == "county":
        _load_county()
        click.echo(sign_ins_table(county.SIGN_INS))
    else:
        load_with_progress()
        click.echo(sign_ins_table())


def load_with_progress() -> None:
    """Load the demonstration council, with a progress bar; raises ClickException where there are organisations."""
    with as_council():
        _do("Demonstration council", demonstration.steps())


def sign_ins_table(sign_ins: Iterable[demonstration.DemoSignIn] = demonstration.SIGN_INS) -> str:
    """Return who can sign in to the demonstration, as lines of text."""
    people = list(sign_ins)
    width = max(len(sign_in.email) for sign_in in people)
    lines = [f"  {sign_in.email:<{width}}  {sign_in.who}" for sign_in in people]
    heading = f"Password {demonstration.PASSWORD}, security code {demonstration.CODE}, for"
    return "\n".join((heading, *lines))


def _load_county() -> None:
    with as_council(), county.Owner(database.start().owner) as owner:
        _do("Demonstration county", county.steps(owner, county.County()))


def _do(label: str, steps: list[demonstration.StoryStep]) -> None:
    with click.progressbar(steps, label=label, item_show_func=_name_of) as bar:
        for step in bar:
            step.work()


def _name_of(step: demonstration.StoryStep | None) -> str:
    return step.name if step else ""
