"""What may stand on an invoice, what is left out of it and why, and what it adds up to (rules.md 8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rules.money import NOTHING, vat_of
from rules.states import ActualState, LineKind, VatCode


@dataclass(frozen=True)
class LeftOut:
    """Why a week is not on the invoice: the sentence the provider reads, and a short code to group weeks by."""

    reason: str
    code: str


@dataclass(frozen=True)
class LineAmount:
    """The money of one invoice line in pounds: `vat` is kept apart from `net`."""

    kind: LineKind
    net: Decimal
    vat: Decimal


@dataclass(frozen=True)
class InvoiceTotal:
    """The money of an invoice in pounds; below zero it may be submitted and is carried forward (rules.md 10)."""

    net: Decimal
    vat: Decimal
    total: Decimal


NOT_CONFIRMED = LeftOut("This week is not confirmed. Confirm it on the Actuals page.", "not-confirmed")
INVOICED = LeftOut("This week is already on an invoice.", "invoiced")
OVER_LEVEL = LeftOut("This week is over the exception level. Ask Service Brokerage to approve it.", "over-level")
NOT_ACCEPTED = LeftOut("The contract document is not accepted. Accept it, then this week can be invoiced.", "document")


def why_left_out(
    state: ActualState | None,
    *,
    held: bool,
    document_accepted: bool,
    acceptance_required: bool,
    hold: str | None = None,
) -> LeftOut | None:
    """Return why a week cannot be invoiced now, None where it can; of several reasons the first to be put right.

    `state` is None for a week not started. `held` means over the exception level and not decided. `hold` is the
    reason for a hold on payment in words, None where there is none. INVOICED is no news to the provider: a preview
    need not list it.
    """
    if state in (ActualState.INVOICED, ActualState.PAID):
        return INVOICED
    if state is not ActualState.CONFIRMED:
        return NOT_CONFIRMED
    if held:
        return OVER_LEVEL
    if acceptance_required and not document_accepted:
        return NOT_ACCEPTED
    if hold is not None:
        return LeftOut(f"Payment is on hold: {hold}" if hold else "Payment is on hold.", "on-hold")
    return None


def kind_of(week: date, period_start: date) -> LineKind:
    """Return CURRENT for a week (its Monday) of the invoice's period and LATE for one before it."""
    return LineKind.LATE if week < period_start else LineKind.CURRENT


def price_line(kind: LineKind, net: Decimal, code: VatCode) -> LineAmount:
    """Return a line's money: `net` is the sum of its segments in pounds, VAT is rounded once for the line."""
    return LineAmount(kind, net, vat_of(net, code))


def total_of(lines: Iterable[LineAmount]) -> InvoiceTotal:
    """Add up an invoice. Nothing is rounded here: every line already is."""
    listed = list(lines)
    net = sum((line.net for line in listed), NOTHING)
    vat = sum((line.vat for line in listed), NOTHING)
    return InvoiceTotal(net, vat, net + vat)
