"""The days of live absence claims within weeks of actuals: no care is recorded on them, and none is filled in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Self

from sqlalchemy import Date, Integer, Select, bindparam, func, select

from models import AbsenceClaim, db
from models.written_out import WrittenOut
from rules.aborted_visit import left_of_plan
from rules.money import NOTHING
from rules.open_days import Calendar
from rules.period import DAY
from rules.plan import LAST_DAY, LinePlan, plan_of_day, plan_of_week, step_of, unit_words
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import AbsenceReason, PlanKind
from rules.words import counted
from workflows import policy
from workflows.weeks.absent import SENT
from workflows.weeks.entry import Shown, figures_of
from workflows.weeks.line_week import LineWeek
from workflows.weeks.write import Change

# What stands as the reason of a week that was filled with its plan less a claim; of other absences, AWAY.
REASONS_OF_WEEKS: Mapping[AbsenceReason, str] = {
    AbsenceReason.HOSPITAL: "HOSPITAL",
    AbsenceReason.DECEASED: "DECEASED",
}

_CLAIMING: Final = 5_000_002
_ALONE: Final = select(func.pg_advisory_xact_lock(_CLAIMING, bindparam("organisation", type_=Integer)))
_BESIDE_OTHERS: Final = select(func.pg_advisory_xact_lock_shared(_CLAIMING, bindparam("organisation", type_=Integer)))

ON_A_DAY = "Absence claim {} is for this day, so no care can be recorded on it."
IN_A_WEEK = "Absence claim {} is for {} of this week, which leaves {} of its plan."
TELEPHONE = "or telephone the Payments Team if care was given."


class ClaimedDay(NamedTuple):
    """The claim that a day is in: its id and number, and why the person was away."""

    claim_id: int
    number: str
    reason: AbsenceReason


NO_DAYS_CLAIMED: Mapping[date, ClaimedDay] = MappingProxyType({})


def _sent_claims() -> Select[Any]:
    claim = AbsenceClaim
    until = func.coalesce(claim.approved_last_day, claim.last_day)
    columns: tuple[Any, ...] = (claim.line_item_id, claim.first_day, until, claim.id, claim.number, claim.reason)
    first, last = bindparam("first", type_=Date), bindparam("last", type_=Date)
    return select(*columns).where(
        claim.state.in_(SENT), claim.corrects_id.is_(None), claim.first_day <= last, until >= first
    )


# The claims that have a day from `first` to `last`, for ClaimedWeeks.
SENT_CLAIMS: Final = _sent_claims()
_SENT: Final = WrittenOut(SENT_CLAIMS)


def days_of_weeks(mondays: Collection[date]) -> dict[str, date]:
    """Return what SENT_CLAIMS asks for: the `first` and the `last` day of some weeks, at least one."""
    return {"first": min(mondays), "last": max(mondays) + LAST_DAY}


def claims_among(keys: Collection[tuple[int, date]]) -> list[tuple[int, date, date, int]]:
    """Return the sent claims of these lines between the first and the last of these weeks: line, days, id; in order."""
    if not keys:
        return []
    weeks = [week for _, week in keys]
    found = _SENT.all(days_of_weeks(weeks))
    ids = {line_id for line_id, _ in keys}
    return sorted((line_id, first, until, id_) for line_id, first, until, id_, *_ in found if line_id in ids)


def take_turns(organisation_id: int, *, claiming: bool = False) -> None:
    """Let nobody save care of an organisation while days are claimed, and the other way round.

    For whoever reads claims before writing weeks, or weeks before writing a claim: to be called before reading. It
    holds until the transaction ends; saves go on beside each other.
    """
    db.session.connection().execute(_ALONE if claiming else _BESIDE_OTHERS, {"organisation": organisation_id})


class ClaimedWeeks:
    """The claimed days of some weeks, read once for all their lines: `rows` are those of SENT_CLAIMS."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._of_line: dict[int, list[tuple[date, date, ClaimedDay]]] = defaultdict(list)
        for line_id, first, until, claim_id, number, reason in rows:
            claimed = ClaimedDay(claim_id, number, AbsenceReason(reason))
            self._of_line[line_id].append((first, until, claimed))

    @classmethod
    def of(cls, weeks: Collection[date]) -> Self:
        """Return the claimed days of the weeks that begin on these Mondays, for the organisation in scope."""
        if not weeks:
            return cls(())
        return cls(_SENT.all(days_of_weeks(weeks)))

    def days_of(self, line_id: int, week: date) -> Mapping[date, ClaimedDay]:
        """Return the claimed days of a line in a week; nothing for nearly every line."""
        if line_id not in self._of_line:
            return NO_DAYS_CLAIMED
        return {
            day: claimed
            for first, until, claimed in self._of_line[line_id]
            for index in range(7)
            if first <= (day := week + index * DAY) <= until
        }

    def among(self, keys: Collection[tuple[int, date]]) -> list[tuple[int, date]]:
        """Return those of some lines' weeks in which days are claimed."""
        if not self._of_line:
            return []
        return [(line_id, week) for line_id, week in keys if self.days_of(line_id, week)]

    def refuse(self, change: Change) -> list[Problem]:
        """Return what is wrong with a change because of its claimed days; nothing where nothing is."""
        stored = change.stored
        aborted = (change.aborted or stored.aborted)[0]
        return self.refuse_units(stored.line.id, stored.plan, stored.week, (change.figures, aborted))

    def refuse_units(
        self, line_id: int, plan: LinePlan, week: date, units: tuple[Sequence[Decimal], Decimal]
    ) -> list[Problem]:
        """Return what is wrong with a week's delivered units, and the planned ones of its aborted visits."""
        days = self.days_of(line_id, week)
        if not days:
            return []
        figures, aborted = units
        if plan.kind is PlanKind.TIMETABLED:
            code, remedy = Code.ABSENCE_CLAIM, f"Enter 0, {TELEPHONE}"
            return [
                Problem(code, ON_A_DAY.format(claimed.number), remedy, f"d{(day - week).days}")
                for day, claimed in days.items()
                if figures[(day - week).days]
            ]
        left = plan_of_week(plan, week) - sum((plan_of_day(plan, day) for day in days), NOTHING)
        if figures[0] + aborted <= max(left, NOTHING):
            return []
        numbers = " and ".join(sorted({claimed.number for claimed in days.values()}))
        as_days = counted(len(days), "day")
        wrong = IN_A_WEEK.format(numbers, as_days, f"{left:.2f} {unit_words(plan.unit, left)}")
        return [Problem(Code.ABSENCE_CLAIM, wrong, f"Enter that or less, {TELEPHONE}", "total")]

    def shown(self, stored: LineWeek, calendar: Calendar) -> Shown:
        """Return a week as it is stored, else as it is filled in: with its plan, less its claimed days."""
        figures = figures_of(stored, calendar)
        if (actual := stored.actual) and not stored.not_started:
            return Shown(figures, actual.reason, actual.comment)
        days = self.days_of(*stored.key)
        if not days:
            return Shown(figures, "", "")
        step = policy.of("hour_step", stored.line, stored.week)
        if stored.plan.kind is PlanKind.WEEKLY:
            claimed = sum((plan_of_day(stored.plan, day) for day in days), NOTHING)
            figures = (left_of_plan(figures[0], claimed, step_of(stored.plan.unit, step.value)),)
        else:
            figures = tuple(
                NOTHING if stored.week + index * DAY in days else each for index, each in enumerate(figures)
            )
        first = next(iter(days.values()))
        return Shown(figures, REASONS_OF_WEEKS.get(first.reason, "AWAY"), f"Absence claim {first.number}")
