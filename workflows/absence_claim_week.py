"""The days of live absence claims within weeks of actuals: no care is recorded on them, and none is filled in."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import func, select, true

from models import AbsenceClaim, db
from rules.aborted_visit import left_of_plan
from rules.money import NOTHING
from rules.period import DAY
from rules.plan import LinePlan, plan_of_day, plan_of_week, step_of, unit_words
from rules.states import AbsenceReason, ActualState, ClaimState, PlanKind
from workflows import policy
from workflows.line_week import Stored
from workflows.week_change import Change, aborted_of

# A draft keeps nobody from recording care: it is refused when it is sent.
SENT = (ClaimState.SUBMITTED, ClaimState.APPROVED, ClaimState.IN_PART, ClaimState.PAID)
# What stands as the reason of a week that was filled with its plan less a claim; of other absences, AWAY.
REASONS_OF_WEEKS: Mapping[AbsenceReason, str] = {
    AbsenceReason.HOSPITAL: "HOSPITAL",
    AbsenceReason.DECEASED: "DECEASED",
}

ON_A_DAY = (
    "Absence claim {} is for this day, so no care can be recorded on it. Enter 0, or telephone the Payments Team if"
    " care was given."
)
IN_A_WEEK = (
    "Absence claim {} is for {} of this week, which leaves {} of its plan. Enter that or less, or telephone the"
    " Payments Team if care was given."
)


class ClaimedDay(NamedTuple):
    """The claim that a day is in: its number, and why the person was away."""

    number: str
    reason: AbsenceReason


class ClaimedWeeks:
    """The claimed days of some weeks, read once for all their lines."""

    def __init__(self, weeks: Sequence[date], line_ids: Collection[int] | None = None) -> None:
        self._of_line: dict[int, list[tuple[date, date, ClaimedDay]]] = defaultdict(list)
        if not weeks:
            return
        last = func.coalesce(AbsenceClaim.approved_last_day, AbsenceClaim.last_day)
        statement = (
            select(AbsenceClaim.line_item_id, AbsenceClaim.first_day, last, AbsenceClaim.number, AbsenceClaim.reason)
            .where(AbsenceClaim.state.in_(SENT), AbsenceClaim.first_day <= max(weeks) + 6 * DAY, last >= min(weeks))
            .where(AbsenceClaim.line_item_id.in_(line_ids) if line_ids is not None else true())
        )
        for line_id, first, until, number, reason in db.session.execute(statement):
            self._of_line[line_id].append((first, until, ClaimedDay(number, reason)))

    def days_of(self, line_id: int, week: date) -> dict[date, ClaimedDay]:
        """Return the claimed days of a line in a week; nothing for nearly every line."""
        return {
            day: claimed
            for first, until, claimed in self._of_line.get(line_id, ())
            for index in range(7)
            if first <= (day := week + index * DAY) <= until
        }

    def among(self, keys: Collection[tuple[int, date]]) -> list[tuple[int, date]]:
        """Return those of some lines' weeks in which days are claimed."""
        if not self._of_line:
            return []
        return [(line_id, week) for line_id, week in keys if self.days_of(line_id, week)]

    def refuse(self, change: Change) -> dict[str, str]:
        """Return what is wrong with a change because of its claimed days, by field; nothing where nothing is."""
        stored = change.stored
        aborted = (change.aborted or aborted_of(stored))[0]
        return self.refuse_units(stored.line.id, stored.plan, stored.week, (change.figures, aborted))

    def refuse_units(
        self, line_id: int, plan: LinePlan, week: date, units: tuple[Sequence[Decimal], Decimal]
    ) -> dict[str, str]:
        """Return what is wrong with a week's delivered units, and the planned ones of its aborted visits."""
        days = self.days_of(line_id, week)
        if not days:
            return {}
        figures, aborted = units
        if plan.kind is PlanKind.TIMETABLED:
            return {
                f"d{(day - week).days}": ON_A_DAY.format(claimed.number)
                for day, claimed in days.items()
                if figures[(day - week).days]
            }
        left = plan_of_week(plan, week) - sum((plan_of_day(plan, day) for day in days), NOTHING)
        if figures[0] + aborted <= max(left, NOTHING):
            return {}
        numbers = " and ".join(sorted({claimed.number for claimed in days.values()}))
        counted = f"{len(days)} {'day' if len(days) == 1 else 'days'}"
        return {"total": IN_A_WEEK.format(numbers, counted, f"{left:.2f} {unit_words(plan.unit, left)}")}

    def as_planned(self, stored: Stored, figures: tuple[Decimal, ...]) -> Change:
        """Return a week filled with its plan, less its claimed days, and confirmed."""
        days = self.days_of(stored.line.id, stored.week)
        if not days:
            return Change(stored, figures, "", "", ActualState.CONFIRMED)
        step = policy.for_line("hour_step", stored.line, stored.week)
        if stored.plan.kind is PlanKind.WEEKLY:
            claimed = sum((plan_of_day(stored.plan, day) for day in days), NOTHING)
            figures = (left_of_plan(figures[0], claimed, step_of(stored.line.unit, step.value)),)
        else:
            figures = tuple(
                NOTHING if stored.week + index * DAY in days else each for index, each in enumerate(figures)
            )
        first = next(iter(days.values()))
        reason = REASONS_OF_WEEKS.get(first.reason, "AWAY")
        return Change(stored, figures, reason, f"Absence claim {first.number}", ActualState.CONFIRMED)
