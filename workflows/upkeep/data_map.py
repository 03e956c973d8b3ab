"""The map of all data: made from the models, so that no column can be missing in it."""

from collections.abc import Iterator

from sqlalchemy import Table

from models import metadata
from rules.data_map import PERSONAL, TABLES, purpose_of
from rules.policy import SETTINGS
from rules.retention import BY_KIND, FOR_GOOD, KEPT
from rules.words import counted

HEAD = """# What is kept about whom, why, and how long

Made from the models by `flask --app app data-map`; a test fails where a column is not in it. **Bold** columns are about
people. How long is a policy setting of the council (● stands in for a value that was never published); a night job
empties what is past its time, and `flask --app app job retention --dry-run` says what it would empty.

| kind | kept for | counted from | then |
| --- | --- | --- | --- |
"""


def data_map() -> str:
    """Return the map as Markdown: how long each kind is kept, then every table with every column."""
    kinds = (
        f"| {each.kind} | {counted(SETTINGS[each.setting].default, 'year')} ● (`{each.setting}`) |"
        f" {each.since} | {each.then} |"
        for each in KEPT
    )
    tables = sorted(metadata.tables.values(), key=lambda table: table.name)
    return HEAD + "\n".join((*kinds, "", *(line for table in tables for line in _table(table)))).rstrip() + "\n"


def _table(table: Table) -> Iterator[str]:
    purpose, kept = TABLES[table.name]
    yield f"## {table.name}"
    yield ""
    yield f"{purpose}. Kept {FOR_GOOD if kept == FOR_GOOD else f'as {BY_KIND[kept].kind}'}."
    yield ""
    by_purpose: dict[str, list[str]] = {}
    for column in table.columns:
        by_purpose.setdefault(purpose_of(table.name, column.name), []).append(column.name)
    for said, names in by_purpose.items():
        shown = ", ".join(f"**{name}**" if said in PERSONAL else f"`{name}`" for name in names)
        yield f"- {shown}: {said}"
    yield ""
