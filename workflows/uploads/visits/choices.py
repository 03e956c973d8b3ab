"""What somebody is asked about single visits of a file, and what they ticked."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from rules.upload_states import FindingKind
from workflows.uploads.finding import Found, Place, RowFate
from workflows.uploads.gather import Gathered
from workflows.weeks.line_week import WeekKey


class AskedChoice(NamedTuple):
    """A choice that is open: the row that asks, and the weeks that a tick would change."""

    place: Place
    weeks: frozenset[WeekKey]


@dataclass
class VisitChoices:
    """Questions about single visits: `ticked` are the choices of earlier findings, `found` those of them met again.

    A choice is known by its row and by all that was said: where that would be said otherwise now, nobody ticked it.
    `places` are the rows that go in because of a tick, `weeks` those that were named with it, on an invoice or not.
    `asked` are the choices that nobody ticked, with the row that asks and the weeks that a tick would change.
    """

    ticked: frozenset[str]
    found: set[str] = field(default_factory=set)
    places: set[Place] = field(default_factory=set)
    weeks: set[WeekKey] = field(default_factory=set)
    asked: dict[str, AskedChoice] = field(default_factory=dict)

    @property
    def missing(self) -> frozenset[str]:
        """What was ticked and is not asked any more."""
        return self.ticked - self.found

    def ask(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered, rows: Collection[Place]) -> bool:
        """Return whether a question was ticked; where it was not, it is one of the file's findings."""
        said = hashlib.blake2s(f"{asked.code}|{asked.wrong}".encode(), digest_size=8).hexdigest()
        choice = f"{asked.code} {asked.place.sheet} {asked.place.row} {said}"
        if choice in self.ticked:
            self.found.add(choice)
            self.places.update(rows)
            self.weeks.update(weeks)
            return True
        gathered.found.append(asked._replace(kind=FindingKind.CONFLICT, choice=choice))
        self.asked[choice] = AskedChoice(asked.place, frozenset(weeks))
        return False

    def ask_row(self, asked: Found, weeks: Collection[WeekKey], gathered: Gathered) -> bool:
        """Ask about a row that stays out unless ticked."""
        if self.ask(asked, weeks, gathered, [asked.place]):
            return True
        gathered.fates[asked.place] = RowFate.ASKED
        return False
