"""What a file does to weeks and pounds: what its weeks come to without and with it (files.md 4)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ARRAY, Date, Integer, any_, literal

from models import Actual
from rules.money import NOTHING
from rules.open_days import Calendar
from rules.period import monday_of
from rules.states import PlanKind
from workflows.aborted_visits.check import JudgedVisit
from workflows.aborted_visits.weeks import started_with
from workflows.uploads.file_week import WeekIn
from workflows.uploads.finding import RowFate
from workflows.uploads.judge import Figures, Verdict
from workflows.uploads.kept.changes import FileChange, rows_in_words
from workflows.uploads.kept.offered import offered, units_over
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.line_week import Line, LineWeek, StoredWeek, WeekKey, seven_days
from workflows.weeks.price import ByDay, UnstoredFigures, aborted_by_day, pounds_of

VISITS = "aborted visits"


class _Week(NamedTuple):
    """A week the file changes: what is stored of it, and its units and what is payable once the file is in."""

    line: Line
    stored: StoredWeek | None
    after: tuple[Figures, Decimal] | None
    over: Decimal = NOTHING
    rows: str = ""


def effect_of(
    verdicts: Sequence[tuple[WeekIn, Verdict]],
    kept: Mapping[WeekKey, StoredWeek],
    visits: Iterable[JudgedVisit],
    calendar: Calendar,
) -> list[FileChange]:
    """Return every week that a file changes; `visits` are its aborted visits that need no tick, judged with them."""
    by_week: dict[WeekKey, list[JudgedVisit]] = defaultdict(list)
    for judged in visits:
        by_week[judged.entry.line_id, monday_of(judged.entry.day)].append(judged)
    certain, asked = {}, {}
    for given, verdict in verdicts:
        if verdict.fate in (RowFate.NEW, RowFate.CHANGED):
            certain[given.key] = _changed(given, verdict, kept.get(given.key))
        elif verdict.fate is RowFate.ASKED:
            asked[given.key] = _changed(given, verdict, kept.get(given.key))
    _add_visits(certain, by_week, calendar)
    aborted = _aborted_before((*certain.items(), *asked.items()))
    return [
        *(_priced(key, week, aborted.get(key[0], {}), by_week.get(key, ())) for key, week in certain.items()),
        *(_priced(key, week, aborted.get(key[0], {}), (), asked=True) for key, week in asked.items()),
    ]


def _changed(given: WeekIn, verdict: Verdict, stored: StoredWeek | None) -> _Week:
    return _Week(
        given.line, stored, offered(given, verdict), units_over(given, verdict), rows_in_words(given.places)
    )  # fmt: skip


def _priced(
    key: WeekKey, week: _Week, aborted: ByDay, visits: Collection[JudgedVisit], *, asked: bool = False
) -> FileChange:
    line_id, monday = key
    before = _stored_figures(week.line, week.stored)
    return FileChange(
        line_id,
        monday,
        asked,
        before[1] if before else None,
        week.after[1] if week.after else NOTHING,
        _pounds(week.line, monday, before, aborted),
        _pounds(week.line, monday, week.after, _with(aborted, visits)),
        week.over,
        week.rows,
    )


def _add_visits(weeks: dict[WeekKey, _Week], by_week: Mapping[WeekKey, list[JudgedVisit]], calendar: Calendar) -> None:
    """Let the weeks of aborted visits know what recording them does; a week that only they name is added."""
    claimed = ClaimedWeeks.of({monday for _, monday in by_week})
    for key, judged in by_week.items():
        stored = judged[0].stored
        if stored is None:
            continue
        week = weeks.get(key) or _Week(stored.line, stored.actual, _stored_figures(stored.line, stored.actual))
        figures = week.after[0] if week.after else _started(stored, judged, claimed, calendar)
        payable = sum(figures, NOTHING) + stored.aborted[1] + sum((each.more_payable for each in judged), NOTHING)
        rows = ", ".join(filter(None, (week.rows, VISITS)))
        weeks[key] = week._replace(after=(figures, payable), rows=rows)


def _started(stored: LineWeek, judged: Iterable[JudgedVisit], claimed: ClaimedWeeks, calendar: Calendar) -> Figures:
    """Return what a week that nobody has started becomes a draft with once its aborted visits are recorded."""
    units: dict[date, tuple[Decimal, Decimal]] = defaultdict(lambda: (NOTHING, NOTHING))
    for each in judged:
        planned, payable = units[each.entry.day]
        units[each.entry.day] = (planned + each.units, payable + each.payable)
    return started_with(stored, claimed.shown(stored, calendar), units)


def _stored_figures(line: Line, stored: StoredWeek | None) -> tuple[Figures, Decimal] | None:
    if stored is None:
        return None
    weekly = line.plan.kind is PlanKind.WEEKLY
    return (stored.delivered,) if weekly else stored.days, stored.payable


def _aborted_before(weeks: Iterable[tuple[WeekKey, _Week]]) -> dict[int, dict[date, Decimal]]:
    """Return the payable units of the aborted visits that are stored, by line and day, in one query."""
    with_visits = [key for key, week in weeks if week.stored and week.stored.aborted_payable]
    if not with_visits:
        return {}
    lines, mondays = zip(*with_visits, strict=True)
    return aborted_by_day(
        Actual.line_item_id == any_(literal(list(set(lines)), ARRAY(Integer))),
        Actual.week_starting == any_(literal(list(set(mondays)), ARRAY(Date))),
    )


def _with(aborted: ByDay, judged: Collection[JudgedVisit]) -> ByDay:
    if not judged:
        return aborted
    found = defaultdict(lambda: NOTHING, aborted)
    for each in judged:
        found[each.entry.day] += each.more_payable
    return found


def _pounds(line: Line, monday: date, week: tuple[Figures, Decimal] | None, aborted: ByDay) -> Decimal | None:
    """Return the pounds of a week, nothing for one that is not started, None where its price is not known."""
    if week is None:
        return NOTHING
    figures, payable = week
    return pounds_of(line, monday, UnstoredFigures(payable, seven_days(figures)), aborted)
