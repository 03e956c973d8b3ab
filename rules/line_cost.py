"""What a line costs in a whole week of its plan: gross, and what is left once the person has paid their part."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.states import PaymentBasis


class WeeklyCost(NamedTuple):
    """Pounds a week: `gross` by plan and rate, `contribution` and `top_up` that are deducted, `net` the rest."""

    gross: Decimal
    contribution: Decimal
    top_up: Decimal
    net: Decimal


NO_COST = WeeklyCost(NOTHING, NOTHING, NOTHING, NOTHING)


def weekly_cost(
    units: Decimal, rate: Decimal | None, basis: PaymentBasis, contribution: Decimal, top_up: Decimal
) -> WeeklyCost | None:
    """Return what a whole week costs at a plan and a rate; deducted is only where the line is paid net (rules.md 9).

    Nothing where there is no rate.
    """
    if rate is None:
        return None
    gross = round2(units * rate)
    if basis is PaymentBasis.GROSS:
        return WeeklyCost(gross, NOTHING, NOTHING, gross)
    return WeeklyCost(gross, contribution, top_up, gross - contribution - top_up)


def sum_of(costs: Iterable[WeeklyCost | None]) -> WeeklyCost:
    """Return the sum of each part; a line without a rate adds nothing."""
    known = [cost for cost in costs if cost is not None]
    return WeeklyCost(*(sum(part, NOTHING) for part in zip(*known, strict=True))) if known else NO_COST
