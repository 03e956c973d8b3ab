"""What a payment run pays each organisation, and the control totals that must agree before release (rules.md 10)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, pounds
from rules.period import NotADate, read_date, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from rules.words import counted
from rules.working_days import add_working_days, next_working_day, why_not_working, working_days


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
    return f"{counted(totals.count, 'payment')} of {pounds(Decimal(totals.pence) / 100)}"


def check_pay_date(typed: str, today: date, bank_days: int, closures: Collection[date]) -> date:
    """Read the pay date of a run: a working day, at least `bank_days` working days after today's release.

    Raises Refused, field `pay_date`, which names the first day that can be.
    """
    try:
        day = read_date(typed)
    except NotADate as error:
        raise Refused(error.problem.at("pay_date")) from None
    first = add_working_days(today, bank_days, closures)
    if day < today:
        remedy = f"Enter {uk_date(first)} or a later day."
        raise Refused(Problem(Code.PAST_DATE, f"{uk_date(day)} is in the past.", remedy, "pay_date"))
    if reason := why_not_working(day, closures):
        possible = max(first, next_working_day(day, closures))
        wrong = f"{uk_date(day)} is not a working day ({reason})."
        remedy = f"The next possible pay date is {uk_date(possible)}."
        raise Refused(Problem(Code.NOT_A_WORKING_DAY, wrong, remedy, "pay_date"))
    if too_early := why_too_early(day, today, bank_days, closures):
        raise Refused(too_early.at("pay_date"))
    return day


def settles_on(pay_date: date, closures: Collection[date]) -> date:
    """Return the day on which a released run is settled by itself: the first working day after its pay date."""
    return add_working_days(pay_date, 1, closures)


def why_too_early(pay_date: date, today: date, bank_days: int, closures: Collection[date]) -> Problem | None:
    """Return why a run that is released today cannot pay on a date, with the first that it can; None where it can."""
    first = add_working_days(today, bank_days, closures)
    if pay_date >= first:
        return None
    wrong = f"{uk_date(pay_date)} is too early: from release to pay day the bank needs {working_days(bank_days)}."
    return Problem(Code.TOO_EARLY, wrong, f"The first possible pay date is {uk_date(first)}.")
