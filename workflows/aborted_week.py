"""The weeks aborted visits belong to: their figures follow from the visits, in one place (rules.md 3 and 4)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select, tuple_

from models import AbortedVisit, Actual, PortalUser, db
from rules.aborted_visit import left_of_plan
from rules.money import NOTHING
from rules.period import DAY, monday_of, uk_date
from rules.plan import step_of
from rules.refusal import Problem, Refused
from rules.states import ActualState, PlanKind
from workflows import policy
from workflows.exception import store_checks
from workflows.line_week import Calendar, Stored, calendar_now, figures_of, read_weeks
from workflows.week_change import Change, aborted_of, to_check, write_changes

WeekKey = tuple[int, date]
# Planned and payable units of a day's aborted visits.
Units = tuple[Decimal, Decimal]

NOT_OPEN = "Nothing can be changed in the week of {} of this line any more."
AT_ONCE = "Somebody else saved the week of {} of this line at the same moment. Look at it and try again."


def rederive(keys: Collection[WeekKey], user: PortalUser | None) -> None:
    """Bring the weeks of these lines (line id and Monday) into line with their aborted visits. Does not commit.

    A week whose aborted units change gets its missed, extra and payable units anew, its check against the exception
    level too, and is a draft again; what was delivered stays as it was typed. A week that nobody has started becomes
    a draft with its plan less the visits. Weeks whose figures agree already are left alone, and so are those on an
    invoice. Raises Refused where a week can no longer be changed, or changed at this very moment.
    """
    if not keys:
        return
    _lock_weeks(keys)
    visits, calendar = _units_by_day(keys), calendar_now()
    weeks = {
        stored.key: stored for stored in read_weeks(sorted({week for _, week in keys}), {line for line, _ in keys})
    }
    if missing := sorted(week for line_id, week in keys if (line_id, week) not in weeks):
        raise Refused(Problem(NOT_OPEN.format(uk_date(missing[0]))))
    changes = [change for key in sorted(keys) if (change := _change(weeks[key], visits[key], calendar))]
    written = write_changes(changes, user)
    done = {change.stored.key for change, _ in written}
    if lost := [change.stored.week for change in changes if change.stored.key not in done]:
        raise Refused(Problem(AT_ONCE.format(uk_date(lost[0]))))
    store_checks(to_check(change, actual_id) for change, actual_id in written)


def started_with(stored: Stored, visits: dict[date, Units], calendar: Calendar) -> tuple[Decimal, ...]:
    """Return what a week that nobody has started becomes a draft with: its plan so far less its aborted visits."""
    line = stored.line
    step = step_of(line.unit, policy.for_line("hour_step", line, stored.week).value)
    plan = figures_of(stored, calendar)
    if line.plan_kind is PlanKind.WEEKLY:
        return (left_of_plan(plan[0], sum((units for units, _ in visits.values()), NOTHING), step),)
    return tuple(
        left_of_plan(planned, visits.get(stored.week + index * DAY, (NOTHING, NOTHING))[0], step)
        for index, planned in enumerate(plan)
    )


def _change(stored: Stored, visits: dict[date, Units], calendar: Calendar) -> Change | None:
    planned, payable = zip(*visits.values(), strict=True) if visits else ((), ())
    aborted = (sum(planned, NOTHING), sum(payable, NOTHING))
    actual = stored.actual
    if stored.is_money or aborted == aborted_of(stored):
        return None
    figures = figures_of(stored, calendar) if actual else started_with(stored, visits, calendar)
    reason, comment = (actual.reason, actual.comment) if actual else ("", "")
    return Change(stored, figures, reason, comment, ActualState.DRAFT, aborted=aborted)


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
