"""What the check of an uploaded file says of its rows: what becomes of each, and what was found where."""

from datetime import date
from enum import IntEnum
from typing import NamedTuple

from rules.states import FindingKind


class Fate(IntEnum):
    """What becomes of a row of the file."""

    UNCHANGED = 0
    CHANGED = 1
    NEW = 2
    REJECTED = 3
    ASKED = 4  # a conflict or a week on an invoice: goes in where it is ticked


class Place(NamedTuple):
    """Where in the file something stands."""

    sheet: str
    row: int


class Found(NamedTuple):
    """One finding, ready to be stored; the last two say which week is ticked with it."""

    kind: FindingKind
    code: str
    place: Place
    column: str
    value: str
    wrong: str
    remedy: str
    line_id: int | None = None
    week: date | None = None
