"""Visits of an uploaded file held against the visits stored before, and rolled up to days of lines (rules.md 15).

A day's figure is what all its visits come to: those of the file that are new or changed, and all others as they are
stored. A day none of whose visits is new or changed is left alone, so that what was typed in the portal since stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from files.actuals.layouts import VisitRow
from rules.aborted_visit import VisitEntry
from rules.open_days import Calendar
from rules.period import monday_of, short_date
from rules.states import PlanKind, Unit
from rules.visit import CountedVisit, Outcome, hours_of, minutes_between, units_of_counted
from workflows.uploads.aborted_visits import VISIT_COLUMNS, Judged, Placed, aborted_reason, judge_aborted
from workflows.uploads.file_week import Given, WeekIn
from workflows.uploads.finding import Place, RowFate
from workflows.uploads.gather import Gathered, reason_of
from workflows.uploads.own_lines import OwnLines
from workflows.uploads.visits.choices import VisitChoices
from workflows.uploads.visits.fates import SettledVisits, Taken, settle_visits
from workflows.uploads.visits.sent import SentVisit, visits_sent
from workflows.weeks.line_week import Line, WeekKey, days_beside
from workflows.weeks.sent_visits import KnownVisit, of_places
from workflows.weeks.typed_over import typed_over

Day = tuple[int, date]


class Rolled(NamedTuple):
    """What the visits of a file come to: those that are new or changed, the aborted ones, and what was ticked."""

    taken: list[Taken]
    aborted: list[Judged]
    choices: VisitChoices

    def visits_to_store(self, gathered: Gathered) -> Iterator[tuple[Any, ...]]:
        """Yield the visits to store, in the order of staging.VISIT and STORED: those not rejected with their day."""
        fates, texts = gathered.fates, _Texts()
        for (place, line, _begins, day, minutes, counted, row), before, twin in self.taken:
            if fates[place] is not RowFate.REJECTED:
                yield (
                    line.id, texts[day], row.ref, row.slot, row.outcome, texts[row.planned_start],
                    texts[row.planned_end], texts[row.actual_start], texts[row.actual_end], row.carer, twin, minutes,
                    counted, before.id if before else None, before.upload_id if before else None,
                )  # fmt: skip


class _Texts(dict[date | None, str | None]):
    """Days and moments as text: the same come again and again."""

    def __missing__(self, moment: date | None) -> str | None:
        text = self[moment] = None if moment is None else str(moment)
        return text


def roll_up(
    rows: Sequence[VisitRow],
    lines: OwnLines,
    gathered: Gathered,
    calendar: Calendar,
    chosen: Collection[str] = (),
) -> Rolled:
    """Gather the visits of a file into days of lines; what cannot go in is rejected.

    `chosen` are the rows that somebody ticked (`choices.tick_of`).
    """
    sent = list(visits_sent(rows, lines, gathered, calendar))
    choices = VisitChoices(frozenset(chosen))
    settled = settle_visits(sent, rows, lines, gathered, choices)
    aborted = judge_aborted(_aborted(settled.aborted), gathered, VISIT_COLUMNS)
    # One that is rejected leaves its day, and the one it was stored in, as they are.
    taken = [each for each in settled.taken if gathered.fates[each.visit.place] is not RowFate.REJECTED]
    gone = {each.before.id for each in taken if each.before}
    days = _Days(gathered, settled)
    for visit, before, _twin in taken:
        days.by_day[visit.line.id, visit.day].append(visit)
        days.touch(visit.line, visit.day, visit.place)
        # What counted for nothing leaves no figure behind, also on a line that has ended since.
        if before and before.outcome == Outcome.DELIVERED and before.place != (visit.line.id, visit.day):
            days.leave(before, visit)
    others = {each.id: each for each in settled.held}
    if days.left:
        others |= {each.id: each for each in of_places(days.left)}
    for other in others.values():
        if other.id not in gone:
            days.others[other.place].append(other)
    days.take()
    return Rolled(taken, aborted, choices)


class _Days:
    """The days that visits come to or leave, with what makes their figures."""

    def __init__(self, gathered: Gathered, settled: SettledVisits) -> None:
        self._gathered, self._settled = gathered, settled
        self._touched: dict[Day, tuple[Line, list[Place]]] = {}
        self._why: dict[WeekKey, str] = {}
        self.by_day: dict[Day, list[SentVisit]] = defaultdict(list)
        self.others: dict[Day, list[KnownVisit]] = defaultdict(list)
        self.left: set[Day] = set()

    def touch(self, line: Line, day: date, place: Place) -> None:
        """Let a day get its figure anew because of a row."""
        self._touched.setdefault((line.id, day), (line, []))[1].append(place)

    def leave(self, before: KnownVisit, visit: SentVisit) -> None:
        """Let a visit leave the line and day where it was stored, whatever the file says of that week."""
        line = self._settled.lines[before.line_item_id]
        self.touch(line, before.day, visit.place)
        self.left |= {(line.id, day) for day in days_beside(line, before.day)}
        moved = f"Visit {before.reference} moved to {visit.line.reference}, {short_date(visit.day)}"
        self._why[line.id, monday_of(before.day)] = moved

    def take(self) -> None:
        """Put what the visits of the days come to into their weeks."""
        noted = typed_over({line_id for line_id, _ in self._touched})
        for (line_id, day), (line, places) in list(self._touched.items()):
            week = self._gathered.week(line, monday_of(day), whole=False)
            week.by_visits = True
            week.places += places
            if is_weekly := line.plan.kind is PlanKind.WEEKLY:
                # Its figure is that of the week: what its other days come to belongs to it.
                for other in days_beside(line, day):
                    if other not in week.days and (line_id, other) not in self._touched:
                        self._give(week, other, places[0])
            self._give(week, day, places[0])
            week.rows_of[day.weekday()] = places
            if typed := noted.get((line_id, week.week if is_weekly else day)):
                what = "the week" if is_weekly else short_date(day)
                week.typed_over = f"{typed.who} typed over the visits of {what} on {short_date(typed.at.date())}"
            self._take_words(week, self.by_day.get((line_id, day), ()))
        for key, why in self._why.items():
            self._say_why(self._gathered.weeks[key], why)

    def _say_why(self, week: WeekIn, why: str) -> None:
        """Give a week that a visit left a reason, where neither the portal nor the file has one."""
        stored = self._settled.weeks.get(week.key)
        if week.reason is None and stored and not stored.reason:
            week.reason = "OTHER"
            if week.comment is None and not stored.comment:
                week.comment = why

    def _give(self, week: WeekIn, day: date, place: Place) -> None:
        key = (week.line.id, day)
        sent, others = self.by_day.get(key, ()), self.others.get(key, ())
        if sent or others or key in self._touched:
            week.days[day.weekday()] = Given(place, "Actual end", _units(week.line.plan.unit, sent, others))

    def _take_words(self, week: WeekIn, sent: Sequence[SentVisit]) -> None:
        for each in sent:
            row = each.row
            if not (row.reason or row.comment) or row.outcome == Outcome.ABORTED:
                continue
            reason = reason_of(row.reason, each.place, self._gathered) if row.reason else ""
            week.add_words(each.place, reason or "", row.comment)


def _units(unit: Unit, sent: Sequence[SentVisit], others: Sequence[KnownVisit]) -> Decimal:
    """Return the units that the delivered visits of a day come to: those of the file, and those stored before."""
    if unit is Unit.HOUR:
        # What was not delivered counts for nothing.
        return hours_of(sum([each.counted for each in sent]) + sum([each.counted for each in others]))
    visits = [
        CountedVisit(row.ref, row.carer + row.slot, begins, counted)
        for _place, _line, begins, _day, _minutes, counted, row in sent
        if row.outcome == Outcome.DELIVERED
    ]
    visits += [
        CountedVisit(each.reference, each.carer + each.slot, each.begins, each.counted)
        for each in others
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
        key, beside = (each.line.id, row.planned_start), tuple[Place, ...]()
        if other := placed.get(key):
            beside = (other.place, *other.beside)
            minutes += other.entry.planned_minutes
        waited = minutes_between(row.actual_start, row.actual_end) if row.actual_start and row.actual_end else 0
        entry = VisitEntry(
            each.line.id, each.day, row.planned_start.time(), minutes, row.told_at,
            row.actual_start.time() if row.actual_start else None, waited, "", aborted_reason(row.reason), row.comment,
        )  # fmt: skip
        placed[key] = Placed(each.place, each.line, entry, beside)
    return list(placed.values())
