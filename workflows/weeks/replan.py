"""Weeks whose line changed: what a new plan or price does to those that are not invoiced yet (rules.md 2, 5 and 14)."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select

from models import AbortedVisit, AbsenceClaim, Actual, LineItem, PortalUser, db
from rules.actual import derive
from rules.exception import allowance, is_over
from rules.money import NOTHING
from rules.period import DAY, monday_of
from rules.plan import LinePlan, PlanVersion, plan_of_week
from rules.price import RateVersion
from rules.states import ActualState, ClaimState, PlanKind
from workflows.weeks.absent import absent_by_week
from workflows.weeks.level import level_of, store_checks
from workflows.weeks.line_week import Line, LineWeek, StoredWeek, WeekKey
from workflows.weeks.price import UnstoredFigures, aborted_by_day, price_at_plan, price_of
from workflows.weeks.read import read_lines, read_stored
from workflows.weeks.write import Change, to_check, write_changes

SOURCE = "Change of plan"


class ChangedWeek(NamedTuple):
    """A week before and after a change of its line: plan and payable in units, amounts in pounds, or None.

    `line` is the line's reference; `allowed` is how far above its plan it may go, in units, `held` whether it would be
    over that. `state` is None where nothing is stored: then it is taken at its plan. `stays` says that it is on an
    invoice and keeps its figures.
    """

    line: str
    week: date
    planned: tuple[Decimal, Decimal]
    payable: tuple[Decimal, Decimal]
    amount: tuple[Decimal | None, Decimal | None]
    allowed: tuple[Decimal, Decimal]
    held: tuple[bool, bool]
    state: ActualState | None
    stays: bool

    @property
    def more(self) -> Decimal:
        """The pounds by which the change makes the week dearer, below zero cheaper; nothing where it stays."""
        before, after = self.amount
        return NOTHING if self.stays or before is None or after is None else after - before


def with_plan(plan: LinePlan, version: PlanVersion) -> LinePlan:
    """Return a line's plan with a version from its day on, until the next version that is known."""
    others = [each for each in plan.versions if each.start != version.start]
    versions = tuple(sorted((*others, version)))
    # What begins on the line's first day, or before it, is in force from the first day.
    first = max((index for index, each in enumerate(versions) if each.start <= plan.start), default=0)
    return plan._replace(versions=versions[first:])


def changed_weeks(line: Line, changed: Line, since: date, others: Sequence[date] = ()) -> list[ChangedWeek]:
    """Return the stored weeks of a line from the week of `since` on, beside what they would be on the changed line.

    Of `others` (Mondays), those of which nothing is stored are taken at their plan.
    """
    kept = _stored_weeks(line.id, since)
    stored = read_stored([line.id], kept)
    aborted = aborted_by_day(Actual.line_item_id == line.id, Actual.week_starting >= monday_of(since))[line.id]
    absent = [absent_by_week({line.id: each}) if kept else {} for each in (line, changed)]
    return [
        _changed_week(line, changed, week, stored[line.id, week][0], aborted, absent)
        if (line.id, week) in stored
        else _week_at_plan(line, changed, week)
        for week in sorted({*kept, *others})
    ]


def replan_weeks(line_id: int, since: date, officer: PortalUser | None) -> int:
    """Work out anew the stored weeks of a line from the week of `since` on that are on no invoice; return how many.

    A confirmed week that now differs from its plan and has no reason becomes a draft, so that the provider looks at it
    again. No commit.
    """
    lines = read_lines(LineItem.id == line_id)
    weeks = _stored_weeks(line_id, since)
    stored = read_stored([line_id], weeks)
    changes = [
        change
        for (_, week), (actual, check) in stored.items()
        if (change := _replanned(LineWeek(lines[line_id], week, actual, check)))
    ]
    written = write_changes(changes, officer)
    store_checks(to_check(change, id_) for change, id_ in written)
    return len(written)


def care_after(line_id: int, day: date) -> list[date]:
    """Return the days after `day` on which care or an aborted visit is recorded or an absence is claimed, and the
    Mondays of weekly care."""
    statement = select(Actual).where(Actual.line_item_id == line_id, Actual.week_starting >= monday_of(day))
    found = set()
    for actual in db.session.scalars(statement):
        days = {actual.week_starting + index * DAY: units for index, units in enumerate(actual.days)}
        if any(actual.days):
            found |= {each for each, units in days.items() if units and each > day}
        elif actual.delivered and actual.week_starting > day:
            found.add(actual.week_starting)
    visits = select(AbortedVisit.visit_date).where(AbortedVisit.line_item_id == line_id, AbortedVisit.visit_date > day)
    return sorted(found | set(db.session.scalars(visits)) | _claimed_after(line_id, day))


def _claimed_after(line_id: int, day: date) -> set[date]:
    until = func.coalesce(AbsenceClaim.approved_last_day, AbsenceClaim.last_day)
    live = AbsenceClaim.state.not_in((ClaimState.DRAFT, ClaimState.REFUSED))
    claims = select(AbsenceClaim.first_day, until).where(AbsenceClaim.line_item_id == line_id, live, until > day)
    return {
        date.fromordinal(number)
        for first, last in db.session.execute(claims)
        for number in range(max(first, day + DAY).toordinal(), last.toordinal() + 1)
    }


def _stored_weeks(line_id: int, since: date) -> list[date]:
    statement = select(Actual.week_starting).where(
        Actual.line_item_id == line_id, Actual.week_starting >= monday_of(since)
    )
    return list(db.session.scalars(statement.order_by(Actual.week_starting)))


def _changed_week(
    line: Line,
    changed: Line,
    week: date,
    actual: StoredWeek,
    aborted: Mapping[date, Decimal],
    absent: Sequence[Mapping[WeekKey, Decimal]],
) -> ChangedWeek:
    plans = plan_of_week(line.plan, week), plan_of_week(changed.plan, week)
    before = actual.payable
    after = derive(plans[1], actual.delivered, actual.aborted, actual.aborted_payable).payable
    if plans[0] == plans[1] or actual.is_money:
        after = before  # what was decided about it, or invoiced, stands
    figures = [UnstoredFigures(units, actual.days) for units in (before, after)]
    amounts = [
        price_of(each, week, figure, aborted).amount for each, figure in zip((line, changed), figures, strict=True)
    ]
    level = level_of(line, week).level
    # As the stored check does: units claimed for an absence count, those of the plan before and after.
    claimed = [each.get((line.id, week), NOTHING) for each in absent]
    held = [is_over(*each[:2], level, each[2]) for each in zip(plans, (before, after), claimed, strict=True)]
    return ChangedWeek(
        line.reference,
        week,
        plans,
        (before, after),
        (amounts[0], amounts[0] if actual.is_money else amounts[1]),
        (allowance(plans[0], level), allowance(plans[1], level)),
        (held[0], held[1]),
        actual.state,
        actual.is_money,
    )


def _week_at_plan(line: Line, changed: Line, week: date) -> ChangedWeek:
    level = level_of(line, week).level
    plans = plan_of_week(line.plan, week), plan_of_week(changed.plan, week)
    amounts = price_at_plan(line, week).amount, price_at_plan(changed, week).amount
    allowed = allowance(plans[0], level), allowance(plans[1], level)
    return ChangedWeek(line.reference, week, plans, plans, amounts, allowed, (False, False), None, stays=False)


def _replanned(stored: LineWeek) -> Change | None:
    actual = stored.actual
    assert actual is not None
    planned = plan_of_week(stored.plan, stored.week)
    if actual.is_money or planned == actual.planned:
        return None
    figures: Sequence[Decimal] = (actual.delivered,) if stored.plan.kind is PlanKind.WEEKLY else actual.days
    differs = actual.delivered + actual.aborted != planned and not actual.reason
    state = ActualState.DRAFT if differs else actual.state
    return Change(stored, tuple(figures), actual.reason, actual.comment, state, source=SOURCE)


def with_rate(rates: Sequence[RateVersion], rate: Decimal, start: date) -> list[RateVersion]:
    """Return a line's rates with a new one from a day on, until the day before the next one that is known."""
    later = [each for each in rates if each.start > start]
    until = date.fromordinal(later[0].start.toordinal() - 1) if later else None
    before = [
        each._replace(end=date.fromordinal(start.toordinal() - 1)) if each.end is None or each.end >= start else each
        for each in rates
        if each.start < start
    ]
    return [*before, RateVersion(rate, start, until), *later]
