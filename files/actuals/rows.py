"""Rows of a file of actuals, as read: values where a cell could be read, a problem for each cell that could not.

Whether a line exists and a figure may stand is not known here: that is the check's work. The rows are named tuples:
making 42,000 takes 18 ms, of frozen dataclasses 76 ms.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from rules.problem_codes import Code


class LayoutName(StrEnum):
    """The four layouts a file of actuals may follow (files.md 1 and 2)."""

    WORKBOOK = "workbook"
    DAILY = "daily"
    WEEKLY = "weekly"
    VISITS = "visits"


class CellProblem(NamedTuple):
    """A cell that cannot be read: the heading of its column, what stands in it, and what is wrong in code and words."""

    column: str
    value: str
    code: Code
    wrong: str
    remedy: str


Seven: TypeAlias = tuple[
    Decimal | None, Decimal | None, Decimal | None, Decimal | None, Decimal | None, Decimal | None, Decimal | None
]
NO_PROBLEMS: tuple[CellProblem, ...] = ()

# In every row: `number` as the spreadsheet shows it, `sheet` its name (empty in a CSV file). A value is None, and a
# text is empty, where its cell is empty, has no column, or could not be read; then `problems` says so.


class WeekRow(NamedTuple):
    """One line and week of the workbook; `days` are Monday to Sunday."""

    number: int
    sheet: str
    key: str
    line: str
    week: date | None
    days: Seven
    total: Decimal | None
    reason: str
    comment: str
    person: str = ""
    problems: tuple[CellProblem, ...] = NO_PROBLEMS


class DayRow(NamedTuple):
    """One line and day of the daily layout."""

    number: int
    sheet: str
    line: str
    day: date | None
    units: Decimal | None
    reason: str
    comment: str
    person: str = ""
    problems: tuple[CellProblem, ...] = NO_PROBLEMS


class TotalRow(NamedTuple):
    """One line and week of the weekly layout."""

    number: int
    sheet: str
    line: str
    week: date | None
    units: Decimal | None
    reason: str
    comment: str
    person: str = ""
    problems: tuple[CellProblem, ...] = NO_PROBLEMS


class VisitRow(NamedTuple):
    """One visit and carer of the visits layout; times are what London's clocks showed, without an offset."""

    number: int
    sheet: str
    ref: str
    line: str
    person: str
    planned_start: datetime | None
    planned_end: datetime | None
    actual_start: datetime | None
    actual_end: datetime | None
    outcome: str
    told_at: datetime | None
    carer: str
    slot: str
    reason: str
    comment: str
    problems: tuple[CellProblem, ...] = NO_PROBLEMS


class AbortedRow(NamedTuple):
    """One row of the workbook's sheet of aborted visits; times are what London's clocks showed."""

    number: int
    sheet: str
    line: str
    day: date | None
    planned_start: time | None
    planned_minutes: int | None
    told_at: datetime | None
    arrived_at: time | None
    waited_minutes: int | None
    informed: str
    reason: str
    comment: str
    problems: tuple[CellProblem, ...] = NO_PROBLEMS


ActualsRow: TypeAlias = WeekRow | DayRow | TotalRow | VisitRow


class Skipped(StrEnum):
    """Why a row of a file was not read."""

    ABOVE = "above the headings"
    BLANK = "blank"
    TOTALS = "a row of totals"
    HEADINGS = "the headings again"
    OTHER_TABLE = "of another table"


class SkippedRow(NamedTuple):
    """A row that was not read: its number and sheet as those of every row, and why.

    `below` is the row of the headings of another table that it belongs to, itself where it is these.
    """

    number: int
    sheet: str
    why: Skipped
    below: int = 0


@dataclass(frozen=True)
class ActualsFile:
    """A file of actuals, read: `row_count` counts all its rows, aborted visits too; `notices` are for the sender.

    `skipped` are rows that were not read: what stands above the headings, headings that stand once more, totals, blank
    rows between others, and rows of another table.
    `matched` is the fingerprint of its headings where it is a provider's own table, read by a match.
    """

    layout: LayoutName
    rows: list[ActualsRow] = field(repr=False)
    aborted: list[AbortedRow] = field(repr=False)
    notices: list[str]
    row_count: int
    skipped: list[SkippedRow] = field(default_factory=list, repr=False)
    matched: str = ""
