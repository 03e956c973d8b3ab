"""Weeks held against their exception level anew: a setting changed from a past day, or days were claimed."""

from datetime import date
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Row, Select, select

from models import Actual, ExceptionCheck, LineItem, Organisation, Sector, db
from rules.exception import ExceptionLevel, left_of
from rules.money import NOTHING
from rules.period import monday_of
from rules.policy import Target
from rules.states import ActualState
from workflows.weeks.absent import absent_units
from workflows.weeks.level import LevelInForce, WeekToCheck, level_of, store_checks


class _Levelled(NamedTuple):
    """A line as far as its exception level goes."""

    policy_target: Target
    extras_allowed: bool | None


def judge_levels(since: date, *of: ColumnElement[bool]) -> int:
    """Store anew the checks of weeks on no invoice that begin on `since` or later and have another level by now.

    `of` are conditions on their lines. A decision stands, for the figures do. Returns how many weeks those were; as
    many queries as for one. Does not commit.
    """
    open_weeks = (Actual.week_starting >= since, Actual.state.in_((ActualState.DRAFT, ActualState.CONFIRMED)))
    weeks = [week for row in db.session.execute(_weeks().where(*open_weeks, *of)) if (week := _judged(row))]
    store_checks(weeks)
    return len(weeks)


def judge_absent(line_id: int, first: date, last: date) -> None:
    """Hold the weeks of a line against their level anew because days from `first` to `last` are claimed, or no longer.

    A decision is void where another part of the plan is left beside what is claimed. Does not commit.
    """
    days = (Actual.line_item_id == line_id, Actual.week_starting >= monday_of(first), Actual.week_starting <= last)
    absent = absent_units(*days)
    weeks = []
    for row in db.session.execute(_weeks().where(*days)):
        check, now = row.ExceptionCheck, level_of(_line(row), row.week_starting)
        left = left_of(row.planned, absent.get(check.actual_id, NOTHING))
        if left != check.planned:
            weeks.append(WeekToCheck(check.organisation_id, check.actual_id, row.planned, check.claimed, now))
    store_checks(weeks)


def _line(row: Row[Any]) -> _Levelled:
    target = Target(row.sector_id, row.sector, row.organisation_id, row.line_item_id)
    return _Levelled(target, row.extras_allowed)


def _judged(row: Row[Any]) -> WeekToCheck | None:
    """Return what a week is checked with now, None where it is as it was."""
    check, now = row.ExceptionCheck, level_of(_line(row), row.week_starting)
    if now == LevelInForce(ExceptionLevel(check.percent, check.least_units, check.extras_allowed), check.rule):
        return None
    return WeekToCheck(check.organisation_id, check.actual_id, row.planned, check.claimed, now, changed=False)


def _weeks() -> Select[Any]:
    statement: Any = (
        select(
            ExceptionCheck,
            Actual.week_starting,
            Actual.planned,
            LineItem.organisation_id,
            LineItem.id.label("line_item_id"),
            LineItem.extras_allowed,
            Organisation.sector_id,
            Sector.name.label("sector"),
        )
        .join(Actual, Actual.id == ExceptionCheck.actual_id)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .join(LineItem.organisation)
        .join(Organisation.sector)
        .with_for_update(of=Actual)
        .order_by(Actual.line_item_id, Actual.week_starting)
    )
    return cast(Select[Any], statement)
