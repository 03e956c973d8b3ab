"""What of a checked file can go in, packed until somebody confirms it: weeks as they will be saved, and visits."""

import hashlib
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, cast

from sqlalchemy import Boolean, Column, Integer, Table, Text

from models import DAYS, Actual, ExceptionCheck, Visit
from models.staged import staged
from rules.actual import Derived
from rules.exception import is_over
from rules.states import ActualState, Unit
from workflows import policy
from workflows.uploads.own_lines import LineState
from workflows.weeks.claimed_days import claims_among
from workflows.weeks.level import LevelInForce, stored_allowance
from workflows.weeks.line_week import Line, StoredWeek, WeekKey, seven_days

_ACTUAL, _CHECK, _VISIT = (cast(Table, each.__table__) for each in (Actual, ExceptionCheck, Visit))

WEEK = (
    "line_item_id", "week_starting", "version", "asked", "changed", "state", "in_hours", *DAYS, *Derived._fields,
    "reason", "comment",
)  # fmt: skip
CHECK = ("claimed", "percent", "least_units", "extras_allowed", "allowance", "over", "rule")
VISIT = (
    "line_item_id", "day", "reference", "slot", "outcome", "planned_start", "planned_end",
    "actual_start", "actual_end", "carer", "twin", "minutes", "counted",
)  # fmt: skip
# Which stored visit a visit of the file is, if any, and the file that this stood as in when it was checked.
STORED = ("stored_id", "stored_in")
# What the packed rows have and no table.
_OWN: dict[str, Any] = {
    "asked": Boolean, "changed": Boolean, "week_starting": _ACTUAL.c.week_starting.type, "stored_id": Integer,
    "stored_in": Integer,
}  # fmt: skip


def staged_weeks(packed: bytes) -> Table:
    """Return the weeks of a file as a table of this transaction.

    `version` is the one that each will have, `asked` whether it goes in only where ticked, `changed` whether its
    figures are others than those stored.
    """
    return staged("staged_week", [_column(name) for name in (*WEEK, *CHECK)], packed)


def staged_visits(packed: bytes) -> Table:
    """Return the visits of a file as a table of this transaction."""
    return staged("staged_visit", [_column(name, _VISIT) for name in (*VISIT, *STORED)], packed)


def _column(name: str, of: Table = _ACTUAL) -> Column[Any]:
    kind = _OWN.get(name) or next(table.c[name].type for table in (of, _CHECK) if name in table.c)
    # Enum columns are plain text here; the target table's CHECK validates them.
    return Column(name, Text if getattr(kind, "enums", None) else kind)


class WeekOut(NamedTuple):
    """A week of a file that can go in, `asked` only where ticked.

    `same_figures` are those it is stored with; `payable` is what is payable of it, by a decision that stands where one
    does (`stands`: figures and plan are those it was made on). `absent` are the units claimed for an absence in it.
    """

    line: Line
    week: date
    figures: tuple[Decimal, ...]
    derived: Derived
    reason: str
    comment: str
    in_force: LevelInForce
    asked: bool
    same_figures: bool
    stands: bool
    payable: Decimal
    absent: Decimal


def week_values(out: WeekOut, kept: StoredWeek | None) -> tuple[Any, ...]:
    """Return a week as it will be saved, and its check against the exception level, in the order of WEEK and CHECK.

    A confirmed week whose figures stay stays confirmed, and one that is on an invoice stays there; any other is a
    draft. What Service Brokerage decided is payable stays while the figures do.
    """
    derived, level = out.derived, out.in_force.level
    version, state = 1, ActualState.DRAFT
    if kept is not None:
        version = kept.version + 1
        if kept.is_money or (kept.state is ActualState.CONFIRMED and out.same_figures):
            state = kept.state
    return (
        out.line.id, out.week, version, out.asked, not out.stands, state, out.line.plan.unit is Unit.HOUR,
        *seven_days(out.figures), *derived[:-1], out.payable, out.reason, out.comment,
        derived.payable, level.percent, level.units, level.extras_allowed,
        stored_allowance(derived.planned, level), is_over(derived.planned, derived.payable, level, out.absent),
        out.in_force.rule,
    )  # fmt: skip


def held_against(lines: Iterable[LineState], weeks: Collection[WeekKey]) -> str:
    """Return a digest that stays for as long as these lines, the claims in these weeks and the settings stay."""
    stands = (sorted(set(lines)), claims_among(weeks), sorted(map(repr, policy.versions())))
    return hashlib.sha256(repr(stands).encode()).hexdigest()
