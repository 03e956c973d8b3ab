"""What a second officer has to look at before it goes live: figures far from those before, with both (rules.md 14)."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.money import short_rate
from rules.period import uk_date


class Unusual(NamedTuple):
    """One thing to look at and tick: `code` is what the tick is called, the sentence has both figures."""

    code: str
    sentence: str


class Limits(NamedTuple):
    """From where on a value is unusual (policy settings): per cent, a factor, days back, per cent."""

    rate_percent: Decimal
    plan_factor: Decimal
    days_back: int
    exception_percent: Decimal


def unusual_rates(
    line: str, rate: Decimal, last: Decimal | None, median: Decimal | None, limits: Limits
) -> list[Unusual]:
    """Return what is unusual about a new rate, in pounds per unit: far from the last, or from its element's median."""
    found = []
    for name, other, of in (
        ("rate-last", last, "the line's last rate"),
        ("rate-median", median, "the median rate of its element"),
    ):
        if other and abs(rate - other) * 100 > limits.rate_percent * other:
            away = (rate - other) * 100 / other
            direction = "above" if away > 0 else "below"
            sentence = (
                f"Line {line}: {short_rate(rate)} is {abs(away):.0f}% {direction} {of}, which is {short_rate(other)}."
            )
            found.append(Unusual(f"{name} {line}", sentence))
    return found


def unusual_plan(line: str, units: Decimal, last: Decimal, limits: Limits) -> list[Unusual]:
    """Return what is unusual about a line's new plan, in units a week beside those of its last."""
    if not last or units <= last * limits.plan_factor:
        return []
    times = f"{limits.plan_factor.normalize():f}"
    return [
        Unusual(f"plan {line}", f"Line {line}: {units:.2f} a week is more than {times} times the {last:.2f} of before.")
    ]


def unusual_start(line: str, start: date, today: date, limits: Limits) -> list[Unusual]:
    """Return what is unusual about the day from which something holds: far back."""
    days = (today - start).days
    if days <= limits.days_back:
        return []
    return [
        Unusual(f"start {line}", f"Line {line}: {uk_date(start)} is {days} days back, more than {limits.days_back}.")
    ]
