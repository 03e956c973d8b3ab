"""Aborted visits that come with an uploaded file: judged as if typed one by one, and recorded with the file's weeks."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

from files.actuals.layouts import AbortedRow
from models import PortalUser
from rules.aborted_visit import REASONS, VisitEntry
from rules.period import monday_of, short_date, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.upload_states import FindingKind
from workflows.aborted_visits.check import JudgedVisit, judge
from workflows.aborted_visits.record import write_many
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered, line_of
from workflows.uploads.own_lines import OwnLines
from workflows.weeks.line_week import Line, WeekKey

COLUMNS = {
    "line": "CPLI",
    "day": "Date",
    "planned_start": "Planned start",
    "planned_minutes": "Planned minutes",
    "told_at": "Told at",
    "arrived_at": "Arrived at",
    "waited_minutes": "Waited minutes",
    "informed": "Who was informed",
    "reason": "Reason",
    "comment": "Comment",
}
# The same in a file of visits, which has the moments that the lengths are made of.
VISIT_COLUMNS = COLUMNS | {
    "day": "Planned start",
    "planned_minutes": "Planned end",
    "arrived_at": "Actual start",
    "waited_minutes": "Actual end",
}
_LENGTHS = ("planned_minutes", "waited_minutes")
_MEANINGS = {meaning.lower(): code for code, meaning in REASONS.items()}


class Placed(NamedTuple):
    """An aborted visit of a file with its line and the row it comes from; the other carers' rows stand `beside` it."""

    place: Place
    line: Line
    entry: VisitEntry
    beside: tuple[Place, ...] = ()

    @property
    def week(self) -> WeekKey:
        """The line and the Monday of the visit."""
        return self.line.id, monday_of(self.entry.day)


# A visit of a file that can go in, and what would become of it.
Judged = tuple[Placed, JudgedVisit]


def entries_of(rows: Iterable[AbortedRow], lines: OwnLines, gathered: Gathered) -> list[Placed]:
    """Return the visits of the workbook's sheet that can be judged; what cannot be read is rejected."""
    placed: list[Placed] = []
    for row in _without_repeats(rows, gathered):
        place = Place(row.sheet, row.number)
        if row.problems:
            gathered.reject_cells(place, row.problems)
        elif line := line_of(row.line, place, lines, gathered):
            if row.day is None or row.planned_start is None or row.planned_minutes is None:
                empty = (
                    "Date" if row.day is None else "Planned start" if row.planned_start is None else "Planned minutes"
                )
                found = Found(FindingKind.REJECTED, Code.NOT_A_DATE, place, empty, "", "This is empty.", "Fill it in.")
                gathered.reject(found)
                continue
            entry = VisitEntry(
                line.id, row.day, row.planned_start, row.planned_minutes, row.told_at, row.arrived_at,
                row.waited_minutes or 0, row.informed, aborted_reason(row.reason), row.comment,
            )  # fmt: skip
            placed.append(Placed(place, line, entry))
    return placed


def _without_repeats(rows: Iterable[AbortedRow], gathered: Gathered) -> Iterator[AbortedRow]:
    """Yield the rows that count; of those about one visit one, or none where they differ."""
    groups: dict[object, list[AbortedRow]] = defaultdict(list)
    for row in rows:
        is_known = row.line and row.day and row.planned_start and not row.problems
        groups[(row.line, row.day, row.planned_start) if is_known else (row.sheet, row.number)].append(row)
    for group in groups.values():
        if len(group) == 1 or gathered.resolve_repeats(group, "Planned start"):
            yield group[0]


def aborted_reason(text: str) -> str:
    """Return the code of a reason given by its code or its meaning; the text itself where it is neither."""
    code = "_".join(text.upper().split())
    return code if code in REASONS else _MEANINGS.get(" ".join(text.lower().split()), text)


class Accepted(NamedTuple):
    """The aborted visits of a file that can go in: packed, and those of them that need no tick, as they were judged."""

    packed: list[list[Any]]
    judged: list[JudgedVisit]


def judge_aborted(placed: Sequence[Placed], gathered: Gathered, columns: Mapping[str, str] = COLUMNS) -> list[Judged]:
    """Judge visits and return those that can go in, among them those of weeks on an invoice; reject the others."""
    entries = [each.entry for each in placed]
    found = judge(entries)
    if any(each.on_invoice for each in found):
        found = judge(entries, correct=True)
    for each, judged in zip(placed, found, strict=True):
        for problem in judged.problems:
            finding = _found(problem, each, columns)
            for place in (each.place, *each.beside):
                gathered.reject(finding._replace(place=place))
    return [(each, judged) for each, judged in zip(placed, found, strict=True) if not judged.problems]


def accept_aborted(visits: Iterable[Judged], gathered: Gathered) -> Accepted:
    """Take the visits that can go in: their weeks learn of their units.

    Those of a week that is on an invoice go in only where somebody ticks it.
    """
    accepted = Accepted([], [])
    for each, judged in visits:
        place, entry = each.place, each.entry
        if judged.is_unchanged:
            gathered.fates.setdefault(place, RowFate.UNCHANGED)
            continue
        if judged.stored and judged.stored.is_money:
            gathered.found.append(_locked(each))
            gathered.fates[place] = RowFate.ASKED
            accepted.packed.append(_pack(entry, asked=True))
            continue
        gathered.fates[place] = RowFate.CHANGED if judged.known else RowFate.NEW
        if given := gathered.weeks.get(each.week):
            given.aborted += judged.more_units
            given.aborted_payable += judged.more_payable
        accepted.judged.append(judged)
        accepted.packed.append(_pack(entry, asked=False))
    return accepted


def write_packed(
    packed: Iterable[list[Any]], ticked: Collection[tuple[int, date]], user: PortalUser | None
) -> list[JudgedVisit]:
    """Write the visits of a file within its transaction, before its weeks; each as it was judged, some with problems.

    Those of weeks on an invoice are written where their week is `ticked`.
    """
    unpacked = [(asked, _unpack(each)) for asked, *each in packed]
    entries = [each for asked, each in unpacked if not asked or (each.line_id, monday_of(each.day)) in ticked]
    return write_many(entries, user, ticked) if entries else []


def _locked(visit: Placed) -> Found:
    line, (_, week), day = visit.line, visit.week, short_date(visit.entry.day)
    wrong = f"{line.name}, week of {uk_date(week)}, is on an invoice (aborted visit on {day})."
    asked = "correct the invoiced week"
    return Found(FindingKind.LOCKED, Code.LOCKED, visit.place, "", "", wrong, asked, line.id, week)


def _found(problem: Problem, visit: Placed, columns: Mapping[str, str]) -> Found:
    field, wrong, remedy = problem.field, problem.wrong, problem.remedy or "Correct it in the file."
    if field == "reason":
        wrong = "There is no such reason." if visit.entry.reason else "An aborted visit has a reason."
        remedy = f"Write one of {', '.join(REASONS)}."
    column = columns.get(field, "")
    row = (visit.place, column, _shown(visit, field, column)[:200], wrong, remedy)
    return Found(FindingKind.REJECTED, problem.code, *row)


def _shown(visit: Placed, field: str, column: str) -> str:
    """Return what stands in the column, nothing where its length is not what stands there."""
    value = visit.line.reference if field == "line" else getattr(visit.entry, field, "")
    if field in _LENGTHS and column != COLUMNS[field]:
        return ""
    match value:
        case datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case time():
            return f"{value:%H:%M}"
    return "" if value is None else str(value)


def _pack(entry: VisitEntry, *, asked: bool) -> list[Any]:
    return [
        asked, entry.line_id, entry.day.isoformat(), entry.planned_start.isoformat(), entry.planned_minutes,
        entry.told_at.isoformat() if entry.told_at else None,
        entry.arrived_at.isoformat() if entry.arrived_at else None,
        entry.waited_minutes, entry.informed, entry.reason, entry.comment,
    ]  # fmt: skip


def _unpack(packed: list[Any]) -> VisitEntry:
    line_id, day, start, minutes, told_at, arrived_at, *rest = packed
    return VisitEntry(
        line_id, date.fromisoformat(day), time.fromisoformat(start), minutes,
        datetime.fromisoformat(told_at) if told_at else None,
        time.fromisoformat(arrived_at) if arrived_at else None, *rest,
    )  # fmt: skip
