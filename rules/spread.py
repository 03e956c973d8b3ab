"""A week's total spread over its days like the plan: the sum exact, each day on the step of the unit."""

from collections.abc import Sequence
from decimal import Decimal

from rules.money import NOTHING


def spread_like(plan: Sequence[Decimal], total: Decimal, step: Decimal) -> tuple[Decimal, ...] | None:
    """Return units for each day of `plan` that add up to `total`, in steps of `step`, in proportion to the plan.

    What does not fall on a step goes to the days that lack the most of their share, the earlier first. A total that is
    the plan's own is the plan, though that may be off its step. None where nothing is planned to spread it like, or
    the total is off the step.
    """
    planned = sum(plan, NOTHING)
    if total == planned:
        return tuple(plan)
    if total == 0:
        return (NOTHING,) * len(plan)
    if planned <= 0 or total < 0 or total % step:
        return None
    steps = int(total / step)
    shares = [Decimal(steps) * units / planned for units in plan]
    whole = [int(share) for share in shares]
    lacking = sorted(range(len(plan)), key=lambda index: (whole[index] - shares[index], index))
    for index in lacking[: steps - sum(whole)]:
        whole[index] += 1
    return tuple(count * step for count in whole)
