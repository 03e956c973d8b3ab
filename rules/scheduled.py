"""A scheduled payment: what a line is paid in a week, days, rates and absences in view (rules.md 9).

Everything is counted in exact fractions until the pounds: sevenths of a week and per cents of a day are never rounded
before they are added up and multiplied.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

from rules.absence_claim import Tiers, percent_on, whole_percent
from rules.money import NOTHING
from rules.paid import paid_called
from rules.period import DAY
from rules.plan import LAST_DAY, LinePlan, active_days, quantity_on
from rules.price import RateVersion, rate_on
from rules.states import LineKind, PaymentBasis, PlanKind, ScheduledState, Unit
from rules.words import plural

PLACES = 6
_WHOLE_DAY = Decimal(100)
_A_SEVENTH = Fraction(1, 7)


class Deductions(NamedTuple):
    """Pounds a week that the person and others pay themselves from `start` on, until the next version starts."""

    start: date
    contribution: Decimal
    top_up: Decimal


NOTHING_DEDUCTED = Deductions(date.min, NOTHING, NOTHING)


class Away(NamedTuple):
    """A reported absence from `first` to `last`, both inclusive, None where nobody knows yet; `key` names its row."""

    first: date
    last: date | None
    key: int


class ScheduledLine(NamedTuple):
    """What a scheduled line is paid by: plan, rates, absences in order, and what is deducted; no version: nothing is.

    The first version of `deductions` counts from the line's first day, whatever its own start.
    """

    plan: LinePlan
    rates: Sequence[RateVersion]
    deductions: Sequence[Deductions] = ()
    absences: Sequence[Away] = ()


class ScheduledSegment(NamedTuple):
    """The days of one week at one rate: `amount` is round2(units × rate), the units to six places for who reads them.

    `days` are the active days, `paid` those of them that are paid in full. `contribution` and `top_up` are deducted.
    `absence` is the key of the last absence that lowers it; `explained` says its days, `rule` by which setting.
    """

    version: RateVersion
    days: int
    paid: int
    units: Decimal
    amount: Decimal
    contribution: Decimal
    top_up: Decimal
    absence: int | None
    explained: str
    rule: str

    @property
    def net(self) -> Decimal:
        """What is paid for it, in pounds: below zero where more is deducted than its days bring."""
        return self.amount - self.contribution - self.top_up


class _Day(NamedTuple):
    day: date
    version: RateVersion
    units: Fraction
    percent: Decimal
    number: int
    absence: int | None
    rule: str


def price_scheduled_week(
    line: ScheduledLine, monday: date, tiers_on: Callable[[date], Tiers]
) -> list[ScheduledSegment]:
    """Return what a line is paid for the week that begins on a Monday, one segment for each rate, in order.

    `tiers_on` answers with the tiers of absence in force on a day. Raises NoRate for an active day without a rate.
    """
    days = [_day(line, day, tiers_on) for day in active_days(line.plan, monday)]
    return [_segment(line, list(group)) for _, group in groupby(days, key=lambda each: each.version)]


class WeekPrices:
    """What a line is paid week by week; weeks between which nothing changes are worked out once.

    Of 5,000 lines over two years nearly every week is one of these: 1 in place of 50 µs each.
    """

    def __init__(self, line: ScheduledLine, tiers_on: Callable[[date], Tiers]) -> None:
        self._line, self._tiers_on = line, tiers_on
        away = [(each.first, each.last + DAY if each.last else date.max) for each in line.absences]
        ends = [line.plan.end, *(rate.end for rate in line.rates)]
        starts = [each.start for each in line.plan.versions]
        starts += [each.start for each in line.rates]
        starts += [each.start for each in line.deductions]
        self._changes = sorted(
            {
                *(day for span in away for day in span),
                *(end + DAY for end in ends if end),
                *(line.plan.start, *starts),
            }
        )
        self._away = [(self._after(first), self._after(until)) for first, until in away]
        self._found: dict[int, list[ScheduledSegment]] = {}

    def of(self, monday: date) -> list[ScheduledSegment]:
        """Return the priced segments of the week that begins on a Monday. Raises NoRate."""
        stretch = self._after(monday)
        alike = stretch == self._after(monday + LAST_DAY)
        if not alike or any(first <= stretch < until for first, until in self._away):
            return price_scheduled_week(self._line, monday, self._tiers_on)
        if stretch not in self._found:
            self._found[stretch] = price_scheduled_week(self._line, monday, self._tiers_on)
        return self._found[stretch]

    def _after(self, day: date) -> int:
        """Return how many changes there were up to a day."""
        return bisect_right(self._changes, day)


def day_number(absences: Sequence[Away], day: date) -> tuple[int, int] | None:
    """Return which day of an absence a day is (the first is 1) and the key of its row; None where nobody is away.

    Absences that follow one another are one: the count goes on (rules.md 7).
    """
    begun: date | None = None
    ended: date | None = None
    for each in absences:
        if begun is None or ended is None or each.first != ended + DAY:
            begun = each.first
        ended = each.last
        if each.first <= day and (each.last is None or day <= each.last):
            return (day - begun).days + 1, each.key
    return None


def deductions_of(basis: PaymentBasis, first: Deductions, later: Iterable[Deductions]) -> list[Deductions]:
    """Return what is deducted from payments of a line, oldest first; nothing of one that is paid gross."""
    return [] if basis is PaymentBasis.GROSS else [first, *later]


def deducted_on(deductions: Sequence[Deductions], day: date) -> Deductions | None:
    """Return what is deducted on a day: the last version that has started, None where nothing ever is."""
    found = next(iter(deductions), None)
    for version in deductions[1:]:
        if version.start > day:
            break
        found = version
    return found


def may_be_queried(state: ScheduledState, amend_by: date, today: date) -> bool:
    """Say whether a payment can still be queried: while it is a preview, until the end of `amend_by`."""
    return state is ScheduledState.PREVIEW and today <= amend_by


def payment_called(state: ScheduledState, amend_by: date, today: date, pay_date: date | None) -> str:
    """Return what a payment is called on every page and paper of its provider.

    "To check" while it can be queried; "On its way" until `pay_date`, the day of the run that pays it, None where none
    does.
    """
    if may_be_queried(state, amend_by, today):
        return "To check"
    return paid_called(state, pay_date if state is ScheduledState.PAID else None, today)


def round_exact(amount: Fraction, places: int = 2) -> Decimal:
    """Return an exact amount of zero or more rounded half up to so many places."""
    whole = (2 * amount.numerator * 10**places + amount.denominator) // (2 * amount.denominator)
    return Decimal(whole).scaleb(-places)


def kind_of_change(before: Iterable[tuple[Decimal, Decimal]], after: Iterable[tuple[Decimal, Decimal]]) -> LineKind:
    """Return what a corrected week is called, from its units and rates: RATE_DIFF where only rates are others."""
    old, new = list(before), list(after)
    same_units = sum((units for units, _ in old), NOTHING) == sum((units for units, _ in new), NOTHING)
    same_rates = {rate for _, rate in old} == {rate for _, rate in new}
    return LineKind.RATE_DIFF if same_units and not same_rates else LineKind.UNITS_DIFF


def _day(line: ScheduledLine, day: date, tiers_on: Callable[[date], Tiers]) -> _Day:
    if line.plan.unit is Unit.WEEK:
        units = _A_SEVENTH
    else:
        units = Fraction(quantity_on(line.plan, day)) / (7 if line.plan.kind is PlanKind.WEEKLY else 1)
    version = rate_on(line.rates, day)
    away = day_number(line.absences, day) if line.absences else None
    if away is None:
        return _Day(day, version, units, _WHOLE_DAY, 0, None, "")
    tiers = tiers_on(day)
    percent = percent_on(away[0], tiers.tiers)
    return _Day(day, version, units * Fraction(percent) / 100, percent, *away, tiers.rule)


def _segment(line: ScheduledLine, days: list[_Day]) -> ScheduledSegment:
    # Most days have the same: to multiply fractions once costs less than to add them up.
    alike = groupby(each.units for each in days)
    units = sum((each * len(list(group)) for each, group in alike), Fraction(0))
    version = days[0].version
    contribution, top_up = _deducted(line.deductions, days)
    away = [each for each in days if each.absence is not None]
    return ScheduledSegment(
        version=version,
        days=len(days),
        paid=sum(each.percent == _WHOLE_DAY for each in days),
        units=round_exact(units, PLACES),
        amount=round_exact(units * Fraction(version.rate)),
        contribution=contribution,
        top_up=top_up,
        absence=next((each.absence for each in reversed(away) if each.percent != _WHOLE_DAY), None),
        explained=_absence_in_words(away),
        rule=", ".join(dict.fromkeys(each.rule for each in away)),
    )


def _deducted(deductions: Sequence[Deductions], days: list[_Day]) -> tuple[Decimal, Decimal]:
    if not deductions:
        return NOTHING, NOTHING
    contribution = top_up = Fraction(0)
    for each in days:
        if version := deducted_on(deductions, each.day):
            contribution += Fraction(version.contribution) / 7
            top_up += Fraction(version.top_up) / 7
    return round_exact(contribution), round_exact(top_up)


def _absence_in_words(away: list[_Day]) -> str:
    """Return at what percentage the days of an absence are paid: "day 7 of the absence at 100%, days 8 to 10 at 0%"."""
    parts: list[str] = []
    for percent, group in groupby(away, key=lambda each: each.percent):
        numbers = [each.number for each in group]
        of = " of the absence" if not parts else ""
        one, many = f"day {numbers[0]}{of}", f"days {numbers[0]} to {numbers[-1]}{of}"
        parts.append(f"{plural(len(numbers), one, many)} at {whole_percent(percent)}%")
    return ", ".join(parts)
