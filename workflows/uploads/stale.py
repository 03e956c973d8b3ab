"""Rows of a downloaded workbook that nobody touched, though the portal has moved on since: they ask for nothing."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from models import Actual, ActualVersion, db
from rules.money import NOTHING
from rules.text import without_invisible
from workflows.uploads.file_week import WeekIn
from workflows.weeks.line_week import StoredWeek, WeekKey, seven_days


def mark_untouched(weeks: Mapping[WeekKey, WeekIn], kept: Mapping[WeekKey, StoredWeek]) -> None:
    """Let the weeks know whose row still says what it said when it was downloaded.

    Where only the state of the week changed since, its row is as good as one of today.
    """
    older = {
        key: (given, given.version)
        for key, given in weeks.items()
        if given.version is not None and key in kept and given.version < kept[key].version
    }
    if not older:
        return
    written = _versions(set(older))
    for key, (given, version) in older.items():
        then = [each for each in written[key] if each.version <= version]
        given.untouched = _says(given, then[-1] if then else None)
        if then and then[-1] is written[key][-1]:
            given.version = kept[key].version


def _versions(keys: set[WeekKey]) -> dict[WeekKey, list[ActualVersion]]:
    """Return the versions of weeks, oldest first, in one query."""
    query = (
        select(Actual.line_item_id, Actual.week_starting, ActualVersion)
        .join(ActualVersion, ActualVersion.actual_id == Actual.id)
        .where(Actual.line_item_id.in_({line_id for line_id, _ in keys}))
        .where(Actual.week_starting.in_({week for _, week in keys}))
        .order_by(ActualVersion.version)
    )
    found: dict[WeekKey, list[ActualVersion]] = defaultdict(list)
    for line_id, week, version in db.session.execute(query):
        found[line_id, week].append(version)
    return found


def _says(given: WeekIn, written: ActualVersion | None) -> bool:
    """Say whether a row is what stood in a version, or in none yet."""
    if written is None:
        return not (given.days or given.total or given.offer or given.reason or given.comment)
    if given.is_weekly:
        same = given.total is not None and given.total.units == written.delivered
    else:
        figures = seven_days([given.days[index].units if index in given.days else NOTHING for index in range(7)])
        same = figures == tuple(written.days)
    return same and (given.reason or "") == written.reason and same_words(given.comment or "", written.comment)


def same_words(one: str, other: str) -> bool:
    """Say whether two comments are the same but for spaces, line breaks and what nobody can see.

    A comment that went through a spreadsheet may have lost those.
    """
    return one == other or without_invisible(one).split() == without_invisible(other).split()
