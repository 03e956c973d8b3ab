"""An unplanned absence claim: which of its days are paid, at what percentage, and what keeps a day out (rules.md 7)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.period import DAY, monday_of
from rules.plan import LinePlan, active_days, quantity_on
from rules.policy import AbsenceTier
from rules.price import NoRate, RateVersion, rate_on
from rules.states import PlanKind
from rules.words import plural

HUNDRED = Decimal(100)
# The places to which units are kept: sevenths of a week are not rounded before they are multiplied.
FINE = Decimal("0.000001")


class Tiers(NamedTuple):
    """The absence tiers that apply on a day, and how pages name the rule: "AB-1 of 1 April 2026"."""

    tiers: Sequence[AbsenceTier]
    rule: str


class ClaimDay(NamedTuple):
    """One day of an absence: `number` counts from its first day, in whichever claim that is; `quantity` is what
    the plan has for it.

    On a timetabled line `quantity` is the day's units and `share` is 1; on a weekly one the week's units, of which the
    day has one of seven (`share` 7), so that nothing is rounded before the week is added up. `version` is the rate
    of the day, None where there is none.
    """

    day: date
    number: int
    percent: Decimal
    quantity: Decimal
    share: int
    version: RateVersion | None
    rule: str

    @property
    def rate(self) -> Decimal | None:
        """Pounds per unit, None where no rate covers the day."""
        return self.version.rate if self.version else None

    @property
    def planned(self) -> Decimal:
        """The units planned on the day, unrounded."""
        return self.quantity / self.share

    @property
    def units(self) -> Decimal:
        """The claimed units of the day: the plan at the day's percentage, unrounded."""
        return self.quantity * self.percent / (HUNDRED * self.share)


class ClaimSegment(NamedTuple):
    """The days of one week at one rate: `net` is `round2(units × rate)` in pounds, `units` are unrounded."""

    monday: date
    rate: Decimal
    days: tuple[ClaimDay, ...]
    units: Decimal
    net: Decimal

    @property
    def explained(self) -> str:
        """How the units came about: "days 1 to 4 at 100%"."""
        return tiers_in_words(self.days)

    @property
    def rule(self) -> str:
        """The rules that gave the percentages, each once."""
        return ", ".join(dict.fromkeys(day.rule for day in self.days))


def percent_on(number: int, tiers: Sequence[AbsenceTier]) -> Decimal:
    """Return the per cent paid on day `number` of an absence (the first is 1): that of the last tier begun by then."""
    return next((tier.percent for tier in reversed(tiers) if tier.from_day <= number), NOTHING)


class ClaimedAbsence(NamedTuple):
    """First and last day of a claim of a line, both inclusive, and when it was sent and decided; None: not yet."""

    first: date
    last: date
    sent_at: datetime | None
    decided_at: datetime | None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def days_before(claim: ClaimedAbsence, others: Iterable[ClaimedAbsence]) -> int:
    """Return how many days of the same absence were counted before those of a claim (rules.md 7).

    `others` are the other sent claims of the line; no two overlap. Days count in their order; but what was decided
    before the days beside it were sent was counted without them, so theirs go on from it.
    """
    absence = [claim]
    left = sorted(others)
    while beside := [each for each in left if any(_adjoin(each, known) for known in absence)]:
        absence += beside
        left = [each for each in left if each not in beside]
    return sum(each.days for each in absence[1:] if _counts_before(each, claim))


def _adjoin(one: ClaimedAbsence, other: ClaimedAbsence) -> bool:
    return one.last + DAY == other.first or other.last + DAY == one.first


def _counts_before(other: ClaimedAbsence, claim: ClaimedAbsence) -> bool:
    if _decided_without(claim, other):
        return False
    return other.first < claim.first or _decided_without(other, claim)


def _decided_without(one: ClaimedAbsence, other: ClaimedAbsence) -> bool:
    """Say whether a claim was decided before another was sent."""
    return one.decided_at is not None and (other.sent_at is None or one.decided_at < other.sent_at)


def days_of_claim(
    line: LinePlan,
    rates: Sequence[RateVersion],
    days: tuple[date, date],
    tiers_on: Callable[[date], Tiers],
    before: int = 0,
) -> list[ClaimDay]:
    """Return every day of a claim in order, the first and the last of `days` among them; none is planned off the line.

    `tiers_on` answers with the tiers in force on a day: a setting may change in the middle of an absence. `before` are
    the days of the same absence that other claims have before these.
    """
    first, last = days
    found = []
    for offset in range((last - first).days + 1):
        day = first + offset * DAY
        tiers = tiers_on(day)
        weekly = line.kind is PlanKind.WEEKLY
        quantity = quantity_on(line, day)
        number = before + offset + 1
        percent = percent_on(number, tiers.tiers)
        found.append(
            ClaimDay(day, number, percent, quantity, 7 if weekly else 1, _version(line, rates, day), tiers.rule)
        )
    return found


def price_claim(days: Iterable[ClaimDay]) -> list[ClaimSegment]:
    """Return the priced segments of a claim, one for each week and rate with something to pay, in order.

    Raises NoRate for a day that has units but no rate.
    """
    found = []
    paid = [day for day in days if day.quantity and day.percent]
    for (monday, version), group in groupby(paid, key=lambda each: (monday_of(each.day), each.version)):
        members = tuple(group)
        if version is None:
            raise NoRate(members[0].day)
        # Divided once, at the end: a sum of rounded sevenths could miss half a penny.
        weighted, whole = sum((day.quantity * day.percent for day in members), NOTHING), HUNDRED * members[0].share
        net = round2(weighted * version.rate / whole)
        found.append(ClaimSegment(monday, version.rate, members, weighted / whole, net))
    return found


def net_of(segments: Iterable[ClaimSegment]) -> Decimal:
    """Return the pounds of a claim: the sum of its segments, each already rounded, never rounded again."""
    return sum((segment.net for segment in segments), NOTHING)


def units_of(segments: Iterable[ClaimSegment]) -> Decimal:
    """Return the claimed units of all segments, unrounded."""
    return sum((segment.units for segment in segments), NOTHING)


def tiers_in_words(days: Sequence[ClaimDay]) -> str:
    """Return at what percentage days are paid: "days 5 to 7 at 100%, days 8 to 11 at 80%"."""
    parts = []
    for percent, group in groupby(days, key=lambda day: day.percent):
        numbers = [day.number for day in group]
        words = plural(len(numbers), f"day {numbers[0]}", f"days {numbers[0]} to {numbers[-1]}")
        parts.append(f"{words} at {whole_percent(percent)}%")
    return ", ".join(parts)


def _version(line: LinePlan, rates: Sequence[RateVersion], day: date) -> RateVersion | None:
    if line.kind is PlanKind.WEEKLY:
        # rules.md 2: the rate of the week is the rate on its first active day.
        day = next(iter(active_days(line, monday_of(day))), day)
    try:
        return rate_on(rates, day)
    except NoRate:
        return None


def whole_percent(percent: Decimal) -> str:
    """Write a share without needless places: "100", "12.5"."""
    return f"{percent.normalize():f}"
