"""The organisation's own lines, which an uploaded file is held against, and the nearest match of a wrong reference."""

import difflib
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, literal_column, select

from models import ContractDocument, LineItem, db
from rules.agreement_states import DocumentState
from workflows import policy
from workflows.weeks.line_week import Line
from workflows.weeks.read import read_lines

# What is typed or scanned for a digit.
_LOOKALIKES = str.maketrans("OoQDIilSsBZ", "00001115582", " -_./")
_CLOSE = 0.75
# Looking for the nearest of thousands takes time: a file whose every reference is wrong is another file.
_MOST_LOOKED_FOR = 200

# What a check of a line rests on: its id, the transaction that wrote it last, the state of its document.
LineState = tuple[int, str, DocumentState]


@dataclass
class OwnLines:
    """The organisation's lines, by their own reference and by the person's."""

    by_reference: dict[str, Line] = field(default_factory=dict)
    by_person: dict[str, list[Line]] = field(default_factory=dict)
    _nearest: dict[str, str] = field(default_factory=dict)

    def nearest(self, reference: str) -> tuple[str, bool]:
        """Return the own reference most like one that does not exist, and whether only look-alike letters differ.

        Only the organisation's own lines are looked through: what another has is never said.
        """
        plain = reference.translate(_LOOKALIKES).lower()
        alike = [known for known in self.by_reference if known.translate(_LOOKALIKES).lower() == plain]
        if alike:
            return alike[0], True
        if reference not in self._nearest and len(self._nearest) < _MOST_LOOKED_FOR:
            close = difflib.get_close_matches(reference, self.by_reference, 1, _CLOSE)
            self._nearest[reference] = close[0] if close else ""
        return self._nearest.get(reference, ""), False


def own_lines() -> OwnLines:
    """Return the organisation's lines that take actuals, by reference and by person."""
    found = OwnLines()
    for line in read_lines(LineItem.takes_actuals(policy.claimed_since())).values():
        found.by_reference[line.reference] = line
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
