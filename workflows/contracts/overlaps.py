"""Lines of one person and element with days in common: asked about, for care is seldom meant twice (rules.md 17)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from models import ContractDocument, LineItem, db
from rules.period import uk_date
from rules.unusual import Unusual


class LineSpan(NamedTuple):
    """Care of one element for one person from `start` to `end`, both inclusive, open where None; `id` is 0 if new."""

    id: int
    reference: str
    organisation_id: int
    person_id: int
    element_id: int
    start: date
    end: date | None

    @classmethod
    def of(cls, line: LineItem) -> "LineSpan":
        """Return the span of a line."""
        return cls(line.id, line.reference, line.organisation_id, line.person_id, line.element_id, line.start, line.end)


def overlaps_among(spans: Sequence[LineSpan]) -> list[Unusual]:
    """Return which spans have days in common with a line in force, or with another of them; one query for all."""
    own = {span.id for span in spans if span.id}
    beside: dict[tuple[int, int, int], list[LineSpan]] = defaultdict(list)
    statement = (
        select(LineItem)
        .join(LineItem.document)
        .where(LineItem.person_id.in_({span.person_id for span in spans}), ContractDocument.takes_actuals)
        .options(lazyload(LineItem.plans), lazyload(LineItem.rates))
        .order_by(LineItem.reference)
    )
    for line in db.session.scalars(statement):
        if line.id not in own:
            beside[_care(LineSpan.of(line))].append(LineSpan.of(line))
    found = []
    for span in spans:
        found += [_asked(span, other) for other in beside[_care(span)] if _meet(span, other)]
        beside[_care(span)].append(span)
    return found


def _care(span: LineSpan) -> tuple[int, int, int]:
    return span.organisation_id, span.person_id, span.element_id


def _meet(one: LineSpan, other: LineSpan) -> bool:
    return (one.end is None or one.end >= other.start) and (other.end is None or other.end >= one.start)


def _asked(one: LineSpan, other: LineSpan) -> Unusual:
    since = uk_date(max(one.start, other.start))
    return Unusual(
        f"overlap {one.reference} {other.reference}",
        f"Line {one.reference} is for the same person and element as line {other.reference} from {since} on."
        " Are both meant?",
    )
