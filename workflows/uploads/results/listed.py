"""What the check of a file found and asks nothing about: rows that are rejected, skipped, warned of."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import case, func, select

from models import UploadFinding, db
from rules.problem_codes import Code
from rules.upload_codes import SKIPPED
from rules.upload_states import FindingKind

LISTED = (FindingKind.REJECTED, FindingKind.WARNING)


def findings(upload_id: int, *kinds: FindingKind, most: int | None = None) -> list[UploadFinding]:
    """Return what the check of a file found, of these kinds, in the order of the file's rows."""
    query = select(UploadFinding).where(UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(kinds))
    return list(db.session.scalars(query.order_by(UploadFinding.id).limit(most)))


@dataclass
class WarnedOf:
    """Warnings of one code: how many there are, and the first of them."""

    code: str
    count: int = 0
    found: list[UploadFinding] = field(default_factory=list)

    @property
    def skipped(self) -> bool:
        """Whether the rows are skipped; else they go in."""
        return self.code in SKIPPED


class ListedFindings(NamedTuple):
    """The first problems that keep rows of a file out, how many there are, and what it is warned of, by code."""

    rejected: Sequence[UploadFinding]
    rejected_count: int
    warned: Sequence[WarnedOf]


def listed_of(upload_id: int, most: int) -> ListedFindings:
    """Return what is rejected, and the warnings by code in the order of the list of codes: at most so many of each.

    One query.
    """
    # Rejected rows are one list, whatever their codes.
    of_list = case((UploadFinding.kind == FindingKind.WARNING, UploadFinding.code), else_="")
    numbered = (
        select(
            UploadFinding.id,
            func.row_number().over(partition_by=of_list, order_by=UploadFinding.id).label("number"),
            func.count().over(partition_by=of_list).label("count"),
        )
        .where(UploadFinding.upload_id == upload_id, UploadFinding.kind.in_(LISTED))
        .subquery()
    )
    first = select(UploadFinding, numbered.c.count).join(numbered, numbered.c.id == UploadFinding.id)
    rejected = WarnedOf("")
    warned: dict[str, WarnedOf] = {}
    for each, count in db.session.execute(first.where(numbered.c.number <= most).order_by(UploadFinding.id)):
        found = rejected if each.kind is FindingKind.REJECTED else warned.setdefault(each.code, WarnedOf(each.code))
        found.count = count
        found.found.append(each)
    order = [*Code]
    in_order = sorted(
        warned.values(), key=lambda of: (order.index(Code(of.code)) if of.code in order else len(order), of.code)
    )
    return ListedFindings(rejected.found, rejected.count, in_order)
