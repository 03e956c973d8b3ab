"""Corrections of weeks already invoiced: what changed, and the difference in money (rules.md 3 and 8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from rules.actual import REASONS
from rules.money import NOTHING
from rules.period import WEEKDAYS
from rules.plan import unit_words
from rules.price import Segment, amount_of
from rules.states import LineKind, Unit, VatCode


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


class StandingLine(Protocol):
    """A line of a live invoice that no other live line takes back: units × rate is `net`, in pounds."""

    @property
    def units(self) -> Decimal: ...
    @property
    def rate(self) -> Decimal: ...
    @property
    def vat_code(self) -> VatCode: ...
    @property
    def net(self) -> Decimal: ...


Line = TypeVar("Line", bound=StandingLine)


@dataclass(frozen=True)
class WeekDifference(Generic[Line]):
    """What an invoiced week differs by: `taken_back` again with a minus, then `segments` as it is priced now.

    Both empty where it comes to the same.
    """

    taken_back: Sequence[Line]
    segments: Sequence[Segment]

    @property
    def units(self) -> Decimal:
        """The units the week has now more than were invoiced; below zero: less."""
        invoiced = sum((each.units for each in self.taken_back), NOTHING)
        return sum((each.units for each in self.segments), NOTHING) - invoiced

    @property
    def net(self) -> Decimal:
        """The pounds the week comes to now more than was invoiced; below zero: less."""
        return amount_of(self.segments) - sum((each.net for each in self.taken_back), NOTHING)

    @property
    def kind(self) -> LineKind:
        """UNITS_DIFF where units changed or moved between rates, RATE_DIFF where only their rates or VAT did."""
        moved = {each.rate for each in self.segments} == {each.rate for each in self.taken_back}
        return LineKind.UNITS_DIFF if self.units or moved else LineKind.RATE_DIFF


def difference_of(segments: Sequence[Segment], vat_code: VatCode, standing: Sequence[Line]) -> WeekDifference[Line]:
    """Return what a week, priced anew in these segments, differs by from the lines that stand for it (rules.md 8)."""
    now = sorted((each.rate, each.units, vat_code) for each in segments)
    if now == sorted((each.rate, each.units, each.vat_code) for each in standing):
        return WeekDifference((), ())
    return WeekDifference(standing, segments)


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
