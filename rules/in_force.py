"""Whether what is dated is in force on a day, in a word."""

from datetime import date
from enum import StrEnum


class InForce(StrEnum):
    """Whether something dated counts on a day."""

    LATER = "begins later"
    NOW = "in force"
    ENDED = "ended"


def in_force_on(start: date, end: date | None, day: date) -> InForce:
    """Return whether something counts on a day; first and last day inclusive, no end is until further notice."""
    if day < start:
        return InForce.LATER
    return InForce.ENDED if end and end < day else InForce.NOW
