"""Numbers that a person, a file or an address wrote: the only doors from text to `Decimal`, and to a key."""

import re
from decimal import Decimal

from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem

_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


# The digits that every key of a record, and every number of a page, has at most; int() itself fails beyond 4,300.
_DIGITS = 9


def whole_number(text: str) -> int | None:
    """Return the whole number that text is, nothing where it is none or has more than nine digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


class Duration(Decimal):
    """A quantity that was written as hours and minutes: only what is counted in hours can be of it."""


class NotANumber(NotUnderstood):
    """Text that is no number."""

    def __init__(self) -> None:
        super().__init__(Problem(Code.NOT_A_NUMBER, "Enter a number, for example 1.50."))


def read_number(text: str) -> Decimal:
    """Return the decimal that text holds: "12", "1.50", "-3", "+.5"; spaces around it are passed over.

    `Decimal` itself takes more: NaN and Infinity, which turn every sum into an error or into nothing, 1e400, 1_000 and
    the digits of other scripts. Whoever lets people write a comma for the point replaces it first: alone, "1,234" could
    be either. Raises NotANumber.
    """
    typed = text.strip()
    if not _NUMBER.fullmatch(typed):
        raise NotANumber
    return Decimal(typed)


def figure_problem(figure: Decimal, places: int, most: Decimal) -> Problem | None:
    """Return why a figure cannot be kept, nothing where it can: no number, below 0, above `most`, or finer than its
    column, which has so many places."""
    if not figure.is_finite():
        return NotANumber().problem
    if figure < 0:
        return Problem(Code.NEGATIVE, "This is below 0.", "Write 0 or more.")
    if figure > most:
        return Problem(Code.OUT_OF_RANGE, f"This is more than {most:,}.", "Check the figure.")
    if figure != round(figure, places):
        return Problem(Code.WRONG_STEP, f"This has more than {places} decimal places.", f"Round it to {places} places.")
    return None
