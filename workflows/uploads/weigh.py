"""The weeks of an uploaded file held against the portal: what becomes of each, and what all of them come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rules.money import NOTHING
from rules.open_days import Calendar
from rules.upload_states import FindingKind
from workflows.uploads.aborted_visits import Accepted, Judged, accept_aborted
from workflows.uploads.effect import effect_of
from workflows.uploads.file_week import WeekIn
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.uploads.judge import Standards, Verdict, judge, mark_untouched
from workflows.uploads.kept.changes import FileChange
from workflows.weeks.absent import absent_by_week
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import calendar_now
from workflows.weeks.line_week import StoredWeek, WeekKey, is_closed
from workflows.weeks.read import read_stored


@dataclass
class Weighed:
    """The weeks of a file with what becomes of each, what is stored of them, and the aborted visits that go in."""

    verdicts: list[tuple[WeekIn, Verdict]]
    stored: dict[WeekKey, StoredWeek]
    aborted: Accepted

    def changes(self) -> list[FileChange]:
        """Return every week that the file changes, or would if it is ticked."""
        return effect_of(self.verdicts, self.stored, self.aborted.judged, calendar_now())


def weigh_weeks(
    visits: Sequence[Judged], gathered: Gathered, on_rows: Callable[[int], None] = lambda rows: None
) -> Weighed:
    """Judge the gathered weeks, and take the aborted visits that come with them; the rows get their fates.

    `on_rows` is told of how many rows the weeks are that have been judged.
    """
    kept = _stored_weeks(gathered.weeks)
    calendar = calendar_now()
    _mark_claimed(gathered.weeks)
    mark_untouched(gathered.weeks, kept)
    aborted = accept_aborted(visits, gathered)
    standards = Standards()
    verdicts: list[tuple[WeekIn, Verdict]] = []
    for key, given in gathered.weeks.items():
        verdicts.append(_judge(given, kept.get(key), calendar, standards, gathered))
        on_rows(len(given.places))
    for given, verdict in verdicts:
        _decide_fates(given, verdict, kept.get(given.key), gathered)
    return Weighed(verdicts, kept, aborted)


def _stored_weeks(weeks: Mapping[WeekKey, WeekIn]) -> dict[WeekKey, StoredWeek]:
    """Return what is stored of the weeks of a file, which learn whether they are closed."""
    found = read_stored({line_id for line_id, _ in weeks}, {week for _, week in weeks})
    for key, given in weeks.items():
        given.closed = is_closed(given.line, *found.get(key, (None, None)))
    return {key: week for key, (week, _) in found.items() if key in weeks}


def _mark_claimed(weeks: dict[WeekKey, WeekIn]) -> None:
    """Let the weeks in which days are claimed as an absence know, and the units claimed; nearly none are."""
    claimed = ClaimedWeeks.of({week for _, week in weeks})
    keys = claimed.among(weeks)
    absent = absent_by_week({key[0]: weeks[key].line for key in keys}) if keys else {}
    for key in keys:
        weeks[key].claimed, weeks[key].absent = claimed, absent.get(key, NOTHING)


def _judge(
    given: WeekIn, kept: StoredWeek | None, calendar: Calendar, standards: Standards, gathered: Gathered
) -> tuple[WeekIn, Verdict]:
    """Judge a week; where single days of it are wrong and have rows of their own, the other days go in."""
    verdict = judge(given, kept, calendar, standards)
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
    rest = given.only(good, places)
    return rest, judge(rest, kept, calendar, standards)


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
