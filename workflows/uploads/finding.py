"""What the check of an uploaded file says of its rows: what becomes of each, and what was found where."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import IntEnum
from typing import NamedTuple, cast

from sqlalchemy import Column, Table, Text, insert, literal, select

from models import Upload, UploadFinding, db
from models.staged import pack, staged
from rules.problem_codes import Code
from rules.upload_states import FindingKind

_TABLE = cast(Table, UploadFinding.__table__)
# What goes in only where somebody ticks it.
ASKED = (FindingKind.CONFLICT, FindingKind.LOCKED)
_STORED = (
    "kind", "code", "sheet", "row", "column", "value", "wrong", "remedy", "line_item_id", "week_starting", "choice",
)  # fmt: skip


class RowFate(IntEnum):
    """What becomes of a row of the file."""

    UNCHANGED = 0
    CHANGED = 1
    NEW = 2
    REJECTED = 3
    ASKED = 4  # a conflict or a week on an invoice: goes in where it is ticked
    SKIPPED = 5  # asks for nothing, with a reason: a repeat, or a row without a quantity


class Place(NamedTuple):
    """Where in the file something stands."""

    sheet: str
    row: int

    def seen_from(self, other: "Place") -> str:
        """Return the name of the row in a message about another: with its sheet, where that is another one."""
        return f"row {self.row} of the sheet {self.sheet}" if self.sheet != other.sheet else f"row {self.row}"


class Found(NamedTuple):
    """One finding, ready to be stored; `line_id` and `week`, or a `choice`, say what is ticked with it."""

    kind: FindingKind
    code: Code
    place: Place
    column: str
    value: str
    wrong: str
    remedy: str
    line_id: int | None = None
    week: date | None = None
    choice: str = ""


def store_findings(upload: Upload, found: Sequence[Found]) -> None:
    """Store what was found in a file, in this order. Does not commit."""
    if not found:
        return
    rows = ((each.kind, each.code, *each.place, *each[3:]) for each in found)
    columns = [Column(name, Text if name == "kind" else _TABLE.c[name].type) for name in _STORED]
    table = staged("staged_finding", [Column("number", _TABLE.c.row.type), *columns], pack(_numbered(rows)))
    whose = (literal(upload.organisation_id), literal(upload.id))
    values = select(*whose, *(table.c[name] for name in _STORED)).order_by(table.c.number)
    names = ["organisation_id", "upload_id", *_STORED]
    db.session.connection().execute(insert(_TABLE).from_select(names, values, include_defaults=False))


def _numbered(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    return ((number, *row) for number, row in enumerate(rows))
