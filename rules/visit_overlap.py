"""Visits that cannot all have been: one carer in two places at once, or a line visited twice at once (rules.md 15)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from rules.period import DAY


class Stay(NamedTuple):
    """When a carer was with a person, as London's clocks showed it; `visit` is what it is of, for who names it."""

    line_id: int
    carer: str
    slot: str
    start: datetime
    end: datetime
    visit: object


def at_two_places(one: Stay, other: Stay) -> bool:
    """Say whether one named carer was on two lines."""
    return bool(one.carer) and one.carer == other.carer and one.line_id != other.line_id


def overlap(one: Stay, other: Stay) -> bool:
    """Say whether two visits shared a time and cannot both have been.

    On one line both can where each has a carer, or each a slot, and these differ: that is double-handed care.
    """
    if not (one.start < other.end and other.start < one.end):
        return False
    if one.line_id != other.line_id:
        return at_two_places(one, other)
    by_two = bool(one.carer and other.carer) and one.carer != other.carer
    return not (by_two or (bool(one.slot and other.slot) and one.slot != other.slot))


class Stays:
    """Visits that count, by carer and by line, so that one more is held only against those of its days."""

    def __init__(self) -> None:
        self._by_day: dict[tuple[int | str, date], list[Stay]] = defaultdict(list)

    def add(self, stay: Stay) -> None:
        """Let a visit count."""
        self._add(stay, _keys(stay))

    def take(self, stay: Stay) -> Stay | None:
        """Let a visit count unless it overlaps one that does: return the first of these then."""
        keys = _keys(stay)
        for key in keys:
            for other in self._by_day.get(key, ()):
                if overlap(stay, other):
                    return other
        self._add(stay, keys)
        return None

    def _add(self, stay: Stay, keys: Sequence[tuple[int | str, date]]) -> None:
        for key in keys:
            self._by_day[key].append(stay)


def _keys(stay: Stay) -> Sequence[tuple[int | str, date]]:
    first = stay.start.date()
    who = (stay.line_id, stay.carer) if stay.carer else (stay.line_id,)
    if stay.end.date() == first:
        return [(each, first) for each in who]
    # A night ends on the day after; what is longer than a day is refused elsewhere.
    return [(each, day) for day in (first, first + DAY) for each in who]
