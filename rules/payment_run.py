"""What a payment run pays each organisation, and the control totals that must agree before release (rules.md 10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, pounds


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
