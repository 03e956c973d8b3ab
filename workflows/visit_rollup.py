"""Visits of an uploaded file: each found its line, held against the visits stored before, and rolled up to days.

A visit is known by its reference and the carer's slot. A day's figure is what all its visits come to: those of the
file, and those of earlier files that are not in this one. A day none of whose visits is new or changed is left alone,
so that what was typed in the portal since stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Date, Integer, Text, any_, literal, select

from files.actuals_layouts import VisitRow
from models import Visit as StoredVisit
from models import db
from rules.aborted_visit import VisitEntry
from rules.period import monday_of, short_date, uk_date
from rules.states import FindingKind
from rules.visit import Outcome, Visit, minutes_between, rounded_minutes, units_of_day
from workflows import policy
from workflows.line_week import Calendar
from workflows.upload_aborted import Placed, aborted_reason
from workflows.upload_found import Fate, Found, Place
from workflows.upload_lines import OwnLine, OwnLines
from workflows.upload_rows import Gathered, line_of, reason_of
from workflows.upload_week import Given, outside

Day = tuple[int, date]
OUTCOMES = {outcome.value for outcome in Outcome}
WORDS = ", ".join(Outcome)


class Sent(NamedTuple):
    """A visit of the file that can be judged, with its line; `rest` are the values that are stored of it."""

    place: Place
    line: OwnLine
    day: date
    row: VisitRow


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


class Rolled(NamedTuple):
    """What the visits of a file come to: those to store, packed with the Monday of their week; and aborted ones."""

    visits: list[list[Any]]
    aborted: list[Placed]


def roll_up(rows: Sequence[VisitRow], lines: OwnLines, gathered: Gathered, calendar: Calendar) -> Rolled:
    """Gather the visits of a file into days of lines; what cannot go in is rejected."""
    sent = [each for row in _without_repeats(rows, gathered) if (each := _placed(row, lines, gathered, calendar))]
    known, settings = _known(sent), policy.known()
    touched: set[Day] = set()
    for each in sent:
        before, now = known.get((each.row.ref, each.row.slot)), _rest(each)
        fate = Fate.NEW if before is None else Fate.UNCHANGED if before == now else Fate.CHANGED
        gathered.fates[each.place] = fate
        if fate is not Fate.UNCHANGED:
            touched.add((each.line.id, each.day))
            if before is not None:
                touched.add((before.line_item_id, before.day))
    here = {(each.row.ref, each.row.slot) for each in sent}
    by_day: dict[Day, list[Sent]] = defaultdict(list)
    for each in sent:
        by_day[each.line.id, each.day].append(each)
    earlier: dict[Day, list[Rest]] = defaultdict(list)
    for rest in known.values():
        if (rest.reference, rest.slot) not in here:
            earlier[rest.line_item_id, rest.day].append(rest)
    own = {each.line.id: each.line for each in sent}
    for day in touched:
        if line := own.get(day[0]):
            _take_day(line, day[1], by_day[day], earlier[day], gathered, settings)
    stored = [_pack(settings, each) for each in sent if gathered.fates[each.place] in (Fate.NEW, Fate.CHANGED)]
    return Rolled(stored, _aborted(sent))


def _without_repeats(rows: Sequence[VisitRow], gathered: Gathered) -> list[VisitRow]:
    groups: dict[object, list[VisitRow]] = defaultdict(list)
    for row in rows:
        groups[(row.ref, row.slot) if row.ref else row.number].append(row)
    return [group[0] for group in groups.values() if len(group) == 1 or gathered.settle_repeats(group, "Visit ref")]


def _placed(row: VisitRow, lines: OwnLines, gathered: Gathered, calendar: Calendar) -> Sent | None:
    place = Place(row.sheet, row.number)
    if row.problems:
        gathered.reject_cells(place, row.problems)
        return None
    begins = row.planned_start or row.actual_start
    if lacking := _lacking(row, begins):
        _refuse(gathered, place, *lacking)
        return None
    assert begins
    line = line_of(row.line, place, lines, gathered) if row.line else _of_person(row, place, begins, lines, gathered)
    if line is None:
        return None
    day = begins.date()
    if not line.plan.covers(day):
        gathered.reject(outside(line, place, "Planned start", day))
    elif day > calendar.today:
        _refuse(gathered, place, "future-date", "Planned start", day, f"{uk_date(day)} is in the future.", LATER)
    elif day < calendar.portal_start:
        wrong = f"Care before {uk_date(calendar.portal_start)} cannot be entered here."
        _refuse(gathered, place, "before-portal-start", "Planned start", day, wrong, "Use the previous method for it.")
    else:
        return Sent(place, line, day, row)
    return None


LATER = "Send it after it has been delivered."


def _refuse(gathered: Gathered, place: Place, code: str, column: str, value: object, wrong: str, remedy: str) -> None:
    shown = f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "")[:60]
    gathered.reject(Found(FindingKind.REJECTED, code, place, column, shown, wrong, remedy))


def _lacking(row: VisitRow, begins: datetime | None) -> tuple[str, str, object, str, str] | None:
    """Return what a visit lacks for its outcome: code, column, value, what is wrong, what to do."""
    if not row.ref:
        return "not-a-number", "Visit ref", "", "The visit has no reference.", "Fill it in."
    if row.outcome not in OUTCOMES:
        return "unknown-outcome", "Outcome", row.outcome, "There is no such outcome.", f"Write {WORDS}."
    if begins is None:
        return "not-a-date", "Planned start", "", "There is no date.", "Fill in the planned start."
    start, end = row.actual_start, row.actual_end
    if row.outcome == Outcome.DELIVERED and not (start and end):
        column = "Actual end" if start else "Actual start"
        return "not-a-date", column, "", "A delivered visit has a start and an end.", "Fill it in."
    if start and end and minutes_between(start, end) < 0:
        return "negative", "Actual end", f"{end:%d/%m/%Y %H:%M}", "The visit ends before it begins.", CORRECT
    first, last = row.planned_start, row.planned_end
    if row.outcome == Outcome.ABORTED and not (first and last and last > first):
        return "not-a-date", "Planned end", "", "Without a planned end nobody knows what is payable.", "Fill it in."
    return None


CORRECT = "Correct it in the file."


def _of_person(row: VisitRow, place: Place, begins: datetime, lines: OwnLines, gathered: Gathered) -> OwnLine | None:
    """Return the only line of a person on a day; with two of them the row is rejected and names both."""
    found = lines.by_person.get(row.person, [])
    active = [line for line in found if line.plan.covers(begins.date())]
    if len(active) == 1:
        return active[0]
    if active:
        names = " and ".join(line.reference for line in active)
        wrong = f"{row.person} has {len(active)} lines on {short_date(begins.date())}: {names}."
        remedy, code = "Fill in the CPLI of the one that is meant.", "two-lines"
    elif found:
        wrong, code = f"{row.person} has no line on {uk_date(begins.date())}.", "outside-line"
        remedy = "Ask Service Brokerage or remove the row."
    else:
        wrong, code = "You have no line for this person.", "unknown-line"
        remedy = "Check the reference on the contract document."
    gathered.reject(Found(FindingKind.REJECTED, code, place, "Person ref", row.person[:60], wrong, remedy))
    return None


def _known(sent: Sequence[Sent]) -> dict[tuple[str, str], Rest]:
    """Return the stored visits of the references and of the days in the file, in two queries."""
    if not sent:
        return {}
    columns = [getattr(StoredVisit, name) for name in Rest._fields]
    days = [each.day for each in sent]
    queries = (
        StoredVisit.reference == any_(literal(list({each.row.ref for each in sent}), ARRAY(Text))),
        (StoredVisit.line_item_id == any_(literal(list({each.line.id for each in sent}), ARRAY(Integer))))
        & (StoredVisit.day == any_(literal(list(set(days)), ARRAY(Date)))),
    )
    found = (Rest._make(row) for where in queries for row in db.session.execute(select(*columns).where(where)))
    return {(each.reference, each.slot): each for each in found}


def _rest(each: Sent) -> Rest:
    row = each.row
    return Rest(
        row.ref, row.slot, each.line.id, each.day, row.outcome, row.planned_start, row.planned_end, row.actual_start,
        row.actual_end, row.carer,
    )  # fmt: skip


def _take_day(
    line: OwnLine, day: date, sent: list[Sent], earlier: list[Rest], gathered: Gathered, known: policy.Known
) -> None:
    """Put what the visits of a day come to into its week."""
    all_of_day = [*(_rest(each) for each in sent), *earlier]
    delivered = [
        Visit(each.reference, each.planned_start or each.actual_start, each.actual_start, each.actual_end, each.slot)
        for each in all_of_day
        if each.outcome == Outcome.DELIVERED and each.actual_start and each.actual_end
    ]
    units = units_of_day(delivered, line.unit, *_rounding(known, line, day)).units
    week = gathered.week(line, monday_of(day), whole=False)
    place = sent[0].place if sent else (week.places or [Place("", 0)])[0]
    index = day.weekday()
    week.days[index] = Given(place, "Actual end", units)
    week.by_visits = True
    week.rows_of[index] = [each.place for each in sent]
    week.places += week.rows_of[index]
    for each in sent:
        if each.row.outcome == Outcome.ABORTED:
            continue
        reason = reason_of(each.row.reason, each.place, gathered)
        week.reason = reason or week.reason
        week.comment = each.row.comment or week.comment


def _rounding(known: policy.Known, line: OwnLine, day: date) -> tuple[int, int]:
    key = ("rounding", *known.whose(line.as_item), day)
    if key not in known.worked_out:
        names = ("visit_rounding_minutes", "visit_tolerance_minutes")
        known.worked_out[key] = tuple(known.for_line(name, line.as_item, day).value for name in names)
    found: tuple[int, int] = known.worked_out[key]
    return found


def _aborted(sent: Iterable[Sent]) -> list[Placed]:
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


def _pack(known: policy.Known, each: Sent) -> list[Any]:
    row = each.row
    start, end = row.actual_start, row.actual_end
    minutes = minutes_between(start, end) if start and end and row.outcome == Outcome.DELIVERED else 0
    nearest, tolerance = _rounding(known, each.line, each.day)
    times = (row.planned_start, row.planned_end, start, end)
    return [
        each.line.id, monday_of(each.day).isoformat(), each.day.isoformat(), row.ref, row.slot, row.outcome,
        *(moment.isoformat() if moment else None for moment in times), row.carer, minutes,
        rounded_minutes(minutes, nearest, tolerance), each.place.row,
    ]  # fmt: skip
