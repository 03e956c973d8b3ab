"""What the council owes for paying late: the Late Payment of Commercial Debts (Interest) Act 1998.

Simple interest at 8% a year over the base rate, from the day after the debt was due, and a fixed sum by its size.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from rules.money import round2
from rules.period import DAY

OVER_BASE: Final = Decimal(8)
DAYS_OF_YEAR: Final = 365
# The fixed sum of a debt of less than so much, in pounds; of any larger one the last.
FIXED_SUMS: Final = ((Decimal(1_000), Decimal(40)), (Decimal(10_000), Decimal(70)))
LARGEST_FIXED_SUM: Final = Decimal(100)
# The portal came with the base rates that were published until then (rules.policy).
PUBLISHED_UNTIL: Final = date(2025, 12, 31)


@dataclass(frozen=True)
class LatePayment:
    """What is owed beside a debt that is late by so many days: `interest` and `fixed_sum` in pounds.

    `percent` a year is 8 over `base_rate`, which was in force on `base_rate_on`; `assumed` where nobody said so.
    """

    days: int
    percent: Decimal
    base_rate: Decimal
    base_rate_on: date
    interest: Decimal
    fixed_sum: Decimal
    assumed: bool = False

    @property
    def total(self) -> Decimal:
        """Interest and fixed sum together, in pounds."""
        return self.interest + self.fixed_sum


def base_rate_day(first_day: date) -> date:
    """Return the 30 June or 31 December whose base rate counts for a debt that bears interest from a day on.

    It is the last one before that day, and stays however long the debt is unpaid.
    """
    return date(first_day.year, 6, 30) if first_day.month > 6 else date(first_day.year - 1, 12, 31)


def base_rate_missing(on: date, given: Collection[date]) -> date | None:
    """Return the 30 June or 31 December whose base rate counts on a day and that nobody has entered, if there is one.

    `given` are the days from which staff gave a value. One from that very day says that somebody looked, also where the
    rate had not changed; one from another day does not say what it was on that one.
    """
    counts = base_rate_day(on)
    return None if counts <= PUBLISHED_UNTIL or counts in given else counts


def fixed_sum(debt: Decimal) -> Decimal:
    """Return the fixed sum for a late debt in pounds: £40, from £1,000 on £70, from £10,000 on £100."""
    return next((sum_ for below, sum_ in FIXED_SUMS if debt < below), LARGEST_FIXED_SUM)


def late_payment(
    debt: Decimal, due_by: date, until: date, base_rate: Decimal, *, assumed: bool = False
) -> LatePayment | None:
    """Return what is owed for a debt in pounds, due by a day, that is paid on `until` or still unpaid on it.

    `base_rate` is that of `base_rate_day(due_by + 1 day)`, in per cent, `assumed` where nobody has entered that day's.
    Nothing where none is owed or it is not late.
    """
    days = (until - due_by).days
    if days <= 0 or debt <= 0:
        return None
    percent = OVER_BASE + base_rate
    interest = round2(debt * percent * days / (100 * DAYS_OF_YEAR))
    return LatePayment(days, percent, base_rate, base_rate_day(due_by + DAY), interest, fixed_sum(debt), assumed)
