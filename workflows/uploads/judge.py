"""One line's week out of an uploaded file, judged: in, out, or in if somebody ticks it, and what it changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models import Actual, ActualVersion, db
from rules.actual import derive
from rules.money import NOTHING
from rules.open_days import Calendar
from rules.plan import plan_of_week, step_of
from rules.policy import Target
from rules.spread import spread_like
from rules.text import without_invisible
from rules.upload_states import FindingKind
from workflows import policy
from workflows.uploads.file_week import ZEROS, Given, WantedWeek, WeekIn
from workflows.uploads.finding import Found, RowFate
from workflows.uploads.reasons import (
    asked_about,
    by_day_or_week,
    left_over,
    offered,
    other_reasons,
    over_level,
    wrong_with,
)
from workflows.uploads.staging import WeekOut, week_values
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.level import LevelInForce, level_of
from workflows.weeks.line_week import Line, LineWeek, StoredWeek, WeekKey, seven_days

Figures = tuple[Decimal, ...]


@dataclass(slots=True)
class Verdict:
    """What becomes of a week: its fate and what was found.

    `figures` and `payable` are its units once the file is in it, those it has where it stays as it is. Where it can go
    in, `values` is the week as it will be saved, with its check against the exception level.
    """

    fate: RowFate
    figures: Figures
    payable: Decimal
    found: list[Found] = field(default_factory=list)
    over: bool = False
    values: tuple[Any, ...] = ()


class Standards:
    """What policy says of lines' weeks: the step of hours and the exception level. Most lines share theirs.

    Asked once for each target and week, not for each row (saves 35 of 790 ms for a workbook of 10,000, make bench).
    """

    def __init__(self) -> None:
        self._known = policy.known()
        self._targets: dict[int, Target] = {}
        self._found: dict[tuple[Target, bool | None, date], tuple[Decimal, LevelInForce]] = {}

    def of(self, line: Line, week: date) -> tuple[Decimal, LevelInForce]:
        """Return the step and the level in force for a line in a week."""
        target = self._targets.get(line.id)
        if target is None:
            target = self._targets[line.id] = self._known.shared(line)
        key = (target, line.extras_allowed, week)
        if key not in self._found:
            self._found[key] = (self._known.of("hour_step", line, week).value, level_of(line, week))
        return self._found[key]


def judge(given: WeekIn, kept: StoredWeek | None, calendar: Calendar, standards: Standards) -> Verdict:
    """Hold one week of a file against what is stored of it."""
    stored = _kept_figures(given, kept)
    payable = kept.payable if kept else NOTHING
    if given.untouched:
        return Verdict(RowFate.UNCHANGED, stored, payable)
    step, in_force = standards.of(given.line, given.week)
    if given.offer and not _spread(given, given.offer, kept, calendar, step):
        return Verdict(RowFate.REJECTED, stored, payable, [by_day_or_week(given.line, given.offer)])
    figures, reason, comment = _wanted(given, kept, stored)
    same_figures = kept is not None and figures == stored
    if _is_same(given, kept, reason, comment, same_figures=same_figures):
        return Verdict(RowFate.UNCHANGED, stored, payable)
    wanted = WantedWeek(figures, reason, comment, sum(figures, NOTHING), plan_of_week(given.line.plan, given.week))
    found = wrong_with(given, kept, wanted, calendar, step)
    if given.other_reasons or given.left_over:
        found += [*other_reasons(given), *left_over(given)]
    if found and any(each.kind is FindingKind.REJECTED for each in found):
        return Verdict(RowFate.REJECTED, stored, payable, found)
    aborted, paid = (kept.aborted, kept.aborted_payable) if kept else (NOTHING, NOTHING)
    derived = derive(wanted.planned, wanted.total, aborted, paid)
    # What Service Brokerage decided is payable stands while the figures and the plan it was made on do.
    stands = same_figures and kept is not None and kept.planned == wanted.planned
    after = payable if stands else derived.payable
    if kept is not None:
        found += asked_about(given, kept, wanted, same_figures=same_figures)
    if given.offer and not any(each.kind is not FindingKind.WARNING for each in found):
        found.append(offered(given, given.offer, figures))
    asked = bool(found) and any(each.kind is not FindingKind.WARNING for each in found)
    verdict = Verdict(RowFate.CHANGED if kept else RowFate.NEW, figures, after, found)
    if asked:
        verdict = Verdict(RowFate.ASKED, stored, payable, found)
    elif not same_figures and (over := over_level(given, in_force, wanted.planned, derived.payable)):
        found.append(over)
        verdict.over = True
    out = WeekOut(
        given.line, given.week, figures, derived, reason, comment, in_force, asked, same_figures, stands, after,
        given.absent,
    )  # fmt: skip
    verdict.values = week_values(out, kept)
    return verdict


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


def _spread(given: WeekIn, offer: Given, kept: StoredWeek | None, calendar: Calendar, step: Decimal) -> bool:
    """Put a week's total into its days: as they are where they add up to it, else like the plan; whether it can be."""
    days: Sequence[Decimal] | None
    if kept and kept.delivered == offer.units:
        days, given.offer = kept.days, None
    else:
        unstarted = LineWeek(given.line, given.week, None, None)
        plan = (given.claimed or ClaimedWeeks(())).shown(unstarted, calendar).figures
        days = spread_like(plan, offer.units, step_of(given.line.plan.unit, step))
    given.days = {index: offer._replace(units=units) for index, units in enumerate(days or ())}
    return days is not None


def _kept_figures(given: WeekIn, kept: StoredWeek | None) -> tuple[Decimal, ...]:
    if given.is_weekly:
        return (kept.delivered if kept else NOTHING,)
    return kept.days if kept else ZEROS


def _wanted(
    given: WeekIn, kept: StoredWeek | None, stored: tuple[Decimal, ...]
) -> tuple[tuple[Decimal, ...], str, str]:
    """Return the figures, reason and comment of the week once the file is in it."""
    if given.is_weekly:
        if given.total is not None:
            figures: tuple[Decimal, ...] = (given.total.units,)
        elif given.days:
            figures = (sum((each.units for each in given.days.values()), NOTHING),)
        else:
            figures = (NOTHING,) if given.whole else stored
    else:
        base = list(ZEROS if given.whole else stored)
        for index, each in given.days.items():
            base[index] = each.units
        figures = tuple(base)
    reason = given.reason if given.reason is not None else (kept.reason if kept else "")
    comment = given.comment if given.comment is not None else (kept.comment if kept else "")
    if given.other_reasons:
        more = f"Also {', '.join(code for _, code in given.other_reasons)}."
        comment = "\n".join(filter(None, (comment, more))) if more not in comment else comment
    if kept and same_words(comment, kept.comment):
        comment = kept.comment
    return figures, reason, comment


def _is_same(given: WeekIn, kept: StoredWeek | None, reason: str, comment: str, *, same_figures: bool) -> bool:
    if kept is None:
        return not (given.days or given.total or reason or comment)
    return same_figures and (reason, comment) == (kept.reason, kept.comment)
