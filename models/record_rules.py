"""What the database holds typed fields to: their length, plain references, and no two that differ by case or blanks."""

from typing import Any, Final

from sqlalchemy import CheckConstraint, ColumnElement, Index, Table, func

from models.base import metadata
from models.contract_document import ContractDocument
from models.line_item import Element, LineItem
from models.organisation import Organisation, Service
from models.paper_order import PaperOrder
from models.person import Person
from models.recovery import Recovery
from models.run_finding import RunFinding
from models.sector import Sector
from models.team import Team
from rules.record_fields import FIELDS, read_reference

# Of each kind what no two records share, whatever its case and blanks; a service's name only in its organisation.
NO_TWO_ALIKE: Final[dict[type, str]] = {
    Organisation: "reference", Person: "reference", ContractDocument: "reference", LineItem: "reference",
    PaperOrder: "reference", Element: "name", Sector: "name", Team: "name", Service: "name",
}  # fmt: skip


# Tables whose fields have rules and whose models come after this one in the alphabet.
_LATER: Final = (Recovery, RunFinding)


def same_key(words: Any) -> ColumnElement[str]:
    """Return the SQL of words without case and blanks (a function of the database)."""
    return func.same_key(words)


def _make() -> None:
    for name, fields in FIELDS.items():
        table = metadata.tables[name]
        for column, rule in fields.items():
            checks = {f"{column}_length": f"char_length({column}) <= {rule.most}"}
            if rule.read is read_reference:
                checks[f"{column}_plain"] = f"{column} !~ '^[-=+@]|[[:space:]]'"
            for check, condition in checks.items():
                table.append_constraint(CheckConstraint(condition, name=check))
    for model, column in NO_TWO_ALIKE.items():
        _alike(model, column)


def _alike(model: Any, column: str) -> None:
    table: Table = model.__table__
    within = (table.c.organisation_id,) if model is Service else ()
    Index(f"uq_{table.name}_{column}_alike", *within, same_key(table.c[column]), unique=True)


_make()
