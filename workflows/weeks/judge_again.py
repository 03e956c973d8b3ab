"""Weeks judged again because a setting of the exception level changed from a past day (rules.md 5)."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, select

from models import Actual, ExceptionCheck, LineItem, Organisation, Sector, db
from rules.exception import ExceptionLevel
from rules.policy import Target
from rules.states import ActualState
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
    weeks = [week for row in db.session.execute(_checks(since, of)) if (week := _judged(row))]
    store_checks(weeks)
    return len(weeks)


def _judged(row: Row[Any]) -> WeekToCheck | None:
    """Return what a week is checked with now, None where it is as it was."""
    check, line = row.ExceptionCheck, _Levelled(Target(row.sector_id, row.sector, *row[2:4]), row.extras_allowed)
    now = level_of(line, row.week_starting)
    if now == LevelInForce(ExceptionLevel(check.percent, check.least_units, check.extras_allowed), check.rule):
        return None
    return WeekToCheck(check.organisation_id, check.actual_id, check.planned, check.claimed, now, changed=False)


def _checks(since: date, of: tuple[ColumnElement[bool], ...]) -> Select[Any]:
    return (
        select(
            ExceptionCheck,
            Actual.week_starting,
            LineItem.organisation_id,
            LineItem.id,
            LineItem.extras_allowed,
            Organisation.sector_id,
            Sector.name.label("sector"),
        )
        .join(Actual, Actual.id == ExceptionCheck.actual_id)
        .join(LineItem, LineItem.id == Actual.line_item_id)
        .join(LineItem.organisation)
        .join(Organisation.sector)
        .where(Actual.state.in_((ActualState.DRAFT, ActualState.CONFIRMED)), Actual.week_starting >= since, *of)
        .with_for_update(of=Actual)
        .order_by(Actual.line_item_id, Actual.week_starting)
    )
