"""Writing weeks: the rows of a save, all in one statement, and none over a version that nobody looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, SelectBase, Table, case, null, or_
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import ReturningInsert

from models import DAYS, Actual, PortalUser, db
from models.row_set import any_row_set, packed
from rules.actual import Derived, derive
from rules.money import NOTHING
from rules.plan import plan_of_week
from rules.states import ActualState, PlanKind, Unit
from workflows.clock import now
from workflows.weeks.entry import Entry
from workflows.weeks.level import WeekToCheck, level_of
from workflows.weeks.line_week import ON_INVOICE, LineWeek, seven_days
from workflows.weeks.typed_over import note_typed_over

_TABLE = cast(Table, Actual.__table__)
ACTUALS_PAGE, ABORTED_VISIT = "Actuals page", "Aborted visit"


@dataclass(frozen=True)
class Change:
    """A line's week as it will be written; `entry` is what was typed for it, if anything.

    `aborted` are the planned and the payable units of its aborted visits, None where they stay as they are stored.
    `source` says in a word or two where the figures come from, for the history of the week. A change of a week that
    is on an invoice is a correction: its `state` is the one the week has, and stays.
    """

    stored: LineWeek
    figures: tuple[Decimal, ...]
    reason: str
    comment: str
    state: ActualState
    entry: Entry | None = None
    aborted: tuple[Decimal, Decimal] | None = None
    source: str = ""


def write_changes(
    changes: Sequence[Change], user: PortalUser | None, at: datetime | None = None
) -> list[tuple[Change, int]]:
    """Write every change in one statement, as saved `at` a moment (None: now).

    One whose row was saved by somebody else since it was read is left out. Does not commit.
    """
    if not changes:
        return []
    # Sorted, so that two concurrent saves lock rows in the same order and cannot deadlock.
    at = at or now()
    rows = [_row(change, user, at) for change in sorted(changes, key=lambda each: each.stored.key)]
    written = db.session.connection().execute(_upsert(tuple(rows[0])), {"row_set": packed(rows)}).all()
    ids = {(line_id, week): id_ for id_, line_id, week in written}
    note_typed_over(ids.keys())
    by_key = {change.stored.key: change for change in changes}
    return [(by_key[key], id_) for key, id_ in ids.items()]


@cache
def _upsert(names: tuple[str, ...]) -> ReturningInsert[Any]:
    """Return the statement that saves a row set with these columns: to put it together takes as long as to send it."""
    upsert = upsert_weeks(any_row_set(_TABLE, names))
    return upsert.returning(_TABLE.c.id, _TABLE.c.line_item_id, _TABLE.c.week_starting)


def upsert_weeks(rows: SelectBase) -> Insert:
    """Return the statement that saves rows of weeks, those of a query whose columns are named as those of Actual.

    A row whose week was saved by somebody else since it was read is left out: `version` is the one after that.
    """
    names = [column.name for column in rows.selected_columns]
    statement = insert(_TABLE).from_select(names, rows, include_defaults=False)
    new = statement.excluded
    # A correction applies only while its week is still on an invoice, any other change only while it is on none.
    is_money = _is_money(_TABLE.c.state)
    fixed = ("organisation_id", "line_item_id", "week_starting")
    values: dict[str, Any] = {name: new[name] for name in names if name not in fixed}
    # A correction keeps the state of the stored row: it may have been paid since it was read.
    values["state"] = case((is_money, _TABLE.c.state), else_=new.state)
    # confirmed_at and confirmed_by keep the first confirmation until the week is a draft again.
    for name in ("confirmed_at", "confirmed_by_id"):
        before = case((_TABLE.c.confirmed_at.is_(None), new[name]), else_=_TABLE.c[name])
        values[name] = case((new.state == ActualState.DRAFT, null()), else_=before)
    return statement.on_conflict_do_update(
        index_elements=["line_item_id", "week_starting"],
        set_=values,
        where=is_as_read(new) & (is_money == _is_money(new.state)),
    )


def is_as_read(new: ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Return the condition that a row is the one that was read: nobody saved it since.

    It alone keeps two people from overwriting each other; a test takes it away to see that it would notice.
    """
    same: ColumnElement[bool] = _TABLE.c.version == new.version - 1
    return same


def _is_money(state: ColumnElement[ActualState]) -> ColumnElement[bool]:
    # OR of equalities: SQLAlchemy's expanding IN is not supported in a multi-row upsert.
    return or_(*(state == each for each in ON_INVOICE))


def _derive(change: Change) -> Derived:
    planned = plan_of_week(change.stored.plan, change.stored.week)
    return derive(planned, sum(change.figures, NOTHING), *(change.aborted or change.stored.aborted))


def _has_new_figures(change: Change) -> bool:
    actual, plan = change.stored.actual, change.stored.plan
    if actual is None or change.aborted not in (None, change.stored.aborted):
        return True
    kept = (actual.delivered,) if plan.kind is PlanKind.WEEKLY else actual.days
    return (change.figures, plan_of_week(plan, change.stored.week)) != (kept, actual.planned)


def _row(change: Change, user: PortalUser | None, at: datetime) -> dict[str, Any]:
    stored, actual, line = change.stored, change.stored.actual, change.stored.line
    derived, by = _derive(change), user.id if user else None
    # What Service Brokerage decided is payable stays so for as long as the figures do.
    confirmed: tuple[Any, Any] = (at, by) if change.state is ActualState.CONFIRMED else (None, None)
    return {
        "organisation_id": line.organisation_id,
        "line_item_id": line.id,
        "week_starting": stored.week,
        "state": change.state,
        "in_hours": line.plan.unit is Unit.HOUR,
        **dict(zip(DAYS, seven_days(change.figures), strict=True)),
        **derived._asdict(),
        "payable": actual.payable if actual and not _has_new_figures(change) else derived.payable,
        "reason": change.reason,
        "comment": change.comment,
        "source": change.source or (ABORTED_VISIT if change.aborted else ACTUALS_PAGE),
        "version": actual.version + 1 if actual else 1,
        "changed_at": at,
        "changed_by_id": by,
        "confirmed_at": confirmed[0],
        "confirmed_by_id": confirmed[1],
    }


def to_check(change: Change, actual_id: int) -> WeekToCheck:
    """Return what the exception level is checked with once a week is written."""
    line, derived = change.stored.line, _derive(change)
    level = level_of(line, change.stored.week)
    return WeekToCheck(
        line.organisation_id, actual_id, derived.planned, derived.payable, level, _has_new_figures(change)
    )
