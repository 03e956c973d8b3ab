"""Why a line cannot be changed as somebody wants it: its rate, its plan, its last day."""

from datetime import date
from decimal import Decimal

from models import DAYS, ContractDocument, LineItem
from rules.absence_refusal import name_days
from rules.agreement_states import DocumentState
from rules.money import pounds, short_rate
from rules.period import DAY, monday_of, uk_date
from rules.plan import PlanVersion, plan_of_week, version_on
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.scheduled import Deductions, deducted_on
from rules.states import PaymentBasis, PaymentMethod, PlanKind, Unit
from workflows.weeks.replan import care_after

MOST_HOURS = Decimal(24)
MOST_UNITS = Decimal(9999)
MOST_RATE = Decimal(99999)


def refuse(*problems: list[Problem]) -> None:
    """Raise Refused with every problem, where there is one. Whoever wrote something before has to roll back."""
    found = [problem for each in problems for problem in each]
    if found:
        raise Refused(*found)


def why_no_reason(reason: str) -> list[Problem]:
    """Return that a change needs a reason, where it has none."""
    return [] if reason.strip() else [Problem(Code.REASON_NEEDED, "Say why it changes.", field="reason")]


def why_no_change(document: ContractDocument, reason: str) -> list[Problem]:
    """Return why nothing of a document and its lines can be changed, nothing where it can."""
    found = why_no_reason(reason)
    if document.state is DocumentState.WITHDRAWN:
        found.append(Problem(Code.WRONG_STATE, f"{document} was withdrawn, so its lines stay as they are."))
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
    found = _why_outside(line, start) + why_no_price(rate)
    if line.rate_on(start) == rate:
        same = f"The rate on {uk_date(start)} is {short_rate(rate)} already."
        found.append(Problem(Code.SAME_AS_BEFORE, same, field="rate"))
    return found


def why_no_price(rate: Decimal) -> list[Problem]:
    """Return why a figure is no price per unit, nothing where it is: up to four places, not below zero."""
    return _why_no_figure(rate, 4, MOST_RATE, "rate", "A rate")


def why_no_deduction(line: LineItem, wanted: Deductions) -> list[Problem]:
    """Return why these pounds a week cannot be deducted of a line from a day on, nothing where they can."""
    if is_paid_in_full(line.payment_method, line.payment_basis):
        return [Problem(Code.WRONG_STATE, f"Line {line} is paid in full, so nothing is deducted from its payments.")]
    found = _why_outside(line, wanted.start) + why_no_amounts(wanted)
    before = deducted_on(line.deducted, wanted.start)
    if not found and before and before._replace(start=wanted.start) == wanted:
        parts = f"{pounds(wanted.contribution)} and {pounds(wanted.top_up)} a week"
        same = f"{parts} are deducted on {uk_date(wanted.start)} already."
        found.append(Problem(Code.SAME_AS_BEFORE, same, field="contribution"))
    return found


def is_paid_in_full(method: PaymentMethod, basis: PaymentBasis) -> bool:
    """Say whether nothing is ever deducted from what a line is paid."""
    return method is not PaymentMethod.SCHEDULED or basis is PaymentBasis.GROSS


def why_no_amounts(wanted: Deductions) -> list[Problem]:
    """Return why figures are no pounds a week to deduct, nothing where they are."""
    found = _why_no_figure(wanted.contribution, 2, MOST_RATE, "contribution", "A contribution")
    return found + _why_no_figure(wanted.top_up, 2, MOST_RATE, "top_up", "A top-up")


def why_no_plan(line: LineItem, version: PlanVersion) -> list[Problem]:
    """Return why a line cannot have a plan from its day on, nothing where it can."""
    found = _why_outside(line, version.start) + why_no_units(line.plan_kind, line.unit, version)
    week, before = monday_of(version.start) + 7 * DAY, version_on(line.plan, version.start)
    if not found and version._replace(start=before.start) == before:
        same = f"This is the plan already on {uk_date(version.start)}, {plan_of_week(line.plan, week):.2f} a week."
        found.append(Problem(Code.SAME_AS_BEFORE, same, field="start"))
    return found


def why_no_units(kind: PlanKind, unit: Unit, version: PlanVersion) -> list[Problem]:
    """Return why figures are no plan of a kind, nothing where they are: two places, something, and no day over 24 h."""
    if kind is PlanKind.WEEKLY:
        problems = _why_no_figure(version.weekly, 2, MOST_UNITS, "weekly", "A plan")
        return problems or ([] if version.weekly else [_nothing("weekly")])
    found = []
    for name, units in zip(DAYS, version.days, strict=True):
        wrong = _why_no_figure(units, 2, MOST_UNITS, name, "A plan")
        found += wrong
        if not wrong and unit is Unit.HOUR and units > MOST_HOURS:
            found.append(Problem(Code.OVER_24_HOURS, "A day has 24 hours.", "Enter 24 or less.", name))
    return found or ([] if any(version.days) else [_nothing("mon")])


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
        more = f" and {len(days) - 10} more" if len(days) > 10 else ""
        wrong = f"Care is recorded or an absence claimed after that day: {name_days(days[:10])}{more}."
        return [
            Problem(Code.CARE_RECORDED, wrong, "Choose a later day, or have the provider correct those weeks.", "end")
        ]
    return []


def _nothing(field: str) -> Problem:
    remedy = "Enter what is planned, or end the line."
    return Problem(Code.NOTHING_PLANNED, "A plan of nothing is no plan.", remedy, field)


def _why_no_figure(figure: Decimal, places: int, most: Decimal, field: str, what: str) -> list[Problem]:
    if not figure.is_finite():
        return [Problem(Code.NOT_A_NUMBER, f"{what} is a number.", field=field)]
    if figure < 0:
        return [Problem(Code.NEGATIVE, f"{what} is not below zero.", field=field)]
    if figure > most:
        return [Problem(Code.OUT_OF_RANGE, f"{what} is at most {most:,}.", field=field)]
    if round(figure, places) != figure:
        return [Problem(Code.OUT_OF_RANGE, f"{what} has at most {places} places.", field=field)]
    return []
