"""What a week of care costs: one line, one week, one rate version make one priced segment (rules.md 6)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.period import uk_date
from rules.plan import LAST_DAY, LinePlan, SevenDays, active_days
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import PlanKind

_DAYS_AFTER = tuple(timedelta(days=index) for index in range(7))


class RateVersion(NamedTuple):
    """Pounds per unit, four places, from `start` to `end`, both inclusive, open where `end` is None."""

    rate: Decimal
    start: date
    end: date | None


class Segment(NamedTuple):
    """Units priced at one rate: `amount` is `round2(units × rate)`, `days` are those the units belong to."""

    rate: Decimal
    units: Decimal
    amount: Decimal
    days: tuple[date, ...]


class NoRate(Exception):
    """A day has units to pay but no rate. Carries the `day` and the `problem` for whoever has to put it right."""

    def __init__(self, day: date) -> None:
        remedy = "Service Brokerage has to add one before it can be paid."
        self.problem = Problem(Code.NO_RATE, f"There is no rate for {uk_date(day)}.", remedy)
        self.day = day
        super().__init__(self.problem.message)


class DoesNotAddUp(ValueError):
    """Payable units are below zero, or more than the days of the week and its aborted visits hold."""


def rate_on(rates: Iterable[RateVersion], day: date) -> RateVersion:
    """Return the rate version that is valid on a day. Raises NoRate where none is."""
    for version in rates:
        if version.start <= day and (version.end is None or day <= version.end):
            return version
    raise NoRate(day)


def rate_throughout(rates: Iterable[RateVersion], first: date, last: date) -> RateVersion | None:
    """Return the one rate that is in force on every day from `first` to `last`, nothing where it changes or lacks."""
    for version in rates:
        if version.start <= first and (version.end is None or version.end >= last):
            return version
    return None


def price_week(
    line: LinePlan,
    monday: date,
    payable: Decimal,
    delivered_days: SevenDays,
    rates: Sequence[RateVersion],
    aborted_payable_by_day: Mapping[date, Decimal] | None = None,
) -> list[Segment]:
    """Return the priced segments of a line's week, in order of their days; their units always add up to `payable`.

    `payable` is what is paid for after any decision; `delivered_days` are the units of Monday to Sunday and
    `aborted_payable_by_day` the payable part of aborted visits. Where `payable` is less than the two together, a
    decision capped it and the last days lose units first. On a weekly plan only `payable` counts. Nothing payable
    gives no segment. Raises NoRate for a day without a rate, DoesNotAddUp where `payable` is below 0 or above what
    the days hold.
    """
    if payable < 0:
        raise DoesNotAddUp(f"payable units below zero: {payable}")
    if payable == 0:
        return []
    if line.kind is PlanKind.WEEKLY:
        days = active_days(line, monday) or [monday]
        return [_segment(rate_on(rates, days[0]), payable, days)]
    shares = _units_by_day(monday, payable, delivered_days, aborted_payable_by_day or {})
    if throughout := rate_throughout(rates, shares[0][0], shares[-1][0]):
        return [_segment(throughout, payable, (day for day, _ in shares))]
    units = dict(shares)
    by_version: dict[RateVersion, list[date]] = {}
    for day in units:
        by_version.setdefault(rate_on(rates, day), []).append(day)
    return [_segment(version, sum((units[day] for day in days), NOTHING), days) for version, days in by_version.items()]


def amount_at_one_rate(
    line: LinePlan, monday: date, payable: Decimal, delivered_days: SevenDays, rates: Iterable[RateVersion]
) -> Decimal | None:
    """Return the pounds of a week whose seven days have one rate: whichever of them its units belong to.

    None where `price_week` has to look at its days: where the rate changes or lacks, or `payable` is not what was
    delivered. Not for a week with aborted visits.
    """
    rate = rate_throughout(rates, monday, monday + LAST_DAY) if payable > 0 else None
    if rate is None or (line.kind is PlanKind.TIMETABLED and payable != sum(delivered_days)):
        return None
    return round2(payable * rate.rate)


def amount_of(segments: Iterable[Segment]) -> Decimal:
    """Return the pounds of a week: the sum of its segments, each already rounded, never rounded again."""
    return sum((segment.amount for segment in segments), NOTHING)


def _segment(version: RateVersion, units: Decimal, days: Iterable[date]) -> Segment:
    return Segment(version.rate, units, round2(units * version.rate), tuple(days))


def _units_by_day(
    monday: date, payable: Decimal, delivered_days: SevenDays, aborted: Mapping[date, Decimal]
) -> list[tuple[date, Decimal]]:
    """Give each day its units, from Monday on until `payable` is used up, so that a cap takes from the last days."""
    if not aborted and payable == sum(delivered_days):
        # Nearly every week; the check of a workbook of 10,000 of them takes 5% less.
        return [(monday + after, units) for after, units in zip(_DAYS_AFTER, delivered_days, strict=True) if units > 0]
    left = payable
    shares = []
    for index, delivered in enumerate(delivered_days):
        day = monday + timedelta(days=index)
        share = min(left, delivered + aborted.get(day, NOTHING))
        if share > 0:
            shares.append((day, share))
            left -= share
    if left > 0:
        raise DoesNotAddUp(f"{left} payable units of the week of {monday} belong to no day")
    return shares
