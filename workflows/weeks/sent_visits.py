"""The visits that came with files, as they are stored: those of some references, and those of some days."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ARRAY, ColumnElement, Date, Integer, any_, func, literal, select, tuple_

from models import AbortedVisit, Visit, db
from rules.visit_identity import VisitMark

# A character that no reference has: it cannot be seen.
_PART = "\x1f"


class KnownVisit(NamedTuple):
    """A stored visit, in the order in which it is selected; `upload_id` is the file that it stands as in."""

    id: int
    upload_id: int
    twin: int
    begins: datetime
    counted: int
    reference: str
    slot: str
    line_item_id: int
    day: date
    outcome: str
    planned_start: datetime | None
    planned_end: datetime | None
    actual_start: datetime | None
    actual_end: datetime | None
    carer: str

    @property
    def mark(self) -> VisitMark:
        """What the visit is known by."""
        return VisitMark(self.reference, self.line_item_id, self.begins, self.carer, self.slot)

    @property
    def content(self) -> tuple[object, ...]:
        """All that is stored of the visit but its reference and what its minutes count for."""
        return (
            self.slot, self.line_item_id, self.day, self.outcome, self.planned_start, self.planned_end,
            self.actual_start, self.actual_end, self.carer,
        )  # fmt: skip

    @property
    def place(self) -> tuple[int, date]:
        """The line's id and the day."""
        return self.line_item_id, self.day


_COLUMNS = [getattr(Visit, name) for name in KnownVisit._fields]


def of_references(references: Collection[str]) -> list[KnownVisit]:
    """Return the stored visits that have one of these references."""
    # One string parameter: psycopg adapts an array of 42,000 strings element by element.
    return _read(Visit.reference == any_(func.string_to_array(_PART.join(references), _PART)))


def of_days(days: Collection[date], lines: Collection[int], carers: Collection[str]) -> list[KnownVisit]:
    """Return the stored visits of some days that are of one of these lines, or by one of these carers."""
    of_line = Visit.line_item_id == any_(literal(list(lines), ARRAY(Integer)))
    of_carer = Visit.carer == any_(func.string_to_array(_PART.join(carers), _PART))
    return _read((of_line | of_carer) if carers else of_line, Visit.day == any_(literal(list(days), ARRAY(Date))))


def of_places(places: Iterable[tuple[int, date]]) -> list[KnownVisit]:
    """Return the stored visits of some lines on some days: the line's id with the day of each."""
    return _read(tuple_(Visit.line_item_id, Visit.day).in_(list(places)))


def recorded_aborted(visits: Iterable[KnownVisit]) -> set[int]:
    """Return the ids of those stored visits for which an aborted visit is recorded at their line and planned start."""
    at = {(each.line_item_id, each.day, each.planned_start.time()): each.id for each in visits if each.planned_start}
    columns = (AbortedVisit.line_item_id, AbortedVisit.visit_date, AbortedVisit.planned_start)
    found = db.session.execute(select(*columns).where(tuple_(*columns).in_(list(at)))).all() if at else []
    return {at[tuple(row)] for row in found}


def _read(*where: ColumnElement[bool]) -> list[KnownVisit]:
    return [KnownVisit._make(row) for row in db.session.execute(select(*_COLUMNS).where(*where)).all()]
