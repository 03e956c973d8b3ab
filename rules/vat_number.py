"""VAT registration numbers: how one is written, and whether its check digits fit."""

import re
from typing import Final

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem

_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2)
# Numbers given out since 2010 fit after 55 is added.
_OFFSETS: Final = (0, 55)


class NotAVatNumber(NotUnderstood):
    """What was typed is no VAT registration number."""


def read_vat_number(text: str) -> str:
    """Return a VAT number as "GB 123 4567 89", with the three digits of a branch where it has them.

    Raises `NotAVatNumber`, also where a digit is mistyped: the last two are a check of the seven before them.
    """
    digits = re.sub(r"^GB|[\s–-]", "", text.strip().upper())
    if not re.fullmatch("[0-9]{9}([0-9]{3})?", digits) or not _fits(digits):
        raise NotAVatNumber(
            Problem(
                Code.NOT_A_VAT_NUMBER, "This is not a VAT number.", "Copy its nine digits from your VAT certificate."
            )
        )
    branch = f" {digits[9:]}" if digits[9:] else ""
    return f"GB {digits[:3]} {digits[3:7]} {digits[7:9]}{branch}"


def _fits(digits: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits[:7], strict=True)) + int(digits[7:9])
    return any((total + offset) % 97 == 0 for offset in _OFFSETS)
