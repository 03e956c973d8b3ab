"""The weeks a file changes, kept with it in the order in which its page shows them: week by week, largest first."""

import csv
import io
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from models.staged import pack
from rules.money import NOTHING
from rules.words import plural
from workflows.uploads.finding import Place

# Named one by one up to so many places, then counted.
MOST_PLACES = 5


class ChangedWeek(NamedTuple):
    """A line's week that a file changes, `asked` only where somebody ticks it: payable units and pounds.

    `before` is None where nobody has started the week; pounds are None where the price is not known. `over` are the
    units beyond what the exception level allows: with any the week would be held. `rows` says where in the file it
    comes from, empty where no row of the file is about it.
    """

    line_id: int
    week: date
    asked: bool
    before: Decimal | None
    after: Decimal
    pounds_before: Decimal | None
    pounds_after: Decimal | None
    over: Decimal
    rows: str

    @property
    def difference(self) -> Decimal | None:
        """The pounds after less those before, None where either is not known."""
        if self.pounds_before is None or self.pounds_after is None:
            return None
        return self.pounds_after - self.pounds_before


@dataclass
class Pounds:
    """The pounds of weeks that change without anybody's tick; `unpriced` weeks are in neither figure."""

    before: Decimal = NOTHING
    after: Decimal = NOTHING
    unpriced: int = 0

    @classmethod
    def of(cls, changes: Iterable[ChangedWeek]) -> "Pounds":
        """Return what weeks come to: those that are only asked about do not count."""
        found = cls()
        for each in changes:
            if each.asked:
                continue
            if each.pounds_before is None or each.pounds_after is None:
                found.unpriced += 1
            else:
                found.before += each.pounds_before
                found.after += each.pounds_after
        return found

    @property
    def difference(self) -> Decimal:
        """What the weeks cost more, less than nothing where they cost less."""
        return self.after - self.before


@dataclass
class ChangesOfWeek:
    """What a file changes in one week: its lines, the largest change first, those that are asked about last."""

    week: date
    changes: Sequence[ChangedWeek]
    pounds: Pounds = field(init=False)
    asked: int = field(init=False)

    def __post_init__(self) -> None:
        self.pounds, self.asked = Pounds.of(self.changes), sum(each.asked for each in self.changes)

    @property
    def lines(self) -> int:
        """How many lines change without a tick."""
        return len(self.changes) - self.asked


def pack_changes(changes: Iterable[ChangedWeek]) -> bytes:
    """Return changed weeks as they are kept."""
    return zlib.compress(pack(sorted(changes, key=_rank)), 1)


def _rank(each: ChangedWeek) -> tuple[date, bool, bool, Decimal, Decimal, int]:
    difference = each.difference
    units = abs(each.after - (each.before or NOTHING))
    return each.week, each.asked, difference is not None, -abs(difference or NOTHING), -units, each.line_id


def unpack_changes(packed: bytes | None) -> list[ChangesOfWeek]:
    """Return the changed weeks of a file, by week."""
    return [ChangesOfWeek(week, list(changes)) for week, changes in groupby(_unpacked(packed), attrgetter("week"))]


def _unpacked(packed: bytes | None) -> Iterator[ChangedWeek]:
    if not packed:
        return
    for line_id, week, asked, before, after, pounds_before, pounds_after, over, rows in csv.reader(
        io.StringIO(zlib.decompress(packed).decode(), newline="")
    ):
        yield ChangedWeek(
            int(line_id), date.fromisoformat(week), asked == "True", _figure(before), Decimal(after),
            _figure(pounds_before), _figure(pounds_after), Decimal(over), rows,
        )  # fmt: skip


def _figure(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def rows_in_words(places: Collection[Place]) -> str:
    """Return where in a file something stands: "rows 82 to 85, row 201"; empty where no row says it."""
    runs: list[list[int]] = []
    for number in sorted({place.row for place in places if place.row}):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    words = [_run(run) for run in runs[:MOST_PLACES]]
    if more := len(runs) - MOST_PLACES:
        if more > 0:
            words.append(f"and {more} more {plural(more, 'place')}")
    return ", ".join(words)


def _run(run: Sequence[int]) -> str:
    first, last = run[0], run[-1]
    return f"row {first}" if first == last else f"rows {first}{' to ' if last > first + 1 else ' and '}{last}"
