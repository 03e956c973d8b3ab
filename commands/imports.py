"""`flask --app app import KIND FILE [--yes]`: the staff imports from the command line; without --yes only the check."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from commands.context import as_council
from files.reading.table import Row
from models import ImportFile
from rules.upload_states import ImportState
from rules.words import counted
from workflows.imports import steps as imports
from workflows.imports.kinds import KINDS, Watch
from workflows.imports.plan import ImportFate

# Fewer rows than these are read within a second; a bar for them would only flicker.
BAR_FROM = 2_000
MOST_SHOWN = 50


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Write the rows when there is no problem; otherwise only check.")
def import_command(kind: str, file: Path, yes: bool) -> None:
    """Check FILE as a KIND of import, and with --yes import it."""
    with as_council():
        kept = imports.check_file(kind, file.name, file.read_bytes(), None, _watch("Checking"))
        _report(kept)
        if kept.state is ImportState.REFUSED:
            raise click.exceptions.Exit(1)
        if yes:
            imports.confirm(kept.id, _watch("Importing"))
    click.echo("Imported." if yes else "Nothing was written. Add --yes to import these rows.")


def _watch(label: str) -> Watch:
    def watch(rows: list[Row]) -> Iterable[Row]:
        return _with_bar(rows, label) if len(rows) >= BAR_FROM else rows

    return watch


def _with_bar(rows: list[Row], label: str) -> Iterator[Row]:
    with click.progressbar(rows, label=label) as bar:
        yield from bar


def _report(kept: ImportFile) -> None:
    findings = kept.findings
    counts = ", ".join(f"{findings[fate.value]:,} {fate.value}" for fate in ImportFate)
    click.echo(f"{kept.filename}: {counted(findings['rows'], 'row')} read, {counts}.")
    for words in (*findings["notices"], *findings["warnings"][:MOST_SHOWN]):
        click.echo(words)
    for found in imports.problems_of(kept)[:MOST_SHOWN]:
        value = f" “{found.value}”" if found.value else ""
        click.echo(f"Row {found.row}, {found.column}{value}: {found.problem.message}")
    if findings["problem_count"]:
        click.echo(f"{counted(findings['problem_count'], 'problem')}. Nothing was written.")
