"""What a payment run pays each organisation, and the control totals that must agree before release (rules.md 10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, pounds
from rules.period import NotADate, read_date, uk_date
from rules.refusal import Problem, Refused


class OrganisationTotal(NamedTuple):
    """Pounds paid now (never below 0.00) and pounds carried forward: 0.00, or below it the next run's recovery."""

    paid: Decimal
    carried_forward: Decimal


@dataclass(frozen=True)
class ControlTotals:
    """How many payments there are and what they add up to in pence."""

    count: int
    pence: int


def total_for_organisation(lines: Iterable[Decimal]) -> OrganisationTotal:
    """Add up an organisation's lines in pounds, VAT included. Below 0.00 nothing is paid and the rest goes forward.

    `carried_forward` keeps its sign, so it can stand as it is on a RECOVERY line of the next run.
    """
    total = sum(lines, NOTHING)
    return OrganisationTotal(NOTHING, total) if total < 0 else OrganisationTotal(total, NOTHING)


def control_totals(payments: Iterable[Decimal]) -> ControlTotals:
    """Count the payments above 0.00 and add them up in pence. Raises ValueError for one that is not whole pence."""
    paid = [payment for payment in payments if payment > 0]
    pence = sum((payment * 100 for payment in paid), Decimal(0))
    if any(payment * 100 % 1 for payment in paid):
        raise ValueError("a payment is not in whole pence")
    return ControlTotals(len(paid), int(pence))


def what_disagrees(totals: Mapping[str, ControlTotals]) -> list[str]:
    """Return a sentence for each place ("Bacs file", "remittances") whose totals differ from the first one's.

    Release stops unless the answer is empty.
    """
    places = iter(totals.items())
    first, expected = next(places, ("", ControlTotals(0, 0)))
    return [
        f"The {place} has {_described(found)}, but the {first} has {_described(expected)}."
        for place, found in places
        if found != expected
    ]


def _described(totals: ControlTotals) -> str:
    noun = "payment" if totals.count == 1 else "payments"
    return f"{totals.count} {noun} of {pounds(Decimal(totals.pence) / 100)}"


def next_working_day(day: date) -> date:
    """Return the first day after this one that is no Saturday or Sunday."""
    return day + timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))


def check_pay_date(typed: str, today: date) -> date:
    """Read the pay date of a run: today or later, on a day banks work. Raises Refused, field `pay_date`."""
    try:
        day = read_date(typed)
    except NotADate as error:
        raise Refused(Problem(str(error), "pay_date")) from None
    if day < today:
        raise Refused(Problem(f"{uk_date(day)} is in the past. Enter today or a later day.", "pay_date"))
    if day.weekday() > 4:
        message = f"{uk_date(day)} is not a working day. Enter a day from Monday to Friday."
        raise Refused(Problem(message, "pay_date"))
    return day
