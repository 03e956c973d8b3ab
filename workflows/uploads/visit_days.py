"""Visits of an uploaded file held against the visits stored before, and rolled up to days of lines.

A visit is known by its reference and the carer's slot. A day's figure is what all its visits come to: those of the
file, and those of earlier files that are not in this one. A day none of whose visits is new or changed is left alone,
so that what was typed in the portal since stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Date, Integer, any_, func, literal, select

from files.actuals.layouts import VisitRow
from models import Visit as StoredVisit
from models import db
from rules.aborted_visit import VisitEntry
from rules.open_days import Calendar
from rules.period import monday_of
from rules.states import Unit
from rules.visit import CountedVisit, Outcome, hours_of, minutes_between, units_of_counted
from workflows.uploads.aborted_visits import Placed, aborted_reason
from workflows.uploads.file_week import Given
from workflows.uploads.finding import Place, RowFate
from workflows.uploads.gather import Gathered, reason_of
from workflows.uploads.own_lines import OwnLines
from workflows.uploads.visits import SentVisit, visits_sent
from workflows.weeks.line_week import Line

Day = tuple[int, date]
# A character that no reference has: it cannot be seen.
PART = "\x1f"


class Rest(NamedTuple):
    """What is stored of a visit, in the order in which it is selected."""

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
    counted: int


class Rolled(NamedTuple):
    """What the visits of a file come to: those that are new or changed, and the aborted ones."""

    sent: list[SentVisit]
    aborted: list[Placed]

    def visits_to_store(self, gathered: Gathered) -> Iterator[tuple[Any, ...]]:
        """Yield the visits to store, in the order of upload_packed.VISIT: those not rejected with their day."""
        fates, texts = gathered.fates, _Texts()
        for place, line, day, minutes, counted, row in self.sent:
            if fates[place] is not RowFate.REJECTED:
                yield (
                    line.id, texts[day], row.ref, row.slot, row.outcome, texts[row.planned_start],
                    texts[row.planned_end], texts[row.actual_start], texts[row.actual_end], row.carer, minutes, counted,
                )  # fmt: skip


class _Texts(dict[date | None, str | None]):
    """Days and moments as text: the same come again and again."""

    def __missing__(self, moment: date | None) -> str | None:
        text = self[moment] = None if moment is None else str(moment)
        return text


def roll_up(rows: Sequence[VisitRow], lines: OwnLines, gathered: Gathered, calendar: Calendar) -> Rolled:
    """Gather the visits of a file into days of lines; what cannot go in is rejected."""
    sent = list(visits_sent(rows, lines, gathered, calendar))
    known = _known(sent)
    by_day: dict[Day, list[SentVisit]] = defaultdict(list)
    touched: dict[Day, Line] = {}
    changed = []
    own = {each.line.id: each.line for each in sent}
    for each in sent:
        day = (each.line.id, each.day)
        by_day[day].append(each)
        before = known.pop((each.row.ref, each.row.slot), None) if known else None
        fate = RowFate.NEW if before is None else RowFate.UNCHANGED if before[:-1] == _rest(each) else RowFate.CHANGED
        gathered.fates[each.place] = fate
        if fate is not RowFate.UNCHANGED:
            changed.append(each)
            touched[day] = each.line
            if before is not None and before.line_item_id in own:
                touched[before.line_item_id, before.day] = own[before.line_item_id]
    earlier: dict[Day, list[Rest]] = defaultdict(list)
    for rest in known.values():
        earlier[rest.line_item_id, rest.day].append(rest)
    for day, line in touched.items():
        _take_day(line, day[1], by_day.get(day, []), earlier.get(day, []), gathered)
    return Rolled(changed, _aborted(sent))


def _known(sent: Sequence[SentVisit]) -> dict[tuple[str, str], Rest]:
    """Return the stored visits of the references and of the days in the file, in two queries."""
    if not sent:
        return {}
    columns = [getattr(StoredVisit, name) for name in Rest._fields]
    days = [each.day for each in sent]
    queries = (
        # One string parameter: psycopg adapts an array of 42,000 strings element by element.
        StoredVisit.reference == any_(func.string_to_array(PART.join({each.row.ref for each in sent}), PART)),
        (StoredVisit.line_item_id == any_(literal(list({each.line.id for each in sent}), ARRAY(Integer))))
        & (StoredVisit.day == any_(literal(list(set(days)), ARRAY(Date)))),
    )
    found = (Rest._make(row) for where in queries for row in db.session.execute(select(*columns).where(where)).all())
    return {(each.reference, each.slot): each for each in found}


def _rest(each: SentVisit) -> tuple[Any, ...]:
    """Return a visit as it would be stored, in the order of Rest, without what its minutes count for."""
    row = each.row
    return (
        row.ref, row.slot, each.line.id, each.day, row.outcome, row.planned_start, row.planned_end, row.actual_start,
        row.actual_end, row.carer,
    )  # fmt: skip


def _take_day(line: Line, day: date, sent: list[SentVisit], earlier: list[Rest], gathered: Gathered) -> None:
    """Put what the visits of a day come to into its week."""
    week = gathered.week(line, monday_of(day), whole=False)
    places = [each.place for each in sent]
    place = places[0] if places else (week.places or [Place("", 0)])[0]
    index = day.weekday()
    week.days[index] = Given(place, "Actual end", _units(line.plan.unit, sent, earlier))
    week.by_visits = True
    week.rows_of[index] = places
    week.places += places
    for each in sent:
        row = each.row
        if row.outcome == Outcome.ABORTED:
            continue
        if row.reason:
            week.reason = reason_of(row.reason, each.place, gathered) or week.reason
        if row.comment:
            week.comment = row.comment


def _units(unit: Unit, sent: list[SentVisit], earlier: list[Rest]) -> Decimal:
    """Return the units that the delivered visits of a day come to: those of the file, and those stored before."""
    if unit is Unit.HOUR:
        # What was not delivered counts for nothing.
        return hours_of(sum([each.counted for each in sent]) + sum([each.counted for each in earlier]))
    visits = [
        CountedVisit(row.ref, row.slot, row.planned_start or row.actual_start, counted)
        for _place, _line, _day, _minutes, counted, row in sent
        if row.outcome == Outcome.DELIVERED
    ]
    visits += [
        CountedVisit(each.reference, each.slot, each.planned_start or each.actual_start, each.counted)
        for each in earlier
        if each.outcome == Outcome.DELIVERED
    ]
    return units_of_counted(visits, unit)


def _aborted(sent: Iterable[SentVisit]) -> list[Placed]:
    """Return the aborted visits; those of two carers at one visit are one, with the minutes of both."""
    placed: dict[tuple[int, datetime], Placed] = {}
    for each in sent:
        row = each.row
        if row.outcome != Outcome.ABORTED or not row.planned_start or not row.planned_end:
            continue
        minutes = minutes_between(row.planned_start, row.planned_end)
        key = (each.line.id, row.planned_start)
        if key in placed:
            entry = placed[key][2]
            minutes += entry.planned_minutes
        waited = minutes_between(row.actual_start, row.actual_end) if row.actual_start and row.actual_end else 0
        entry = VisitEntry(
            each.line.id, each.day, row.planned_start.time(), minutes, row.told_at,
            row.actual_start.time() if row.actual_start else None, waited, "", aborted_reason(row.reason), row.comment,
        )  # fmt: skip
        placed[key] = (each.place, each.line, entry)
    return list(placed.values())
