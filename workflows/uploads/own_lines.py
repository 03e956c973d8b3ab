"""The organisation's own lines, which an uploaded file is held against, and the nearest match of a wrong reference."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import ColumnElement, Select, literal_column, select

from files.actuals.layouts import AbortedRow, ActualsRow, VisitRow
from models import ContractDocument, LineItem, db
from rules.agreement_states import DocumentState
from workflows import policy
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines

# What is typed or scanned for a digit.
_LOOKALIKES = str.maketrans("OoQDIilSsBZ", "00001115582", " -_./")
STRANGERS = "None of the references in this file is yours: it looks like another organisation's file."

# What a check of a line rests on: its id, the transaction that wrote it last, the state of its document.
LineState = tuple[int, str, DocumentState]


@dataclass
class OwnLines:
    """The organisation's lines, by their own reference, by id, and by the person's reference.

    `strangers` says that no reference of a file is among them.
    """

    by_reference: dict[str, Line] = field(default_factory=dict)
    by_id: dict[int, Line] = field(default_factory=dict)
    by_person: dict[str, list[Line]] = field(default_factory=dict)
    strangers: bool = False

    def note_strangers(self, rows: Iterable[ActualsRow | AbortedRow]) -> list[str]:
        """Return the sentence that a file is another organisation's, where none of its references is known here."""
        named = False
        for row in rows:
            person = row.person if isinstance(row, VisitRow) else ""
            if row.line in self.by_reference or person in self.by_person:
                return []
            named = named or bool(row.line or person)
        self.strangers = named
        return [STRANGERS] if named else []

    def nearest(self, reference: str) -> Line | None:
        """Return the own line whose reference looks like one that does not exist; None where not exactly one does.

        Alike are a letter for a digit, zeros lost in front, one zero more or less, and two neighbours swapped. Only
        the organisation's own lines are looked through: what another has is never said.
        """
        if self.strangers:
            return None
        found = {line.id: line for word in _alike(_bare(reference)) for line in self._by_bare.get(word, ())}
        return next(iter(found.values())) if len(found) == 1 else None

    @cached_property
    def _by_bare(self) -> dict[str, list[Line]]:
        found: dict[str, list[Line]] = {}
        for reference, line in self.by_reference.items():
            found.setdefault(_bare(reference), []).append(line)
        return found


def _bare(reference: str) -> str:
    """Return a reference as a tired eye reads it: digits for the letters like them, no marks, no zeros in front."""
    return reference.translate(_LOOKALIKES).lower().lstrip("0")


def _alike(word: str) -> Iterator[str]:
    """Yield a reference, then those with two neighbours swapped, a zero left out, and a zero put in."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
        if word[place] == "0":
            yield word[:place] + word[place + 1 :]
        yield f"{word[: place + 1]}0{word[place + 1 :]}"


def own_lines() -> OwnLines:
    """Return the organisation's lines that take actuals, by reference and by person."""
    found = OwnLines()
    for line in read_lines(LineItem.takes_actuals(policy.claimed_since())).values():
        found.by_reference[line.reference] = found.by_id[line.id] = line
        found.by_person.setdefault(line.person_reference, []).append(line)
    return found


def state_of(line: Line) -> LineState:
    """Return what the check of a file rests on of a line."""
    return line.id, line.written, line.document_state


def states_now(line_ids: Select[tuple[int]]) -> list[LineState]:
    """Return the same of some lines as they are now, without those that take actuals no more."""
    written: ColumnElement[str] = literal_column("line_item.xmin::text")
    found = db.session.execute(
        select(LineItem.id, written, ContractDocument.state)
        .join(LineItem.document)
        .where(LineItem.takes_actuals(policy.claimed_since()), LineItem.id.in_(line_ids))
    )
    return [(line_id, word, state) for line_id, word, state in found]
