"""Money: pounds sterling in `Decimal`, two places, rounded half up once per priced segment (rules.md, opening)."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from rules.states import VatCode

PENNY = Decimal("0.01")
NOTHING = Decimal("0.00")

# rules.md 8: the percentage each VAT code adds to a net amount.
VAT_PERCENT: Mapping[VatCode, Decimal] = {
    VatCode.EXEMPT: Decimal(0),
    VatCode.STANDARD: Decimal(20),
    VatCode.REDUCED: Decimal(5),
    VatCode.ZERO: Decimal(0),
    VatCode.OUTSIDE: Decimal(0),
}


def round2(amount: Decimal) -> Decimal:
    """Round an amount or a quantity to two places, a half away from zero: 0.005 is 0.01 and -0.005 is -0.01.

    Zero comes back without a sign, so that no page ever shows "−£0.00".
    """
    return amount.quantize(PENNY, rounding=ROUND_HALF_UP) + NOTHING


def vat_of(net: Decimal, code: VatCode) -> Decimal:
    """Return the VAT in pounds on one line's net amount, rounded once for the line (rules.md 8)."""
    return round2(net * VAT_PERCENT[code] / 100)


def pounds(amount: Decimal) -> str:
    """Write an amount as people read it: "£1,234.50", below zero "−£3.00" with the true minus, as wide as a plus."""
    text = f"{round2(amount):,.2f}"
    return f"−£{text[1:]}" if text[0] == "-" else f"£{text}"


def signed_pounds(amount: Decimal) -> str:
    """Write a difference as people read it, with its sign: "+£1,234.50", "−£3.00", and "£0.00" without one."""
    return f"+{pounds(amount)}" if round2(amount) > 0 else pounds(amount)


def short_rate(rate: Decimal) -> str:
    """Write a price per unit as people read it: "£1,019.68", with more places only where it has them: "£20.2525"."""
    return f"£{rate:,.2f}" if round(rate, 2) == rate else f"£{rate.normalize():,f}"
