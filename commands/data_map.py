"""`flask --app app data-map`: what is kept about whom, why and how long, written to docs/data-map.md."""

import click

from config import PROJECT
from workflows.upkeep import data_map as maps

MAP = PROJECT / "docs" / "data-map.md"


@click.command("data-map")
def data_map() -> None:
    """Write the map of all data anew."""
    MAP.write_text(maps.data_map(), encoding="utf-8")
    click.echo(f"Written: {MAP.relative_to(PROJECT)}")
