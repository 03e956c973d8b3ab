"""How a quantity of care reads: two places, or the sum that two places would not say."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from rules.money import round2, short_rate
from rules.plan import unit_words
from rules.states import Unit

_DAYS = 7
SEVENTHS: Final = f" ÷ {_DAYS}"
_KEPT = Decimal("0.000001")
# A plan has two places; times a percentage of one of the days of an absence it has four.
_PLACES = (Decimal("0.01"), Decimal("0.0001"))


def in_words(units: Decimal) -> str:
    """Return a quantity with two places, more where it has them, or as the seventh it is: "7.00", "0.725", "4 ÷ 7".

    Units are stored with six places; of these 0.571429 is 4 ÷ 7.
    """
    units = units.quantize(_KEPT, ROUND_HALF_UP)
    if units == round2(units):
        return f"{units:,.2f}"
    if units == units.quantize(_PLACES[1]):
        return f"{units.normalize():,f}"
    for place in _PLACES:
        sevenths = (units * _DAYS).quantize(place, ROUND_HALF_UP)
        if (sevenths / _DAYS).quantize(_KEPT, ROUND_HALF_UP) == units:
            return f"{sevenths.normalize():,f}{SEVENTHS}"
    return f"{units.normalize():,f}"


def counted_units(units: Decimal, unit: Unit) -> str:
    """Return a quantity with its word: "1.00 hour", "4 ÷ 7 weeks"."""
    return f"{in_words(units)} {unit_words(unit, abs(units))}"


def product_in_words(units: Decimal, unit: Unit, rate: Decimal) -> str:
    """Return what an amount is the product of: "7.00 hours × £19.68", "18 ÷ 7 hours × £19.68"."""
    return f"{counted_units(units, unit)} × {short_rate(rate)}"
