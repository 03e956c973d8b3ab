"""A remittance as data that balances: claimed − coded adjustments = paid, of each line and of all (pounds with VAT)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from rules.money import NOTHING, PENNY, round2
from rules.states import AbsenceReason, LineKind, Unit


class AdjustmentCode(StrEnum):
    """Why less, or more, is paid than was claimed."""

    UNITS_DIFF = "UNITS_DIFF"
    RATE_DIFF = "RATE_DIFF"
    CONTRIBUTION = "CONTRIBUTION"
    RECOVERY = "RECOVERY"
    CARRIED_FORWARD = "CARRIED_FORWARD"


# What nobody claims in this payment: it corrects, or takes back, what an earlier one paid.
_CODES: Final = {
    LineKind.UNITS_DIFF: AdjustmentCode.UNITS_DIFF,
    LineKind.RATE_DIFF: AdjustmentCode.RATE_DIFF,
    LineKind.RECOVERY: AdjustmentCode.RECOVERY,
}
CORRECTIONS: Final = frozenset({LineKind.UNITS_DIFF, LineKind.RATE_DIFF})


class Settled(NamedTuple):
    """What a line claims, what is taken off it (below nothing: added) and why, and what is paid."""

    claimed: Decimal
    code: AdjustmentCode | None
    adjustment: Decimal
    paid: Decimal


class SettledTotals(NamedTuple):
    """The same of a whole remittance, with a sum for each code; `paid` is what reaches the bank."""

    claimed: Decimal
    adjustments: dict[AdjustmentCode, Decimal]
    paid: Decimal


def contribution_of(kind: LineKind, units: Decimal | None, rate: Decimal | None, net: Decimal) -> Decimal:
    """Return what the person and third parties pay of scheduled care: what units × rate come to, less what is paid.

    A penny is none: the amount was rounded from exact fractions, of which `units` keep six places.
    """
    if kind is not LineKind.SCHEDULED or units is None or rate is None:
        return NOTHING
    contribution = round2(units * rate) - net
    return contribution if abs(contribution) > PENNY else NOTHING


def settle(kind: LineKind, gross: Decimal, contribution: Decimal = NOTHING) -> Settled:
    """Return how a line balances: `gross` is its amount in the payment, `contribution` what others pay of its care."""
    if code := _CODES.get(kind):
        return Settled(NOTHING, code, -gross + NOTHING, gross)
    if contribution:
        return Settled(gross + contribution, AdjustmentCode.CONTRIBUTION, contribution, gross)
    return Settled(gross, None, NOTHING, gross)


def settle_all(lines: Iterable[Settled], carried_forward: Decimal) -> SettledTotals:
    """Return how a remittance balances, of which `carried_forward` (not below nothing) is owed after it."""
    claimed, paid = NOTHING, NOTHING
    adjustments: dict[AdjustmentCode, Decimal] = {}
    for line in lines:
        claimed, paid = claimed + line.claimed, paid + line.paid
        if line.code:
            adjustments[line.code] = adjustments.get(line.code, NOTHING) + line.adjustment
    if carried_forward:
        adjustments[AdjustmentCode.CARRIED_FORWARD] = -carried_forward
    return SettledTotals(claimed, adjustments, paid + carried_forward)


@dataclass(frozen=True, slots=True)
class Remitted:
    """One line of a remittance and what it is about; empty where that is unknown. Pounds; `units` to six places.

    `differs`: another quantity than planned was paid. `aborted`: some of it for aborted visits. `was_on` is the invoice
    of the line that this one takes back, by number and key.
    """

    number: int
    source: str
    kind: LineKind
    line_reference: str
    person_reference: str
    week_starting: date | None
    units: Decimal | None
    unit: Unit | None
    rate: Decimal | None
    net: Decimal
    vat: Decimal
    gross: Decimal
    reason: str
    invoice_id: int | None
    claim_id: int | None
    scheduled_id: int | None
    claim_reason: AbsenceReason | None
    name: str
    element: str
    service_id: int | None
    service: str
    differs: bool
    aborted: bool
    was_on: str
    was_on_id: int | None

    @property
    def contribution(self) -> Decimal:
        """What the person and third parties pay of scheduled care, 0 where it is all the council's."""
        return contribution_of(self.kind, self.units, self.rate, self.net)

    @property
    def settled(self) -> Settled:
        """What it claims, what is adjusted, and what is paid."""
        return settle(self.kind, self.gross, self.contribution)
