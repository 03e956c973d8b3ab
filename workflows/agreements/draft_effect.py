"""What a draft agreement would cost a week, and which other lines it would overlap, as far as it can be read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import joinedload

from models import ContractDocument, LineItem, Organisation, Person, Service, db
from models.unpriced import UNPRICED
from rules.line_fields import LineFields, cost_a_week, units_a_week
from rules.money import NOTHING
from rules.period import DAY
from workflows.agreements.draft_reading import ReadAgreement, TypedAgreement, read_agreement

_DIGITS = "[0-9]{1,15}$"


@dataclass(frozen=True)
class Overlap:
    """Another line of the person and element: `days` in common, None without end; it may end on `could_end`."""

    line: LineItem
    days: int | None
    could_end: date | None


@dataclass
class LineEffect:
    """What one line comes to a week, in its unit and in pounds, None where that cannot be read yet."""

    fields: LineFields
    units: Decimal | None
    cost: Decimal | None
    overlaps: list[Overlap] = field(default_factory=list)
    same_as: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class DraftEffect:
    """What an agreement comes to: by the number of its line, and who is meant by what was typed.

    `elements` are the names of all that a line can be for, by id and in their order.
    """

    lines: dict[int, LineEffect]
    organisation: Organisation | None
    service: Service | None
    person: Person | None
    elements: dict[int, str]

    @property
    def cost(self) -> Decimal:
        """The pounds a week of all lines that can be read."""
        return sum((line.cost for line in self.lines.values() if line.cost), NOTHING)


def effect_of_draft(typed: TypedAgreement, draft: ContractDocument | None = None) -> DraftEffect:
    """Return what an agreement as it was typed, of a draft or a new one, would come to.

    What cannot be read is passed over.
    """
    read = read_agreement(typed, draft)
    lines = {
        line.number: LineEffect(line.fields, units_a_week(line.fields), cost_a_week(line.fields)) for line in read.lines
    }
    _find_overlaps(read, lines, draft.id if draft else None)
    return DraftEffect(lines, read.organisation, read.service, read.person, read.elements)


def _find_overlaps(read: ReadAgreement, lines: dict[int, LineEffect], document_id: int | None) -> None:
    element_of = {line.number: line.element_id for line in read.lines if line.element_id and line.fields.start}
    others = _others(read, set(element_of.values()), document_id)
    for number, element in element_of.items():
        own = lines[number].fields
        for other in others:
            if other.element_id == element and _meet(own.start, own.end, other.start, other.end):
                lines[number].overlaps.append(_overlap(own, other))
        lines[number].same_as = [
            before for before, same in element_of.items()
            if before < number and same == element
            and _meet(own.start, own.end, lines[before].fields.start, lines[before].fields.end)
        ]  # fmt: skip


def _others(read: ReadAgreement, elements: Collection[int | None], document_id: int | None) -> list[LineItem]:
    if read.organisation is None or read.person is None or not elements:
        return []
    statement = (
        select(LineItem)
        .join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .where(LineItem.organisation_id == read.organisation.id, LineItem.person_id == read.person.id)
        .where(LineItem.element_id.in_(elements), ContractDocument.takes_actuals)
        .where(LineItem.document_id != (document_id or 0))
        .options(joinedload(LineItem.element), *UNPRICED)
        .order_by(LineItem.reference)
    )
    return list(db.session.scalars(statement))


def _meet(start: date | None, end: date | None, other_start: date | None, other_end: date | None) -> bool:
    assert start
    assert other_start
    return (end is None or other_start <= end) and (other_end is None or start <= other_end)


def _overlap(own: LineFields, other: LineItem) -> Overlap:
    assert own.start
    ends = [end for end in (own.end, other.end) if end]
    days = (min(ends) - max(own.start, other.start)).days + 1 if ends else None
    before = own.start - DAY
    return Overlap(other, days, before if before >= other.start else None)


def next_reference(model: Any, usual: str, typed: Sequence[str] = ()) -> str:
    """Return the reference that follows the highest one like the newest: "ISO-20588" after ISO-20587.

    `typed` are others that stand on the page, the newest last; `usual` is the one before the first of all.
    """
    last = next((each for each in reversed(typed) if each), None)
    stored = select(model.reference).order_by(model.id.desc()).limit(1).correlate(None).scalar_subquery()
    followed = func.coalesce(last, stored, usual)
    among = func.regexp_replace(model.reference, _DIGITS, "") == func.rtrim(followed, "0123456789")
    largest = select(func.max(cast(func.substring(model.reference, _DIGITS), BigInteger))).where(among)
    newest, highest = db.session.execute(select(followed, largest.scalar_subquery())).one()
    prefix = newest.rstrip("0123456789")
    numbers = [each.removeprefix(prefix) for each in (newest, *typed) if each.startswith(prefix)]
    number = max([highest or 0, *(int(each) for each in numbers if each.isdecimal() and len(each) < 16)]) + 1
    return f"{prefix}{number:0{len(newest) - len(prefix)}}"
