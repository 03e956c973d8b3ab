"""What somebody is asked about visits of a file, and what they ticked.

Rows are asked about one by one; more than a few of one kind about the same weeks are one question, ticked at once.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from rules.problem_codes import Code
from rules.upload_states import FindingKind
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.weeks.line_week import WeekKey

# So many rows of one kind about the same weeks are asked about one by one.
MOST_ALONE = 3


class AskedChoice(NamedTuple):
    """A choice that is open: the rows that ask, and the weeks that a tick would change."""

    places: tuple[Place, ...]
    weeks: frozenset[WeekKey]


@dataclass
class VisitChoices:
    """Questions about visits: `ticked` are the choices of earlier findings.

    A choice is known by its row and by all that was said: where that would be said otherwise now, nobody ticked it. One
    about many rows is known by its weeks too: it is ticked for every row of its kind about these.
    `places` are the rows that go in because of a tick, `weeks` those that were named with it, on an invoice or not.
    `asked` are the choices that nobody ticked, with the rows that ask and the weeks that a tick would change.
    """

    ticked: frozenset[str]
    places: set[Place] = field(default_factory=set)
    weeks: set[WeekKey] = field(default_factory=set)
    asked: dict[str, AskedChoice] = field(default_factory=dict)
    _waiting: dict[str, list[tuple[Found, frozenset[WeekKey]]]] = field(default_factory=lambda: defaultdict(list))

    def ask(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered, rows: Collection[Place]) -> bool:
        """Return whether a question was ticked; where it was not, it is one of the file's findings."""
        choice = _about_row(asked)
        if choice in self.ticked:
            self._go_in(rows, weeks)
            return True
        self._put(choice, [asked], [asked.place], frozenset(weeks), gathered)
        return False

    def ask_row(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered) -> bool:
        """Ask about a row that stays out unless ticked; the question is put with `put_questions`."""
        alone, together = _about_row(asked), _about_weeks(asked.code, weeks)
        if alone in self.ticked or together in self._ticked_together:
            self._go_in([asked.place], weeks)
            return True
        self._waiting[together].append((asked, frozenset(weeks)))
        gathered.fates[asked.place] = RowFate.ASKED
        return False

    def put_questions(self, gathered: Gathered) -> None:
        """Put what was asked about rows among the findings: few about the same weeks one by one, many as one."""
        for together, waiting in self._waiting.items():
            rows = [asked for asked, _weeks in waiting]
            weeks = waiting[0][1]
            if len(rows) > MOST_ALONE:
                choice = f"{together} {_digest(map(_about_row, rows))}"
                self._put(choice, rows, [each.place for each in rows], weeks, gathered)
                continue
            for each in rows:
                self._put(_about_row(each), [each], [each.place], weeks, gathered)
        self._waiting.clear()

    @cached_property
    def _ticked_together(self) -> frozenset[str]:
        """The choices that were ticked without the digest of what was said: of many rows that is their weeks."""
        return frozenset(choice.rpartition(" ")[0] for choice in self.ticked)

    def _go_in(self, rows: Collection[Place], weeks: Collection[WeekKey]) -> None:
        self.places.update(rows)
        self.weeks.update(weeks)

    def _put(
        self, choice: str, asked: Iterable[Found], places: Iterable[Place], weeks: frozenset[WeekKey],
        gathered: Gathered,
    ) -> None:  # fmt: skip
        gathered.found += [each._replace(kind=FindingKind.CONFLICT, choice=choice) for each in asked]
        self.asked[choice] = AskedChoice(tuple(places), weeks)


def _about_row(asked: Found) -> str:
    return f"{asked.code} {asked.place.sheet} {asked.place.row} {_digest([asked.code, asked.wrong])}"


def _about_weeks(code: Code, weeks: Collection[WeekKey]) -> str:
    return f"{code} weeks {'+'.join(f'{line_id}.{week}' for line_id, week in sorted(weeks))}"


def _digest(said: Iterable[str]) -> str:
    return hashlib.blake2s("|".join(said).encode(), digest_size=8).hexdigest()
