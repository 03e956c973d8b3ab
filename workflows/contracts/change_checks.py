"""Why a line cannot be changed as somebody wants it: its rate, its plan, its last day."""

from datetime import date
from decimal import Decimal

from models import DAYS, LineItem, db
from rules.absence_refusal import name_days
from rules.money import short_rate
from rules.period import DAY, monday_of, uk_date
from rules.plan import PlanVersion, plan_of_week
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.states import DocumentState, PlanKind, Unit
from workflows.weeks.replan import care_after, with_plan

MOST_HOURS = Decimal(24)


def refuse(*problems: list[Problem]) -> None:
    """Raise Refused with every problem, and roll back, where there is one."""
    found = [problem for each in problems for problem in each]
    if found:
        db.session.rollback()
        raise Refused(*found)


def why_no_reason(reason: str) -> list[Problem]:
    """Return that a change needs a reason, where it has none."""
    return [] if reason.strip() else [Problem(Code.REASON_NEEDED, "Say why it changes.", field="reason")]


def why_no_change(line: LineItem, reason: str) -> list[Problem]:
    """Return why nothing of a line can be changed, nothing where it can."""
    found = why_no_reason(reason)
    if line.document.state in (DocumentState.WITHDRAWN, DocumentState.ENDED):
        found.append(Problem(Code.WRONG_STATE, f"{line.document} is over, so its lines stay as they are."))
    return found


def _why_outside(line: LineItem, start: date) -> list[Problem]:
    if start < line.start:
        wrong = f"The line starts on {uk_date(line.start)}."
        return [Problem(Code.OUTSIDE_LINE, wrong, "Choose that day or a later one.", "start")]
    if line.end and start > line.end:
        wrong = f"The line ends on {uk_date(line.end)}."
        return [Problem(Code.OUTSIDE_LINE, wrong, "Choose that day or an earlier one.", "start")]
    return []


def why_no_rate(line: LineItem, start: date, rate: Decimal) -> list[Problem]:
    """Return why a line cannot cost `rate` pounds per unit from a day on, nothing where it can."""
    found = _why_outside(line, start)
    if rate < 0:
        found.append(Problem(Code.NEGATIVE, "A rate is not below zero.", field="rate"))
    if line.rate_on(start) == rate:
        same = f"The rate on {uk_date(start)} is {short_rate(rate)} already."
        found.append(Problem(Code.SAME_AS_BEFORE, same, field="rate"))
    return found


def why_no_plan(line: LineItem, version: PlanVersion) -> list[Problem]:
    """Return why a line cannot have a plan from its day on, nothing where it can."""
    found = _why_outside(line, version.start)
    if line.plan_kind is PlanKind.WEEKLY and version.weekly <= 0:
        found.append(Problem(Code.NOTHING_PLANNED, "A plan of nothing is no plan.", "End the line instead.", "weekly"))
    if line.plan_kind is PlanKind.TIMETABLED:
        if not any(version.days):
            found.append(Problem(Code.NOTHING_PLANNED, "A plan of nothing is no plan.", "End the line instead.", "mon"))
        for name, units in zip(DAYS, version.days, strict=True):
            if units < 0:
                found.append(Problem(Code.NEGATIVE, "A plan is not below zero.", field=name))
            if line.unit is Unit.HOUR and units > MOST_HOURS:
                found.append(Problem(Code.OVER_24_HOURS, "A day has 24 hours.", "Enter 24 or less.", name))
    week = monday_of(version.start) + 7 * DAY
    if not found and with_plan(line.plan, version) == line.plan:
        same = f"This is the plan already on {uk_date(version.start)}, {plan_of_week(line.plan, week):.2f} a week."
        found.append(Problem(Code.SAME_AS_BEFORE, same, field="start"))
    return found


def why_no_end(line: LineItem, last: date | None) -> list[Problem]:
    """Return why a line cannot have a last day (or none), nothing where it can."""
    if last == line.end:
        same = f"The line ends on {uk_date(last)} already." if last else "The line has no end date already."
        return [Problem(Code.SAME_AS_BEFORE, same, field="end")]
    if last and last < line.start:
        wrong = f"The line starts on {uk_date(line.start)}."
        return [Problem(Code.DATES_REVERSED, wrong, "Choose that day or a later one.", "end")]
    days = care_after(line.id, last) if last else []
    if days:
        wrong = f"Care is recorded after that day: {name_days(days[:10])}."
        return [
            Problem(Code.CARE_RECORDED, wrong, "Choose a later day, or have the provider correct those weeks.", "end")
        ]
    return []
