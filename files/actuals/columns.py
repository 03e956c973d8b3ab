"""The columns of the layouts that actuals come in, and how a file is recognised by its headings (files.md 1 and 2)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from itertools import pairwise
from typing import Any, NamedTuple

from files.actuals.rows import AbortedRow, DayRow, LayoutName, TotalRow, VisitRow, WeekRow
from files.reading.cells import Cell, Unreadable, is_empty, read_day, read_text
from files.reading.sheet import FARTHEST_HEADING, Batch
from files.reading.table import plain
from rules.period import DAY, DAY_NAMES
from rules.text import visible


class Kind(Enum):
    """What the cells of a column hold."""

    REFERENCE = auto()
    NOTE = auto()
    DAY = auto()
    MOMENT = auto()
    CLOCK = auto()
    UNITS = auto()
    MINUTES = auto()
    OUTCOME = auto()
    WHY_ABORTED = auto()


class Field(NamedTuple):
    """A column: the name of its value in the row, the heading above it, and what its cells hold."""

    name: str
    title: str
    kind: Kind = Kind.REFERENCE


@dataclass(frozen=True)
class ActualsLayout:
    """A layout: its columns, the names of those without which it is another, and the row that it is read into.

    Of `either` one is needed. `passed_over` are headings that belong to it and are not read.
    """

    name: str
    row: Any
    fields: tuple[Field, ...]
    needed: tuple[str, ...]
    either: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()

    def lacks(self, names: Mapping[str, int]) -> list[str]:
        """Return the headings that are needed and missing where these names have been found."""
        titles = {field.name: field.title for field in self.fields}
        missing = [titles[name] for name in self.needed if name not in names]
        if self.either and not any(name in names for name in self.either):
            missing.append(" or ".join(titles[name] for name in self.either))
        return missing


# Kinds whose values are text, empty where there is none.
TEXTS = frozenset({Kind.REFERENCE, Kind.NOTE, Kind.OUTCOME, Kind.WHY_ABORTED})


class Heading(NamedTuple):
    """Where the headings of a sheet stand: index of their row in the batch, name of each column -> its place.

    `width` is how many columns there are up to the last that has a heading.
    """

    layout: ActualsLayout
    row: int
    places: Mapping[str, int]
    unknown: list[str]
    twice: list[str]
    width: int


DAY_FIELDS = tuple(f"d{index}" for index in range(7))
# Headings above the plan of each day in the workbook, which is only shown.
DAY_PLANS = tuple(f"{name} plan" for name in DAY_NAMES)
# The titles of days are also read in full.
_ALSO = {
    "monday": "mon", "tuesday": "tue", "wednesday": "wed", "thursday": "thu", "friday": "fri", "saturday": "sat",
    "sunday": "sun",
}  # fmt: skip

_LINE = Field("line", "CPLI")
_PERSON = Field("person", "Person ref")
_WEEK = Field("week", "Week starting", Kind.DAY)
_REASON, _COMMENT = Field("reason", "Reason"), Field("comment", "Comment", Kind.NOTE)
_UNITS = Field("units", "Delivered units", Kind.UNITS)

LAYOUTS: Mapping[LayoutName, ActualsLayout] = {
    LayoutName.WORKBOOK: ActualsLayout(
        "workbook",
        WeekRow,
        (
            Field("key", "Row key"),
            _LINE,
            _WEEK,
            *(Field(name, title, Kind.UNITS) for name, title in zip(DAY_FIELDS, DAY_NAMES, strict=True)),
            Field("total", "Week total", Kind.UNITS),
            _REASON,
            _COMMENT,
            _PERSON,
        ),
        ("line", "week", *DAY_FIELDS),
        passed_over=("Service", "Person", "Element", "Unit", "Planned", *DAY_PLANS, "Rate", "Status", "Message"),
    ),
    LayoutName.DAILY: ActualsLayout(
        "daily",
        DayRow,
        (_LINE, Field("day", "Service date", Kind.DAY), _UNITS, _REASON, _COMMENT, _PERSON),
        ("line", "day", "units"),
        passed_over=("Message",),
    ),
    LayoutName.WEEKLY: ActualsLayout(
        "weekly",
        TotalRow,
        (_LINE, _WEEK, _UNITS, _REASON, _COMMENT, _PERSON),
        ("line", "week", "units"),
        passed_over=("Message",),
    ),
    LayoutName.VISITS: ActualsLayout(
        "visits",
        VisitRow,
        (
            Field("ref", "Visit ref"),
            _LINE,
            _PERSON,
            Field("planned_start", "Planned start", Kind.MOMENT),
            Field("planned_end", "Planned end", Kind.MOMENT),
            Field("actual_start", "Actual start", Kind.MOMENT),
            Field("actual_end", "Actual end", Kind.MOMENT),
            Field("outcome", "Outcome", Kind.OUTCOME),
            Field("told_at", "Told at", Kind.MOMENT),
            Field("carer", "Carer ID"),
            Field("slot", "Carer slot"),
            _REASON,
            _COMMENT,
        ),
        ("ref", "planned_start", "planned_end", "actual_start", "actual_end", "outcome"),
        either=("line", "person"),
        passed_over=("Message",),
    ),
}

ABORTED = ActualsLayout(
    "aborted visits",
    AbortedRow,
    (
        _LINE,
        Field("day", "Date", Kind.DAY),
        Field("planned_start", "Planned start", Kind.CLOCK),
        Field("planned_minutes", "Planned minutes", Kind.MINUTES),
        Field("told_at", "Told at", Kind.MOMENT),
        Field("arrived_at", "Arrived at", Kind.CLOCK),
        Field("waited_minutes", "Waited minutes", Kind.MINUTES),
        Field("informed", "Who was informed"),
        Field("reason", "Reason", Kind.WHY_ABORTED),
        _COMMENT,
    ),
    ("line", "day", "planned_start", "planned_minutes"),
    passed_over=("Message",),
)


UNSPLIT = (
    "All of a row stands in its first cell: the file was not split into columns. Send the file as your system wrote it,"
    " or have it split at its commas where you open it."
)
FEWEST_UNSPLIT = 3
DAYS_ABOVE = (
    "The days stand above the columns. Write each day in a row of its own, or use the workbook downloaded from the"
    " portal, where Monday to Sunday stand side by side."
)
FEWEST_DAYS_ABOVE = 3
_EVERY_HEADING = frozenset(plain(field.title) for layout in (*LAYOUTS.values(), ABORTED) for field in layout.fields)


def recognise(batch: Batch) -> Heading | None:
    """Return the layout that the first rows of a sheet follow and where its headings stand; None where none fits.

    Of several rows of headings it is the first: the others begin tables below.
    """
    fitting = [heading for heading in _headings(batch) if not heading.layout.lacks(heading.places)]
    return max(fitting, key=lambda heading: (-heading.row, len(heading.places)), default=None)


def known_headings(cells: Sequence[str]) -> int:
    """Return how many headings of any layout stand in a row of cells."""
    return sum(_ALSO.get(word, word) in _EVERY_HEADING for word in set(map(plain, cells)))


def explain_no_layout(batches: Sequence[Batch]) -> str:
    """Return the sentence for a file none of whose sheets fits a layout: the layouts, and what the nearest lacks."""
    if any(map(_is_unsplit, batches)):
        return UNSPLIT
    if any(map(_has_days_above, batches)):
        return DAYS_ABOVE
    found = [heading for batch in batches for heading in _headings(batch) if heading.places]
    nearest = max(found, key=lambda heading: len(heading.places) - 2 * len(_lacks(heading)), default=None)
    own = (LayoutName.DAILY, LayoutName.WEEKLY, LayoutName.VISITS)
    known = "; ".join(f"{layout}: {', '.join(_needed(LAYOUTS[layout]))}" for layout in own)
    near = ""
    if nearest is not None:
        near = f" Nearest is the {nearest.layout.name} layout, which also needs {_quoted(_lacks(nearest))}."
    return (
        f"The headings fit no layout.{near} Use the workbook downloaded from the portal, or a file with the headings "
        f"of one of these layouts. {known}."
    )


def _is_unsplit(batch: Batch) -> bool:
    """Say whether headings that are known stand in one cell: a text file was opened without being split."""
    cells = [cell for column in batch.columns[:1] for cell in column[:FARTHEST_HEADING] if isinstance(cell, str)]
    return any(known_headings(re.split(r"[,;|\t]", cell)) >= FEWEST_UNSPLIT for cell in cells)


def _has_days_above(batch: Batch) -> bool:
    """Say whether days that follow one another stand side by side where headings do."""
    for row in range(min(FARTHEST_HEADING, len(batch.columns[0]) if batch.columns else 0)):
        days = [_day_in(column[row]) for column in batch.columns]
        following = [other == day + DAY for day, other in pairwise(days) if day and other]
        if sum(following) >= FEWEST_DAYS_ABOVE - 1:
            return True
    return False


def _day_in(cell: Cell) -> date | None:
    try:
        return read_day(cell) if isinstance(cell, str | date) else None
    except Unreadable:
        return None


def _headings(batch: Batch) -> list[Heading]:
    rows = range(min(FARTHEST_HEADING, len(batch.columns[0]) if batch.columns else 0))
    layouts = (*LAYOUTS.values(), ABORTED)
    return [_heading(layout, row, [column[row] for column in batch.columns]) for row in rows for layout in layouts]


def _heading(layout: ActualsLayout, row: int, cells: Sequence[Cell]) -> Heading:
    known = {plain(field.title): field.name for field in layout.fields}
    silent = {"", *map(plain, layout.passed_over)}
    places: dict[str, int] = {}
    unknown, twice, width = [], [], 0
    for place, cell in enumerate(cells):
        width = width if is_empty(cell) else place + 1
        word = plain(cell) if isinstance(cell, str) else ""
        name = known.get(_ALSO.get(word, word))
        if name is None:
            unknown += [] if word in silent else [visible(read_text(cell))[:60]]
        elif places.setdefault(name, place) != place:
            twice.append(visible(read_text(cell))[:60])
    return Heading(layout, row, places, unknown, twice, width)


def _lacks(heading: Heading) -> list[str]:
    return heading.layout.lacks(heading.places)


def _needed(layout: ActualsLayout) -> list[str]:
    return layout.lacks({})


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
