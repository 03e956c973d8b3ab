"""`flask --app app load-demo`: the demonstration council, made for the current date."""

import click

import demonstration
from commands.context import as_council


@click.command("load-demo")
@click.option("--size", type=click.Choice(["small"]), default="small", show_default=True, help="How much there is.")
def load_demo(size: str) -> None:
    """Fill an empty database with the demonstration council. Everybody in it is invented."""
    del size  # there is one so far
    load_with_progress()
    click.echo(sign_ins_table())


def load_with_progress() -> None:
    """Load the demonstration council, with a progress bar; raises ClickException where there are organisations."""
    with as_council():
        steps = demonstration.steps()
        with click.progressbar(steps, label="Demonstration council", item_show_func=_name_of) as bar:
            for step in bar:
                step.work()


def sign_ins_table() -> str:
    """Return who can sign in to the demonstration, as lines of text."""
    width = max(len(sign_in.email) for sign_in in demonstration.SIGN_INS)
    lines = [f"  {sign_in.email:<{width}}  {sign_in.who}" for sign_in in demonstration.SIGN_INS]
    heading = f"Password {demonstration.PASSWORD}, security code {demonstration.CODE}, for"
    return "\n".join((heading, *lines))


def _name_of(step: demonstration.StoryStep | None) -> str:
    return step.name if step else ""
