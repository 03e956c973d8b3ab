"""Corrections of weeks already invoiced: what changed, and the difference in money (rules.md 3 and 8)."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from rules.actual import REASONS
from rules.money import NOTHING
from rules.period import WEEKDAYS
from rules.plan import unit_words
from rules.price import Segment, amount_of
from rules.states import Unit

RATE = Decimal("0.0001")


@dataclass(frozen=True)
class WeekFigures:
    """A line's week as it stood at one time, in units of the line; all `days` are zero on a weekly line."""

    days: tuple[Decimal, ...]
    delivered: Decimal
    planned: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    reason: str
    comment: str

    @property
    def is_capped(self) -> bool:
        """Whether a decision made less payable than was claimed."""
        return self.payable != self.delivered + self.aborted_payable


@dataclass(frozen=True)
class Claimed:
    """What live invoices hold of a week so far: units, net pounds, at which rates, and the latest version they saw."""

    units: Decimal
    net: Decimal
    rates: frozenset[Decimal]
    version: int | None


@dataclass(frozen=True)
class DifferenceAmount:
    """What a corrected week is more than was invoiced of it: units and net pounds, both may be below zero.

    `rate` is the one rate of all of it where there is one, else the pounds a unit of the difference comes to.
    """

    units: Decimal
    net: Decimal
    rate: Decimal


def difference_of(segments: Collection[Segment], claimed: Claimed) -> DifferenceAmount:
    """Return what a week, priced anew in these segments, differs by from what is claimed for it already."""
    units = sum((each.units for each in segments), NOTHING) - claimed.units
    net = amount_of(segments) - claimed.net
    rates = {each.rate for each in segments if each.units} | claimed.rates
    if len(rates) == 1:
        return DifferenceAmount(units, net, *rates)
    rate = (net / units).quantize(RATE, rounding=ROUND_HALF_UP) if units else NOTHING
    return DifferenceAmount(units, net, rate)


def changes_in_words(before: WeekFigures | None, after: WeekFigures, unit: Unit) -> list[str]:
    """Return what a version changed, one short sentence each: "Saturday: 1.00, before 2.00"."""
    if before is None:
        first = f"{after.delivered:.2f} {unit_words(unit, after.delivered)} delivered, {after.planned:.2f} planned"
        visits = f", {after.aborted:.2f} aborted" if after.aborted else ""
        return [first + visits]
    pairs = [*zip(WEEKDAYS, before.days, after.days, strict=True)]
    pairs += [
        ("Delivered", before.delivered, after.delivered),
        ("Planned", before.planned, after.planned),
        ("Aborted", before.aborted, after.aborted),
        ("Payable part of aborted visits", before.aborted_payable, after.aborted_payable),
    ]
    if before.is_capped or after.is_capped:
        pairs.append(("Payable", before.payable, after.payable))
    found = [f"{name}: {new:.2f}, before {old:.2f}" for name, old, new in pairs if new != old]
    if before.reason and before.reason != after.reason:
        found.append(f"Reason: {_reason(after.reason)}, before {_reason(before.reason)}")
    if before.comment != after.comment:
        found.append("Comment changed" if after.comment and before.comment else _comment(after.comment))
    return found


def _reason(code: str) -> str:
    words = REASONS.get(code, code)
    return f"{words[:1].lower()}{words[1:]}" if words else "none"


def _comment(comment: str) -> str:
    return "Comment added" if comment else "Comment removed"
