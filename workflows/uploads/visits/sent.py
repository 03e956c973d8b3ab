"""Visits of an uploaded file one by one: each with its line, its day and its minutes, or refused with the reason."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from files.actuals.layouts import VisitRow
from rules.open_days import Calendar
from rules.period import uk_date
from rules.policy import Target
from rules.problem_codes import Code
from rules.upload_states import FindingKind
from rules.visit import Outcome, minutes_between, rounded_minutes
from rules.visit_identity import VisitMark
from workflows import policy
from workflows.uploads.finding import Found, Place
from workflows.uploads.gather import Gathered, line_of
from workflows.uploads.own_lines import OwnLines
from workflows.uploads.reasons import outside
from workflows.weeks.line_week import Line

OUTCOMES = {outcome.value for outcome in Outcome}
WORDS = ", ".join(Outcome)
LATER = "Send it after it has been delivered."
CORRECT = "Correct it in the file."
NEXT_DAY = "If it went on after midnight, write the next day’s date at its end; else correct the times."


class SentVisit(NamedTuple):
    """A visit of the file that can be judged: its line, when it begins, its raw minutes, what they count for (policy).

    It begins when it was planned to; where nobody planned it, when it began. It belongs to that day, also where it went
    past midnight. Minutes are 0 where it was not delivered.
    """

    place: Place
    line: Line
    begins: datetime
    day: date
    minutes: int
    counted: int
    row: VisitRow

    @property
    def mark(self) -> VisitMark:
        """What the visit is known by."""
        return VisitMark(self.row.ref, self.line.id, self.begins, self.row.carer, self.row.slot)

    @property
    def content(self) -> tuple[object, ...]:
        """All that is stored of the visit but its reference and what its minutes count for (KnownVisit.content)."""
        row = self.row
        return (
            row.slot, self.line.id, self.day, row.outcome, row.planned_start, row.planned_end, row.actual_start,
            row.actual_end, row.carer,
        )  # fmt: skip


def visits_sent(
    rows: Sequence[VisitRow], lines: OwnLines, gathered: Gathered, calendar: Calendar
) -> Iterator[SentVisit]:
    """Yield the visits of a file that can be judged; the others are rejected."""
    rounding = _Rounding()
    for row in _without_repeats(rows, gathered):
        gathered.on_row()
        place = Place(row.sheet, row.number)
        begins = row.planned_start or row.actual_start
        if row.problems:
            gathered.reject_cells(place, row.problems)
        elif lacking := _lacking(row, begins):
            _refuse(gathered, place, *lacking)
        elif begins and (line := lines.by_reference.get(row.line) or line_of(row.line, place, lines, gathered)):
            day = begins.date()
            if _is_open(line, day, place, gathered, calendar):
                minutes, counted = 0, 0
                if row.outcome == Outcome.DELIVERED and row.actual_start and row.actual_end:
                    minutes = minutes_between(row.actual_start, row.actual_end)
                    counted = rounding.of(line, day, minutes)
                yield SentVisit(place, line, begins, day, minutes, counted, row)


class _Rounding:
    """What the minutes of a visit count for, by what a policy says of its line and day."""

    def __init__(self) -> None:
        self._known = policy.known()
        self._targets: dict[int, Target] = {}
        self._by_day: dict[tuple[Target, date], tuple[int, int]] = {}
        self._counted: dict[tuple[int, tuple[int, int]], int] = {}

    def of(self, line: Line, day: date, minutes: int) -> int:
        if line.id not in self._targets:
            self._targets[line.id] = self._known.shared(line)
        key = (self._targets[line.id], day)
        if key not in self._by_day:
            names = ("visit_rounding_minutes", "visit_tolerance_minutes")
            nearest, tolerance = (self._known.of(name, line, day).value for name in names)
            self._by_day[key] = (nearest, tolerance)
        asked = minutes, self._by_day[key]
        if asked not in self._counted:
            self._counted[asked] = rounded_minutes(minutes, *asked[1])
        return self._counted[asked]


def _without_repeats(rows: Sequence[VisitRow], gathered: Gathered) -> list[VisitRow]:
    """Return the rows that count: those of one reference that differ are two carers at one time, or a contradiction."""
    references = {row.ref for row in rows}
    if len(references) == len(rows) and "" not in references:
        return list(rows)
    groups: dict[object, list[VisitRow]] = defaultdict(list)
    for row in rows:
        groups[row.ref or row.number].append(row)
    counting: list[VisitRow] = []
    for group in groups.values():
        if len(group) == 1:
            counting += group
        elif len({(row.line, row.person, row.planned_start or row.actual_start) for row in group}) > 1:
            gathered.resolve_repeats(group, "Visit ref")
        else:
            by_carer: dict[tuple[str, str], list[VisitRow]] = defaultdict(list)
            for row in group:
                by_carer[row.carer, row.slot].append(row)
            alike = by_carer.values()
            counting += [rows[0] for rows in alike if len(rows) == 1 or gathered.resolve_repeats(rows, "Visit ref")]
    return counting


def _is_open(line: Line, day: date, place: Place, gathered: Gathered, calendar: Calendar) -> bool:
    """Say whether a visit may be on a day; where not, its row is rejected."""
    if not line.plan.covers(day):
        gathered.reject(outside(line, place, "Planned start", day))
    elif day > calendar.today:
        _refuse(gathered, place, Code.FUTURE_DATE, "Planned start", day, f"{uk_date(day)} is in the future.", LATER)
    elif day < calendar.portal_start:
        wrong = f"Care before {uk_date(calendar.portal_start)} cannot be entered here."
        _refuse(
            gathered, place, Code.BEFORE_PORTAL_START, "Planned start", day, wrong, "Use the previous method for it."
        )
    else:
        return True
    return False


def _refuse(gathered: Gathered, place: Place, code: Code, column: str, value: object, wrong: str, remedy: str) -> None:
    shown = f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "")[:60]
    gathered.reject(Found(FindingKind.REJECTED, code, place, column, shown, wrong, remedy))


def _lacking(row: VisitRow, begins: datetime | None) -> tuple[Code, str, object, str, str] | None:
    """Return what a visit lacks for its outcome: code, column, value, what is wrong, what to do."""
    if not row.ref:
        return Code.MISSING, "Visit ref", "", "The visit has no reference.", "Fill it in."
    if row.outcome not in OUTCOMES:
        return Code.UNKNOWN_OUTCOME, "Outcome", row.outcome, "There is no such outcome.", f"Write {WORDS}."
    if begins is None:
        return Code.NOT_A_DATE, "Planned start", "", "There is no date.", "Fill in the planned start."
    start, end = row.actual_start, row.actual_end
    if row.outcome == Outcome.DELIVERED and not (start and end):
        column = "Actual end" if start else "Actual start"
        return Code.NOT_A_DATE, column, "", "A delivered visit has a start and an end.", "Fill it in."
    if start and end and end < start and minutes_between(start, end) < 0:
        return Code.NEGATIVE, "Actual end", f"{end:%d/%m/%Y %H:%M}", "The visit ends before it begins.", NEXT_DAY
    first, last = row.planned_start, row.planned_end
    if row.outcome == Outcome.ABORTED and not (first and last and last > first):
        return Code.NOT_A_DATE, "Planned end", "", "Without a planned end nobody knows what is payable.", "Fill it in."
    return None
