"""The exception level in a line's week: which applies, and the check stored with each save (rules.md 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import cache, cached_property
from typing import Any, Protocol, cast

from sqlalchemy import ARRAY, ColumnElement, Integer, SelectBase, Table, any_, bindparam, case, literal, null
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import ReturningInsert

from models import Actual, ExceptionCheck, db
from models.row_set import any_row_set, packed
from rules.exception import ExceptionLevel, allowance, is_over, left_of
from rules.money import NOTHING
from workflows import policy
from workflows.clock import now
from workflows.weeks.absent import absent_units

_TABLE = cast(Table, ExceptionCheck.__table__)
_FOUR_PLACES = Decimal("0.0001")
_FIXED = ("organisation_id", "actual_id")


@dataclass(frozen=True)
class LevelInForce:
    """The level of one line in one week, and how pages name the setting behind it."""

    level: ExceptionLevel
    rule: str

    @cached_property
    def in_words(self) -> str:
        """How far above plan a week may go, with the setting that says so."""
        if not self.level.extras_allowed:
            return f"{self.rule}: nothing above plan"
        return f"{self.rule}: {self.level.percent.normalize():f}% above plan, at least {self.level.units:.2f}"


@dataclass(frozen=True)
class WeekToCheck:
    """A saved week: `planned` and `claimed` (payable before any decision) are units of the line.

    What is claimed for absences comes off its plan: another claim pays that. `changed` says that its figures are not
    those a decision was made on.
    """

    organisation_id: int
    actual_id: int
    planned: Decimal
    claimed: Decimal
    in_force: LevelInForce
    changed: bool = True


class Levelled(policy.Targeted, Protocol):
    """A line as its exception level is asked: mapped or plain."""

    @property
    def extras_allowed(self) -> bool | None: ...


def level_of(line: Levelled, week: date) -> LevelInForce:
    """Return the level in force for a line in the week that begins on a Monday; the line's own word on extras wins."""
    known = policy.known()
    key = ("level", known.shared(line), line.extras_allowed, week)
    if key not in known.worked_out:
        known.worked_out[key] = _level_of(known, line, week)
    found: LevelInForce = known.worked_out[key]
    return found


def _level_of(known: policy.Known, line: Levelled, week: date) -> LevelInForce:
    percent = known.of("exception_percent", line, week)
    units = known.of("exception_units", line, week)
    extras = known.of("extras_allowed", line, week)
    allowed = extras.value if line.extras_allowed is None else line.extras_allowed
    # Per cent and units are two settings; the rule is named after the one that changed last.
    latest = max(percent, units, key=lambda setting: setting.valid_from or date.min)
    rule = policy.rule_words(latest if allowed else extras)
    return LevelInForce(ExceptionLevel(percent.value, units.value, allowed), rule)


def store_checks(weeks: Iterable[WeekToCheck], *, absent: bool = True) -> set[int]:
    """Store the check of each week with its inputs, and return the ids of the actuals now held.

    A decision stands while the figures it was made on stand, and is void as soon as they change. `absent` is False
    where the caller knows that no day of these weeks is claimed for an absence.
    Does not commit: the check belongs to the transaction that saved the week.
    """
    ordered = sorted(weeks, key=lambda week: week.actual_id)
    if not ordered:
        return set()
    connection = db.session.connection()
    ids = [week.actual_id for week in ordered]
    units = absent_units(Actual.id == any_(literal(ids, ARRAY(Integer)))) if absent else {}
    rows = [_row(week, units.get(week.actual_id, NOTHING)) for week in ordered]
    asked = {"row_set": packed(rows), "changed": [week.actual_id for week in ordered if week.changed]}
    stored = connection.execute(_upsert(tuple(rows[0])), asked).all()
    return {actual_id for actual_id, over, decided in stored if over and decided is None}


@cache
def _upsert(names: tuple[str, ...]) -> ReturningInsert[Any]:
    """Return the statement that stores a row set of checks with these columns: it is put together once."""
    changed = _TABLE.c.actual_id == any_(bindparam("changed", type_=ARRAY(Integer)))
    upsert = upsert_checks(any_row_set(_TABLE, names), changed)
    return upsert.returning(_TABLE.c.actual_id, _TABLE.c.over, _TABLE.c.decision_id)


def upsert_checks(rows: SelectBase, changed: ColumnElement[bool]) -> Insert:
    """Return the statement that stores checks, those of a query whose columns are named as ExceptionCheck's.

    `changed` is the condition under which a decision that is stored is void, because the figures it was made on are
    others now.
    """
    names = [column.name for column in rows.selected_columns]
    statement = insert(_TABLE).from_select(names, rows, include_defaults=False)
    new: dict[str, Any] = {name: statement.excluded[name] for name in names if name not in _FIXED}
    decided = _TABLE.c.decision_id
    new["decision_id"] = case((decided.is_not(None) & changed, null()), else_=decided)
    return statement.on_conflict_do_update(index_elements=["actual_id"], set_=new)


def _row(week: WeekToCheck, absent: Decimal) -> dict[str, object]:
    level = week.in_force.level
    return {
        "organisation_id": week.organisation_id,
        "actual_id": week.actual_id,
        "planned": left_of(week.planned, absent),
        "claimed": week.claimed,
        "percent": level.percent,
        "least_units": level.units,
        "extras_allowed": level.extras_allowed,
        "allowance": stored_allowance(week.planned, level),
        "over": is_over(week.planned, week.claimed, level, absent),
        "rule": week.in_force.rule,
        "checked_at": now(),
    }


def stored_allowance(planned: Decimal, level: ExceptionLevel) -> Decimal:
    """Return an allowance as it is kept: to four places, rounded down.

    So units of two places are over the one exactly if they are over the other.
    """
    return allowance(planned, level).quantize(_FOUR_PLACES, rounding=ROUND_DOWN)
