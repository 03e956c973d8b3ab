"""The weeks aborted visits belong to: their figures follow from the visits, in one place (rules.md 3 and 4)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from sqlalchemy import func, select, tuple_

from models import AbortedVisit, Actual, ActualVersion, LineItem, PortalUser, db
from rules.aborted_visit import left_of_plan
from rules.money import NOTHING
from rules.period import DAY, monday_of, uk_date
from rules.plan import step_of
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import ActualState, PlanKind
from workflows import policy
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import Shown, calendar_now, figures_of
from workflows.weeks.level import store_checks
from workflows.weeks.line_week import LineWeek, WeekKey
from workflows.weeks.read import read_lines, read_stored, read_weeks
from workflows.weeks.write import Change, to_check, write_changes

# Planned and payable units of a day's aborted visits.
Units = tuple[Decimal, Decimal]

NOT_OPEN = "Nothing can be changed in the week of {} of this line any more."
# Where the figures of a version come from, in the history of its week.
POLICY = "Change of policy"
AT_ONCE = "Somebody else saved the week of {} of this line at the same moment."


@dataclass(frozen=True)
class Correction:
    """Why weeks that are on an invoice are changed all the same: a reason of rules.actual.REASONS, and a comment."""

    reason: str
    comment: str


def rederive(
    keys: Collection[WeekKey],
    user: PortalUser | None,
    *,
    take_off: Mapping[WeekKey, Mapping[date, Decimal]] = MappingProxyType({}),
    corrections: Mapping[WeekKey, Correction] = MappingProxyType({}),
) -> None:
    """Bring the weeks of these lines (line id and Monday) into line with their aborted visits. Does not commit.

    A week whose aborted units change gets its missed, extra and payable units anew, its check against the exception
    level too, and is a draft again; what was delivered stays as it was typed. A week that nobody has started becomes
    a draft with its plan less the visits. Weeks whose figures agree already are left alone, and so are those on an
    invoice unless they are among the `corrections`, which leave them there. `take_off` are units by day that are no
    longer taken as delivered. Raises Refused where a week can no longer be changed, or changed at this very moment.
    """
    if not keys:
        return
    _lock_weeks(keys)
    visits, kept, calendar = _units_by_day(keys), _kept_days(keys), calendar_now()
    lines = LineItem.id.in_({line_id for line_id, _ in keys})
    weeks = {stored.key: stored for stored in read_weeks(sorted({week for _, week in keys}), lines)}
    if missing := sorted(week for line_id, week in keys if (line_id, week) not in weeks):
        raise Refused(Problem(Code.NOT_OPEN, NOT_OPEN.format(uk_date(missing[0]))))
    claimed = ClaimedWeeks.of([week for _, week in keys])
    changes = []
    for key in sorted(keys):
        stored = weeks[key]
        shown = claimed.shown(stored, calendar)
        if _agrees(stored, visits[key], kept.get(key)):
            continue
        if change := _change(stored, shown, visits[key], corrections.get(key)):
            changes.append(_with_less(change, take_off.get(key, {})) if take_off else change)
    _write(changes, user)


def pay_anew(keys: Collection[WeekKey], user: PortalUser | None) -> None:
    """Give weeks the payable units that their aborted visits have by now, and leave them as they are in all else.

    A confirmed week stays confirmed and one on an invoice stays there: what was entered is as it was. Does not commit.
    Raises Refused where a week was changed at this very moment.
    """
    _lock_weeks(keys)
    visits, calendar = _units_by_day(keys), calendar_now()
    lines = read_lines(LineItem.id.in_({line_id for line_id, _ in keys}))
    changes = []
    for key, (actual, check) in read_stored(lines, {week for _, week in keys}).items():
        if key in keys:
            stored = LineWeek(lines[key[0]], key[1], actual, check)
            kept = (figures_of(stored, calendar), actual.reason, actual.comment, actual.state)
            changes.append(Change(stored, *kept, aborted=_totals(visits[key]), source=POLICY))
    _write(changes, user)


def _write(changes: Sequence[Change], user: PortalUser | None) -> None:
    written = write_changes(changes, user)
    done = {change.stored.key for change, _ in written}
    if lost := [change.stored.week for change in changes if change.stored.key not in done]:
        at_once = AT_ONCE.format(uk_date(lost[0]))
        raise Refused(Problem(Code.CHANGED_MEANWHILE, at_once, "Look at it and try again."))
    store_checks(to_check(change, actual_id) for change, actual_id in written)


def started_with(stored: LineWeek, shown: Shown, visits: dict[date, Units]) -> tuple[Decimal, ...]:
    """Return what a week that nobody has started becomes a draft with: what is shown of it less its aborted visits."""
    step = step_of(stored.plan.unit, policy.of("hour_step", stored.line, stored.week).value)
    plan = shown.figures
    if stored.plan.kind is PlanKind.WEEKLY:
        return (left_of_plan(plan[0], sum((units for units, _ in visits.values()), NOTHING), step),)
    return tuple(
        left_of_plan(planned, visits.get(stored.week + index * DAY, (NOTHING, NOTHING))[0], step)
        for index, planned in enumerate(plan)
    )


def without_visit(stored: LineWeek, figures: Sequence[Decimal], day: date, units: Decimal) -> tuple[Decimal, ...]:
    """Return a week's delivered units less those of a visit on a day, in whole steps and never below 0."""
    step = step_of(stored.plan.unit, policy.of("hour_step", stored.line, stored.week).value)
    index = place_of(stored, day)
    return (*figures[:index], left_of_plan(figures[index], units, step), *figures[index + 1 :])


def place_of(stored: LineWeek, day: date) -> int:
    """Return where the figure of a day stands among those of its week: a weekly plan has but one."""
    return 0 if stored.plan.kind is PlanKind.WEEKLY else day.weekday()


def _totals(visits: dict[date, Units]) -> Units:
    planned, payable = zip(*visits.values(), strict=True) if visits else ((), ())
    return sum(planned, NOTHING), sum(payable, NOTHING)


def _agrees(stored: LineWeek, visits: dict[date, Units], kept: Sequence[Decimal] | None) -> bool:
    """Say whether a week has the units of its visits, on the days on which its latest version has them (`kept`)."""
    payable = [visits.get(stored.week + index * DAY, (NOTHING, NOTHING))[1] for index in range(7)]
    return _totals(visits) == stored.aborted and (list(kept) == payable if kept else not any(payable))


def _change(stored: LineWeek, shown: Shown, visits: dict[date, Units], correction: Correction | None) -> Change | None:
    aborted = _totals(visits)
    actual = stored.actual
    if actual is None:
        figures = started_with(stored, shown, visits)
        return Change(stored, figures, shown.reason, shown.comment, ActualState.DRAFT, aborted=aborted)
    change = Change(stored, *shown, ActualState.DRAFT, aborted=aborted)
    if not stored.is_money:
        return change
    if correction is None:
        return None
    # A week that is on an invoice stays there, and always says why it was corrected.
    reason, comment = actual.reason or correction.reason, actual.comment or correction.comment
    return replace(change, state=actual.state, reason=reason, comment=comment)


def _with_less(change: Change, take_off: Mapping[date, Decimal]) -> Change:
    figures = change.figures
    for day, units in take_off.items() if change.stored.actual else ():
        figures = without_visit(change.stored, figures, day, units)
    return replace(change, figures=figures)


def lock_lines(ids: Collection[int]) -> None:
    """Take turns with everybody else who writes visits of these lines; saving their weeks goes on meanwhile."""
    statement = select(LineItem.id).where(LineItem.id.in_(ids)).order_by(LineItem.id)
    db.session.execute(statement.with_for_update(key_share=True))


def _lock_weeks(keys: Collection[WeekKey]) -> None:
    """Let nobody save these weeks until the transaction ends; in the order in which a save takes them."""
    statement = select(Actual.id).where(tuple_(Actual.line_item_id, Actual.week_starting).in_(sorted(keys)))
    db.session.execute(statement.order_by(Actual.line_item_id, Actual.week_starting).with_for_update())


def _units_by_day(keys: Collection[WeekKey]) -> dict[WeekKey, dict[date, Units]]:
    weeks = [week for _, week in keys]
    statement = (
        select(
            AbortedVisit.line_item_id,
            AbortedVisit.visit_date,
            func.sum(AbortedVisit.planned_units),
            func.sum(AbortedVisit.payable),
        )
        .where(AbortedVisit.line_item_id.in_({line_id for line_id, _ in keys}))
        .where(AbortedVisit.visit_date.between(min(weeks), max(weeks) + 6 * DAY))
        .group_by(AbortedVisit.line_item_id, AbortedVisit.visit_date)
    )
    found: dict[WeekKey, dict[date, Units]] = defaultdict(dict)
    for line_id, day, planned, payable in db.session.execute(statement):
        found[line_id, monday_of(day)][day] = (planned, payable)
    return found


def _kept_days(keys: Collection[WeekKey]) -> dict[WeekKey, Sequence[Decimal] | None]:
    """Return the payable units of aborted visits by day in the latest version of each of these weeks."""
    statement = (
        select(Actual.line_item_id, Actual.week_starting, ActualVersion.aborted_days)
        .join(ActualVersion, ActualVersion.actual_id == Actual.id)
        .where(tuple_(Actual.line_item_id, Actual.week_starting).in_(sorted(keys)))
        .order_by(ActualVersion.version)
    )
    return {(line_id, week): days for line_id, week, days in db.session.execute(statement)}


def visits_between(line_ids: Collection[int], weeks: Sequence[date]) -> list[AbortedVisit]:
    """Return the aborted visits of some lines from the first of these weeks to the last, in order."""
    if not line_ids or not weeks:
        return []
    statement = (
        select(AbortedVisit)
        .where(AbortedVisit.line_item_id.in_(line_ids))
        .where(AbortedVisit.visit_date.between(min(weeks), max(weeks) + 6 * DAY))
        .order_by(AbortedVisit.line_item_id, AbortedVisit.visit_date, AbortedVisit.planned_start)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))
