"""The word that follows a number, as English wants it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from babel.support import NullTranslations

# English as it stands in the code. A catalogue loaded in its place would answer for another language.
_TRANSLATIONS: Final = NullTranslations()


def plural(number: int | Decimal, one: str, many: str = "") -> str:
    """Return the form a number asks for: `one` for 1, else `many`, which is `one` with an s where it is not given."""
    # Babel types the number as int; the rule it goes by compares, so that 0.50 is as plural as 2.
    return _TRANSLATIONS.ngettext(one, many or f"{one}s", number)  # type: ignore[arg-type]


def listed(words: Sequence[str]) -> str:
    """Return words as one: "row 3, row 4 and row 5"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its word: "1 week", "1,234 weeks"."""
    return f"{number:,} {plural(number, one, many)}"
