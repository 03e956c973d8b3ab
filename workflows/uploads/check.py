"""The check of an uploaded file: every row held against the portal, nothing changed (files.md 4)."""

import gc
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from files.actuals.layouts import ActualsFile, LayoutName, VisitRow, read_actuals_file
from models.staged import pack
from rules.open_days import Calendar
from rules.states import FindingKind
from rules.words import counted
from workflows.uploads.aborted_visits import Placed, accept_aborted, entries_of
from workflows.uploads.effect import effect_of
from workflows.uploads.file_week import WeekIn
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered, agreeing_rows, gather
from workflows.uploads.judge import Verdict, judge, mark_untouched
from workflows.uploads.own_lines import own_lines, state_of
from workflows.uploads.staging import held_against
from workflows.uploads.visit_days import roll_up
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import calendar_now
from workflows.weeks.line_week import StoredWeek, WeekKey
from workflows.weeks.read import read_stored

Progress = Callable[[int, int], None]
STEP = 2_000
UNPRICED = "The price of {} is not known yet, because a rate is missing: these pounds leave it out."


@dataclass
class Checked:
    """What a check found: counts of rows, findings, the pounds of the file's weeks, and what can go in, packed."""

    layout: LayoutName
    counts: dict[str, int]
    notices: list[str]
    found: list[Found] = field(repr=False)
    before: Decimal
    after: Decimal
    held_against: str
    weeks: bytes = field(repr=False)
    visits: bytes = field(default=b"", repr=False)
    aborted: list[list[Any]] = field(default_factory=list, repr=False)


@contextmanager
def without_collecting() -> Iterator[None]:
    """Switch the cyclic garbage collector off meanwhile: the rows of a file form no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def check_content(filename: str, content: bytes, progress: Progress = lambda done, total: None) -> Checked:
    """Check a file for the organisation in scope. Raises Refused where it is no use as a whole."""
    with ThreadPoolExecutor(1) as beside:
        # A workbook is read by a process of its own: meanwhile there is time to ask for the lines.
        reading = beside.submit(read_actuals_file, filename, content)
        lines = own_lines()
        file = reading.result()
    file.notices.extend(lines.note_strangers((*file.rows, *file.aborted)))
    progress(0, file.row_count)
    gathered = Gathered()
    if file.layout is LayoutName.VISITS:
        visits = [row for row in agreeing_rows(file.rows, lines, gathered) if isinstance(row, VisitRow)]
        rolled = roll_up(visits, lines, gathered, calendar_now())
        checked = _judged(file, gathered, rolled.aborted, progress)
        checked.visits = pack(rolled.visits_to_store(gathered))
        return checked
    gather(file.rows, lines, gathered)
    return _judged(file, gathered, entries_of(file.aborted, lines, gathered), progress)


def _judged(file: ActualsFile, gathered: Gathered, placed: list[Placed], progress: Progress) -> Checked:
    kept = _stored_weeks(gathered.weeks)
    calendar = calendar_now()
    _mark_claimed(gathered.weeks)
    mark_untouched(gathered.weeks, kept)
    aborted = accept_aborted(placed, gathered)
    verdicts: list[tuple[WeekIn, Verdict]] = []
    for number, (key, given) in enumerate(gathered.weeks.items(), start=1):
        verdicts.append(_judge(given, kept.get(key), calendar, gathered))
        if number % STEP == 0:
            progress(min(number, file.row_count), file.row_count)
    over = 0
    for given, verdict in verdicts:
        over += verdict.over
        _decide_fates(given, verdict, kept.get(given.key), gathered)
    accepted = [
        (given, verdict) for given, verdict in verdicts if verdict.fate in (RowFate.NEW, RowFate.CHANGED, RowFate.ASKED)
    ]
    before, after, unpriced = effect_of(verdicts, kept, aborted.judged, calendar)
    notices = [*file.notices, UNPRICED.format(counted(unpriced, "week"))] if unpriced else file.notices
    return Checked(
        file.layout, {**_counts(file, gathered), "over": over}, notices, gathered.found, before, after,
        held_against((state_of(given.line) for given, _verdict in accepted), [given.key for given, _ in accepted]),
        pack(verdict.values for _given, verdict in accepted), aborted=aborted.packed,
    )  # fmt: skip


def _stored_weeks(keys: Collection[WeekKey]) -> dict[WeekKey, StoredWeek]:
    """Return what is stored of the weeks of lines."""
    lines, weeks = {line_id for line_id, _ in keys}, {week for _, week in keys}
    return {key: week for key, (week, _) in read_stored(lines, weeks).items() if key in keys}


def _mark_claimed(weeks: dict[WeekKey, WeekIn]) -> None:
    """Let the weeks in which days are claimed as an absence know; nearly none are."""
    claimed = ClaimedWeeks.of({week for _, week in weeks})
    for line_id, week in claimed.among(weeks):
        weeks[line_id, week].claimed = claimed


def _judge(given: WeekIn, kept: StoredWeek | None, calendar: Calendar, gathered: Gathered) -> tuple[WeekIn, Verdict]:
    """Judge a week; where single days of it are wrong and have rows of their own, the other days go in."""
    verdict = judge(given, kept, calendar)
    if verdict.fate is not RowFate.REJECTED or given.whole:
        return given, verdict
    wrong = [each for each in verdict.found if each.kind is FindingKind.REJECTED]
    good = {index: each for index, each in given.days.items() if each.place not in {found.place for found in wrong}}
    if not good or len(good) == len(given.days):
        return given, verdict
    for each in wrong:
        gathered.reject(each)
    for index in given.days.keys() - good.keys():
        _reject_day(given.rows_of.get(index, []), wrong, gathered)
    places = [place for index, each in good.items() for place in given.rows_of.get(index, [each.place])]
    rest = replace(given, days=good, places=places)
    return rest, judge(rest, kept, calendar)


def _reject_day(places: list[Place], wrong: list[Found], gathered: Gathered) -> None:
    """Reject every row of a day with what is wrong with the day."""
    of_day = next((each for each in wrong if each.place in places), None)
    for place in places:
        if of_day is not None and place != of_day.place:
            gathered.reject(of_day._replace(place=place))


def _decide_fates(given: WeekIn, verdict: Verdict, kept: StoredWeek | None, gathered: Gathered) -> None:
    """Say what becomes of the rows of a week, row by row where they are for days."""
    gathered.found += verdict.found
    rejected = {each.place for each in verdict.found if each.kind is FindingKind.REJECTED}
    if given.by_visits and verdict.fate not in (RowFate.REJECTED, RowFate.ASKED):
        return  # each visit is new, changed or neither by itself
    for place in given.places:
        gathered.fates[place] = verdict.fate
    if verdict.fate is RowFate.REJECTED:
        return
    if not given.whole and kept is not None and not given.is_weekly:
        for index, each in given.days.items():
            if each.units == kept.days[index] and each.place not in rejected and verdict.fate is RowFate.CHANGED:
                gathered.fates[each.place] = RowFate.UNCHANGED


def _counts(file: ActualsFile, gathered: Gathered) -> dict[str, int]:
    fates = Counter(gathered.fates.values())
    warned: set[Place] = {each.place for each in gathered.found if each.kind is FindingKind.WARNING}
    named = {fate.name.lower(): fates[fate] for fate in RowFate}
    named["unchanged"] = file.row_count - sum(fates[fate] for fate in RowFate if fate is not RowFate.UNCHANGED)
    return {"read": file.row_count, **named, "warned": len(warned)}


def findings_of(found: Iterable[Found]) -> list[Found]:
    """Return findings in the order of the file's rows."""
    return sorted(found, key=lambda each: (each.place.sheet, each.place.row))
