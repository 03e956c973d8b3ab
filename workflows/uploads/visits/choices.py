"""What somebody is asked about visits of a file, and what they ticked.

Each row is decided by itself. More than a few of one kind about the same weeks stand in one question, so that the page
shows what they come to together; each has a box of its own there.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.problem_codes import Code
from rules.upload_states import FindingKind
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.weeks.line_week import WeekKey

# So many rows of one kind about the same weeks are questions of their own.
MOST_ALONE = 3
# One question has at most so many rows: more boxes nobody reads at once.
MOST_TOGETHER = 50


class AskedChoice(NamedTuple):
    """A question that is open: its rows by the tick of each (`tick_of`), and the weeks that these would change."""

    rows: Mapping[str, Place]
    weeks: frozenset[WeekKey]


@dataclass
class VisitChoices:
    """Questions about visits: `ticked` are the ticks of earlier findings.

    A tick is known by its row and by all that was said: where that would be said otherwise now, nobody ticked it.
    `places` are the rows that go in because of a tick, `weeks` those that were named with it, on an invoice or not.
    `asked` are the questions about rows that nobody ticked, by the choice that their findings have in common.
    """

    ticked: frozenset[str]
    places: set[Place] = field(default_factory=set)
    weeks: set[WeekKey] = field(default_factory=set)
    asked: dict[str, AskedChoice] = field(default_factory=dict)
    _waiting: dict[tuple[Code, frozenset[WeekKey]], list[Found]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered, rows: Collection[Place]) -> bool:
        """Return whether a question was ticked; where it was not, it is one of the file's findings."""
        if _tick(asked) in self.ticked:
            self._go_in(rows, weeks)
            return True
        self._put([asked], frozenset(weeks), gathered)
        return False

    def ask_row(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered) -> bool:
        """Ask about a row that stays out unless ticked; the question is put with `put_questions`."""
        if _tick(asked) in self.ticked:
            self._go_in([asked.place], weeks)
            return True
        self._waiting[asked.code, frozenset(weeks)].append(asked)
        gathered.fates[asked.place] = RowFate.ASKED
        return False

    def put_questions(self, gathered: Gathered) -> None:
        """Put what was asked about rows among the findings: few about the same weeks one by one, many in one."""
        for (_code, weeks), rows in self._waiting.items():
            size = MOST_TOGETHER if len(rows) > MOST_ALONE else 1
            for first in range(0, len(rows), size):
                self._put(rows[first : first + size], weeks, gathered)
        self._waiting.clear()

    def _go_in(self, rows: Collection[Place], weeks: Collection[WeekKey]) -> None:
        self.places.update(rows)
        self.weeks.update(weeks)

    def _put(self, asked: Sequence[Found], weeks: frozenset[WeekKey], gathered: Gathered) -> None:
        rows = {_tick(each): each.place for each in asked}
        choice = next(iter(rows)) if len(rows) == 1 else f"{asked[0].code} rows {_digest(rows)}"
        gathered.found += [each._replace(kind=FindingKind.CONFLICT, choice=choice) for each in asked]
        self.asked[choice] = AskedChoice(rows, weeks)


def tick_of(code: str, sheet: str, row: int, wrong: str) -> str:
    """Return what the tick of a row is known by: its place, and what was said about it."""
    return f"{code} {sheet} {row} {_digest([code, wrong])}"


def _tick(asked: Found) -> str:
    return tick_of(asked.code, *asked.place, asked.wrong)


def _digest(said: Iterable[str]) -> str:
    return hashlib.blake2s("|".join(said).encode(), digest_size=8).hexdigest()
