"""The weeks a file changes, kept with it in the order in which its page shows them: week by week, largest first."""

import csv
import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
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


class FileChange(NamedTuple):
    """A line's week that a file changes, `asked` only where somebody ticks it: payable units and pounds.

    `before` is None where nobody has started the week; pounds are None where the price is not known. `over` are the
    units beyond what the exception level allows: with any the week would be held. `rows` says where in the file it
    comes from, empty where no row of the file is about it. Where one `choice` about single visits is what is asked, it
    is the key of that choice (`choice_key`), and `before` is the week as it will be without that tick.
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
    choice: str = ""

    @property
    def difference(self) -> Decimal | None:
        """The pounds after less those before, None where either is not known."""
        if self.pounds_before is None or self.pounds_after is None:
            return None
        return self.pounds_after - self.pounds_before


@dataclass
class ChangedPounds:
    """The pounds of weeks that change without anybody's tick; `unpriced` weeks are in neither figure."""

    before: Decimal = NOTHING
    after: Decimal = NOTHING
    unpriced: int = 0

    def __add__(self, other: "ChangedPounds") -> "ChangedPounds":
        return ChangedPounds(self.before + other.before, self.after + other.after, self.unpriced + other.unpriced)

    @classmethod
    def of(cls, changes: Iterable[FileChange]) -> "ChangedPounds":
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
    """What a file changes in one week: `count` lines, `asked` of them only where ticked, and the pounds of the others.

    Its lines are unpacked when they are asked for: a page shows few of thousands.
    """

    week: date
    count: int
    asked: int
    pounds: ChangedPounds
    packed: Sequence[str] = field(repr=False)

    @property
    def lines(self) -> int:
        """How many lines change without a tick."""
        return self.count - self.asked

    def part(self, start: int = 0, stop: int | None = None) -> list[FileChange]:
        """Return some of its lines, the largest change first, those that are asked about last."""
        return [_unpacked(fields) for fields in csv.reader(self.packed[start:stop])]

    def of_choices(self, keys: Collection[str]) -> list[FileChange]:
        """Return what it would change where one of these choices is ticked."""
        asked = self.packed[self.lines : self.count]
        return [_unpacked(fields) for fields in csv.reader(text for text in asked if text[-16:] in keys)]

    def of_lines(self, line_ids: Collection[int]) -> list[FileChange]:
        """Return what it says of some lines, with every choice that is about them."""
        begins = tuple(f"{line_id}," for line_id in line_ids)
        return [_unpacked(fields) for fields in csv.reader(text for text in self.packed if text.startswith(begins))]


def choice_key(choice: str) -> str:
    """Return a short key of a choice (`UploadFinding.choice`), by which its changes are found."""
    return hashlib.blake2s(choice.encode(), digest_size=8).hexdigest()


def pack_changes(changes: Iterable[FileChange]) -> bytes:
    """Return changed weeks as they are kept: a line of sums by week, then a line for each."""
    ranked = sorted(changes, key=_rank)
    sums = []
    for week, of_week in groupby(ranked, attrgetter("week")):
        found = list(of_week)
        pounds = ChangedPounds.of(found)
        asked = sum(each.asked for each in found)
        sums.append((week.isoformat(), len(found), asked, str(pounds.before), str(pounds.after), pounds.unpriced))
    return zlib.compress(json.dumps(sums).encode() + b"\n" + pack(ranked), 1)


def _rank(each: FileChange) -> tuple[date, bool, bool, Decimal, Decimal, int]:
    difference = each.difference
    units = abs(each.after - (each.before or NOTHING))
    return each.week, each.asked, difference is not None, -abs(difference or NOTHING), -units, each.line_id


def unpack_changes(packed: bytes | None) -> list[ChangesOfWeek]:
    """Return the changed weeks of a file, by week."""
    if not packed:
        return []
    # No text of anybody's is in it, so that every line break ends a row.
    sums, *lines = zlib.decompress(packed).decode().replace("\r\n", "\n").split("\n")
    found, at = [], 0
    for week, count, asked, before, after, unpriced in json.loads(sums):
        pounds = ChangedPounds(Decimal(before), Decimal(after), unpriced)
        found.append(ChangesOfWeek(date.fromisoformat(week), count, asked, pounds, lines[at : at + count]))
        at += count
    return found


def _unpacked(fields: Sequence[str]) -> FileChange:
    # A file that was checked before ticks were foretold has no choices.
    line_id, week, asked, before, after, pounds_before, pounds_after, over, rows, *choice = fields
    return FileChange(
        int(line_id), date.fromisoformat(week), asked == "True", _figure(before), Decimal(after),
        _figure(pounds_before), _figure(pounds_after), Decimal(over), rows, *choice,
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
    if (more := len(runs) - MOST_PLACES) > 0:
        words.append(f"and {more} more {plural(more, 'place')}")
    return ", ".join(words)


def _run(run: Sequence[int]) -> str:
    first, last = run[0], run[-1]
    return f"row {first}" if first == last else f"rows {first}{' to ' if last > first + 1 else ' and '}{last}"
