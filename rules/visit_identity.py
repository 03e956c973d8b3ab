"""Which stored visit a visit of a file is: the same, the same moved elsewhere, or one nobody has sent (rules.md 15)."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

# References that move tell that a file numbers its rows anew where they are more than a tenth of those that are known,
# and not so few that somebody may have moved each of them by hand.
ONE_IN = 10
FEWEST_MOVES = 3


class VisitMark(NamedTuple):
    """What a visit is known by; `begins` is its planned start, the actual one where none was planned."""

    reference: str
    line_id: int
    begins: datetime
    carer: str
    slot: str

    @property
    def place(self) -> tuple[int, date]:
        """The line and the day."""
        return self.line_id, self.begins.date()


@dataclass(frozen=True)
class Recognised:
    """For each visit of a file, in order, the index of the stored visit that it is, or was before it moved.

    A visit has one of the two or neither. Where `numbered_anew`, references identified nothing: `moved` then says what
    would have moved if they did; `moving` of `known` references stand elsewhere.
    """

    same: list[int | None]
    moved: list[int | None]
    known: int
    moving: int

    @property
    def numbered_anew(self) -> bool:
        """Whether the file gives its rows other references each time."""
        return self.moving >= FEWEST_MOVES and self.moving * ONE_IN > self.known


def recognise(sent: Sequence[VisitMark], stored: Sequence[VisitMark]) -> Recognised:
    """Hold the visits of a file against those stored; no stored visit is two of the file."""
    matching = _Matching(sent, stored)
    matching.by_time_and_carer()
    moving = matching.moving()
    found = Recognised(matching.same, matching.moved, matching.known, len(moving))
    if not found.numbered_anew:
        matching.by_reference(lambda mark, other: mark.place == other.place, matching.same)
    matching.by_reference(lambda mark, _other: mark.reference in moving, matching.moved)
    return found


def nothing_known(sent: int) -> Recognised:
    """Return what so many visits of a file are where none is stored that they could be: all of them new."""
    return Recognised([None] * sent, [None] * sent, 0, 0)


Agrees = Callable[[VisitMark, VisitMark], bool]
# From the surest on: the carer alone, or the slot where a carer is not named in both.
_SURE: tuple[Agrees, ...] = (
    lambda one, other: one == other,
    lambda one, other: (one.carer, one.slot) == (other.carer, other.slot),
    lambda one, other: bool(one.carer) and one.carer == other.carer,
    lambda one, other: bool(one.slot) and one.slot == other.slot and not (one.carer and other.carer),
)


class _Matching:
    """Visits of a file and stored ones, of which each is taken once."""

    def __init__(self, sent: Sequence[VisitMark], stored: Sequence[VisitMark]) -> None:
        self._sent, self._stored = sent, stored
        self._taken = [False] * len(stored)
        self.same: list[int | None] = [None] * len(sent)
        self.moved: list[int | None] = [None] * len(sent)
        self._by_reference: dict[str, list[int]] = defaultdict(list)
        for index, mark in enumerate(stored):
            self._by_reference[mark.reference].append(index)
        self.known = len({mark.reference for mark in sent if mark.reference in self._by_reference})

    def by_time_and_carer(self) -> None:
        """Take the stored visits of the same line, planned start, and carer or slot."""
        at: dict[tuple[int, datetime], list[int]] = defaultdict(list)
        for index, mark in enumerate(self._stored):
            at[mark.line_id, mark.begins].append(index)
        # Of a new month's visits, none is there already.
        near = [(number, mark, at.get((mark.line_id, mark.begins), ())) for number, mark in self._waiting()]
        near = [each for each in near if each[2]]
        for agrees in _SURE:
            for number, mark, there in near:
                if self.same[number] is not None:
                    continue
                for index in there:
                    if not self._taken[index] and agrees(mark, self._stored[index]):
                        self._take(self.same, number, index)
                        break

    def moving(self) -> set[str]:
        """Return the references of the file that are known, but on no line and day where the file has them."""
        places: dict[str, set[tuple[int, date]]] = defaultdict(set)
        for mark in self._sent:
            if mark.reference in self._by_reference:
                places[mark.reference].add(mark.place)
        return {
            reference
            for reference, here in places.items()
            if not any(self._stored[index].place in here for index in self._by_reference[reference])
        }

    def by_reference(self, agrees: Agrees, into: list[int | None]) -> None:
        """Take for the visits that wait the stored ones of their reference: the one most like them, the latest."""
        for number, mark in list(self._waiting()):
            if mark.reference not in self._by_reference:
                continue
            free = [
                index
                for index in self._by_reference[mark.reference]
                if not self._taken[index] and agrees(mark, self._stored[index])
            ]
            if free:
                self._take(into, number, max(free, key=lambda index: _likeness(mark, self._stored[index])))

    def _waiting(self) -> Iterator[tuple[int, VisitMark]]:
        pairs = zip(self._sent, self.same, self.moved, strict=True)
        return ((number, mark) for number, (mark, one, other) in enumerate(pairs) if one is None and other is None)

    def _take(self, into: list[int | None], number: int, index: int) -> None:
        into[number] = index
        self._taken[index] = True


def _likeness(mark: VisitMark, other: VisitMark) -> tuple[bool, bool, bool, datetime]:
    return mark.slot == other.slot, mark.carer == other.carer, mark.begins == other.begins, other.begins
