"""What a line item commissions, field by field: its plan, dates and payment, and when a document can be published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rules.period import DAY_NAMES, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PaymentMethod, PlanKind, Unit

MOST_HOURS_A_DAY: Final = Decimal(24)
MOST_HOURS_A_WEEK: Final = 7 * MOST_HOURS_A_DAY
# Care that began earlier is in no system that a council still has; a year of two digits may have been meant.
EARLIEST_START: Final = date(2000, 1, 1)
LATEST_DAY: Final = date(2100, 12, 31)

# The names of the seven quantities, as the database and forms know them.
DAYS: Final = tuple(name.lower() for name in DAY_NAMES)


@dataclass(frozen=True)
class LineFields:
    """A line as it was typed or read, None where a field could not be read; quantities in the line's unit."""

    unit: Unit | None
    plan_kind: PlanKind | None
    days: Mapping[str, Decimal | None]
    weekly_quantity: Decimal | None
    start: date | None
    end: date | None
    payment_method: PaymentMethod | None
    contribution: Decimal | None = None
    top_up: Decimal | None = None


def problems_of_line(line: LineFields) -> list[Problem]:
    """Return everything that is wrong with a line, each at its field (`mon`, `weekly_quantity`, `start` …)."""
    return [*problems_of_plan(line), *problems_of_dates(line.start, line.end), *_problems_of_payment(line)]


def problems_of_plan(line: LineFields) -> list[Problem]:
    """Return what is wrong with a plan: nothing planned, of the other kind, below 0, more hours than there are."""
    quantities = dict(line.days) | {"weekly_quantity": line.weekly_quantity}
    found = [
        Problem(Code.NEGATIVE, "This is below 0.", "Write 0 or more.", name)
        for name, quantity in quantities.items()
        if quantity is not None and quantity < 0
    ]
    if line.plan_kind is PlanKind.WEEKLY:
        found += _problems_of_weekly(line)
    elif line.plan_kind is PlanKind.TIMETABLED:
        found += _problems_of_timetable(line)
    if line.unit is Unit.HOUR:
        found += [
            Problem(Code.OVER_24_HOURS, "A day has 24 hours.", "Write 24 or less.", name)
            for name, hours in line.days.items()
            if hours is not None and hours > MOST_HOURS_A_DAY
        ]
        if line.weekly_quantity is not None and line.weekly_quantity > MOST_HOURS_A_WEEK:
            found.append(Problem(Code.OVER_24_HOURS, "A week has 168 hours.", "Write 168 or less.", "weekly_quantity"))
    return found


def _problems_of_weekly(line: LineFields) -> list[Problem]:
    found = []
    if day := next((name for name, quantity in line.days.items() if quantity), ""):
        found.append(
            Problem(Code.ONE_OF_TWO, "A WEEKLY plan has no days.", "Empty Mon to Sun, or use TIMETABLED.", day)
        )
    if line.weekly_quantity is not None and not line.weekly_quantity:
        wrong = "A WEEKLY plan needs its quantity."
        found.append(Problem(Code.MISSING, wrong, "Write the units a week.", "weekly_quantity"))
    return found


def _problems_of_timetable(line: LineFields) -> list[Problem]:
    found = []
    if line.weekly_quantity:
        wrong = "A TIMETABLED plan has no weekly quantity."
        found.append(Problem(Code.ONE_OF_TWO, wrong, "Empty it, or use WEEKLY.", "weekly_quantity"))
    # A day that could not be read is not nothing: it has its own problem.
    if all(quantity is not None and not quantity for quantity in line.days.values()):
        wrong = "A TIMETABLED plan needs at least one day."
        found.append(Problem(Code.MISSING, wrong, "Write the units of each day.", next(iter(line.days))))
    return found


def problems_of_dates(start: date | None, end: date | None) -> list[Problem]:
    """Return what is wrong with the first and the last day of a line, both inclusive; None where there is none."""
    found = []
    if start and start < EARLIEST_START:
        wrong = f"Care that began before {uk_date(EARLIEST_START)} is not kept here."
        found.append(Problem(Code.OUT_OF_RANGE, wrong, "Check the year.", "start"))
    for day, field in ((start, "start"), (end, "end")):
        if day and day > LATEST_DAY:
            found.append(Problem(Code.OUT_OF_RANGE, "This date is too far away.", "Check the year.", field))
    if start and end and end < start:
        found.append(
            Problem(Code.DATES_REVERSED, "The line ends before it starts.", "Check the start and the end.", "end")
        )
    return found


def _problems_of_payment(line: LineFields) -> list[Problem]:
    found = [
        Problem(Code.NEGATIVE, "This is below £0.00.", "Write £0.00 or more.", name)
        for name, amount in (("contribution", line.contribution), ("top_up", line.top_up))
        if amount is not None and amount < 0
    ]
    if line.unit is Unit.WEEK and line.payment_method is PaymentMethod.ACTUALS:
        wrong = "A line by the week is paid without an invoice."
        found.append(Problem(Code.NO_ACTUALS, wrong, "Use SCHEDULED.", "payment_method"))
    return found


def problems_of_publishing(lines: Sequence[tuple[str, date, Sequence[tuple[date, Decimal]]]]) -> list[Problem]:
    """Return why a document with these lines cannot be published: it has none, or one has no rate from its start.

    A line is its reference, its first day, and its rates: each its first day and the pounds per unit.
    """
    if not lines:
        wrong = "The document has no line items yet."
        return [Problem(Code.NO_LINE_ITEMS, wrong, "Add what it commissions, then publish it.")]
    found = []
    for reference, start, rates in lines:
        first = min((day for day, _ in rates), default=None)
        if first is None:
            found.append(Problem(Code.NO_RATE, f"Line {reference} has no rate.", "Add its price per unit."))
        elif first > start:
            wrong = f"Line {reference} starts on {uk_date(start)}, and its first rate on {uk_date(first)}."
            found.append(Problem(Code.NO_RATE, wrong, "Add the rate from the start of the line."))
    return found
