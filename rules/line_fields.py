"""What is typed of a line item, judged the same on a page, in a file and on a generated form (rules.md 2).

Whoever reads text turns it into `LineFields` first; what could not be read, or was left empty, is None there.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.number import figure_problem
from rules.period import DAY_NAMES, uk_date
from rules.plan import refuse_duration, step_of
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PaymentMethod, PlanKind, Unit
from rules.text import reference_problem
from rules.unusual import Unusual

DAY_FIELDS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_A_DAY = Decimal(24)
SPANS = {1: "A day", 7: "A week"}  # what a quantity is for, by its days
MOST_UNITS = Decimal(9999)
DAYS_A_WEEK = 7
MOST_POUNDS = Decimal(99999)
FIRST_YEAR, LAST_YEAR = 2000, 2100
YEARS_AHEAD = 2


class LineFields(NamedTuple):
    """What was typed of a line, read: units in its unit, pounds per unit and pounds a week, dates inclusive.

    `start` and `end` are of the line, `rate_from` is the first day of `rate`. The fields of problems have these names,
    and for the days those of `DAY_FIELDS`.
    """

    reference: str
    unit: Unit | None
    plan_kind: PlanKind | None
    days: tuple[Decimal | None, ...]
    weekly_quantity: Decimal | None
    rate: Decimal | None
    rate_from: date | None
    start: date | None
    end: date | None
    payment_method: PaymentMethod | None = PaymentMethod.ACTUALS
    contribution: Decimal | None = None
    top_up: Decimal | None = None


def problems_of_line(line: LineFields, today: date) -> list[Problem]:
    """Return everything that keeps a line from being kept as it was typed, nothing where nothing does.

    What is missing altogether is not judged here but for the plan: forms and files each say it in their own words.
    """
    found = problems_of_plan(line.unit, line.plan_kind, line.days, line.weekly_quantity)
    found += _of_dates(line, today)
    if line.reference and (problem := reference_problem(line.reference, "The CPLI")):
        found.append(problem.at("reference"))
    for field, amount, places in (
        ("rate", line.rate, 4),
        ("contribution", line.contribution, 2),
        ("top_up", line.top_up, 2),
    ):
        if amount is not None and (problem := figure_problem(amount, places, MOST_POUNDS)):
            found.append(problem.at(field))
    if line.unit is Unit.WEEK and line.payment_method is PaymentMethod.ACTUALS:
        wrong = "A line by the week is paid without an invoice."
        remedy = "Choose another unit, or payment every four weeks."
        found.append(Problem(Code.NO_ACTUALS, wrong, remedy, "payment_method"))
    return found


def problems_of_plan(
    unit: Unit | None, kind: PlanKind | None, days: Iterable[Decimal | None], weekly: Decimal | None
) -> list[Problem]:
    """Return why a plan cannot be kept: below nothing, more than a day or a week has, nothing at all, or of two kinds.

    `days` are Monday to Sunday, `weekly` the week's quantity; None is a field left empty.
    """
    by_day = list(zip(DAY_FIELDS, days, strict=True))
    if kind is PlanKind.WEEKLY:
        filled = next((field for field, units in by_day if units), "")
        found = [Problem(Code.ONE_OF_TWO, "A plan by week has no days.", "Empty Monday to Sunday.", filled)]
        found = found if filled else []
        return found + _of_quantities([("weekly_quantity", weekly)], unit, 7)
    found = _of_quantities(by_day, unit, 1)
    if weekly:
        wrong = "A plan by day has no quantity a week."
        found.append(Problem(Code.ONE_OF_TWO, wrong, "Empty it, or plan by week.", "weekly_quantity"))
    return found


def _of_quantities(given: list[tuple[str, Decimal | None]], unit: Unit | None, days: int) -> list[Problem]:
    if not any(units for _, units in given):
        nothing = Problem(Code.NOTHING_PLANNED, "Nothing is planned.", "Enter the units that are wanted.", given[0][0])
        return [nothing]
    most = HOURS_A_DAY * days if unit is Unit.HOUR else MOST_UNITS
    found = []
    for field, units in given:
        problem = figure_problem(units, 2, most) if units is not None else None
        problem = (refuse_duration(units, unit) if units is not None and unit else None) or problem
        if problem and problem.code is Code.OUT_OF_RANGE and unit is Unit.HOUR:
            has = f"{SPANS[days]} has {most} hours."
            problem = Problem(Code.OVER_24_HOURS, has, f"Enter {most} or less.")
        found += [problem.at(field)] if problem else []
    return found


def _of_dates(line: LineFields, today: date) -> list[Problem]:
    found = []
    for field, day in (("start", line.start), ("rate_from", line.rate_from)):
        if day and not (day.year >= FIRST_YEAR and day <= _years_after(today)):
            latest = uk_date(_years_after(today))
            remedy = f"Check the year: it is 1 January {FIRST_YEAR} to {latest}."
            found.append(Problem(Code.OUT_OF_RANGE, "This date is too far away.", remedy, field))
    if line.end and line.end.year > LAST_YEAR:
        found.append(Problem(Code.OUT_OF_RANGE, "This date is too far away.", "Check the year.", "end"))
    if line.start and line.end and line.end < line.start:
        remedy = f"Enter {uk_date(line.start)} or a later day, or leave it empty."
        found.append(Problem(Code.DATES_REVERSED, "The line ends before it starts.", remedy, "end"))
    elif line.rate_from and line.end and line.rate_from > line.end:
        remedy = f"Enter {uk_date(line.end)} or an earlier day."
        found.append(Problem(Code.DATES_REVERSED, "This rate begins after the end of the line.", remedy, "rate_from"))
    return found


def _years_after(today: date) -> date:
    first = today.replace(day=1) if (today.month, today.day) == (2, 29) else today
    return first.replace(year=today.year + YEARS_AHEAD)


def units_a_week(line: LineFields) -> Decimal | None:
    """Return the units that a line plans a week, None where that cannot be read yet, or is more than any line has."""
    if line.plan_kind is PlanKind.WEEKLY:
        units = line.weekly_quantity
    else:
        units = sum((units for units in line.days if units), NOTHING) if any(line.days) else None
    return units if units is not None and abs(units) <= MOST_UNITS * DAYS_A_WEEK else None


def cost_a_week(line: LineFields) -> Decimal | None:
    """Return the pounds a week that a line costs at its first rate, None where that cannot be read yet."""
    units = units_a_week(line)
    # What is refused at its field is too long to be multiplied to the penny.
    return None if units is None or line.rate is None or abs(line.rate) > MOST_POUNDS else round2(units * line.rate)


def off_step(
    reference: str, unit: Unit, kind: PlanKind, days: Iterable[Decimal | None], hour_step: Decimal
) -> list[Unusual]:
    """Return the question about a plan by day that is off the step in which its provider enters units.

    It is asked, not refused: a call of 20 minutes is 0.33 hours, and what equals the plan can always be confirmed.
    """
    if kind is PlanKind.WEEKLY or unit is Unit.WEEK:
        return []
    step = step_of(unit, hour_step)
    odd = [f"{name} {units:.2f}" for name, units in zip(DAY_NAMES, days, strict=True) if units and units % step]
    if not odd:
        return []
    steps = f"steps of {step.normalize():f}" if step % 1 else "whole numbers"
    return [Unusual(f"step {reference}", f"Line {reference}: {', '.join(odd)}: providers enter {steps}. Is it meant?")]
