"""What an uploaded file says of one line's week, gathered from its rows."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING
from rules.states import PlanKind
from rules.text import LONGEST_COMMENT
from workflows.uploads.finding import Place
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.line_week import Line, WeekKey

ZEROS = (NOTHING,) * 7


class Given(NamedTuple):
    """One row's figure for a day, or for the week: the heading of its column, and where it stands."""

    place: Place
    column: str
    units: Decimal


@dataclass(slots=True)
class WeekIn:
    """What a file says of one line's week: `days` by weekday from 0, `total` on a weekly line.

    `whole` says that its row speaks for all of the week: a cell that is empty there holds nothing. `version` is that
    of the figures the row was written from, None where the file does not know. `aborted` and `aborted_payable` are
    the units of the aborted visits that come with the file. A reason or comment of None leaves what is stored.
    `by_visits` says that its days are those of visits, `rows_of` which rows each of them comes from. `claimed` is
    there where an absence claim is for days of the week, and `absent` are the units claimed. `offer` is a week's total
    of a line that is filled by day: it goes in, spread like the plan, only where ticked. `untouched` says that its row
    is as it was downloaded. `other_reasons` are those that its rows give beside the first, `comments` what they say,
    `said` the reason and comment of each row, `left_over` those for whose comment there is no room.
    `typed_over` says who typed over a day whose visits come again. `closed` says that its line ended too long ago.
    """

    line: Line
    week: date
    whole: bool
    places: list[Place] = field(default_factory=list)
    days: dict[int, Given] = field(default_factory=dict)
    total: Given | None = None
    reason: str | None = None
    comment: str | None = None
    version: int | None = None
    aborted: Decimal = NOTHING
    aborted_payable: Decimal = NOTHING
    by_visits: bool = False
    rows_of: dict[int, list[Place]] = field(default_factory=dict)
    claimed: ClaimedWeeks | None = None
    absent: Decimal = NOTHING
    offer: Given | None = None
    untouched: bool = False
    other_reasons: list[tuple[Place, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    said: list[tuple[Place, str, str]] = field(default_factory=list)
    left_over: list[Place] = field(default_factory=list)
    typed_over: str = ""
    closed: bool = False

    def add_words(self, place: Place, reason: str, comment: str) -> None:
        """Take the reason and the comment of one row."""
        if reason or comment:
            self.said.append((place, reason, comment))
            self._add_reason(reason, place)
            self._add_comment(comment, place)

    def only(self, days: dict[int, Given], places: list[Place]) -> "WeekIn":
        """Return the week with these days and rows alone: what the rows that stay out say of it stays out too."""
        by_row = any(reason for _, reason, _ in self.said), any(comment for *_, comment in self.said)
        rest = replace(
            self, days=days, places=places, other_reasons=[], comments=[], said=[], left_over=[],
            reason=None if by_row[0] else self.reason, comment=None if by_row[1] else self.comment,
        )  # fmt: skip
        for place, reason, comment in self.said:
            if place in places:
                rest.add_words(place, reason, comment)
        return rest

    def _add_reason(self, code: str, place: Place) -> None:
        """Take the reason of one row: the first stands for the week, others are kept beside it."""
        if not self.reason:
            self.reason = code or self.reason
        elif code and code != self.reason and code not in [other for _, other in self.other_reasons]:
            self.other_reasons.append((place, code))

    def _add_comment(self, text: str, place: Place) -> None:
        """Take the comment of one row: those of several rows stand below each other, as far as there is room."""
        if not text or text in self.comments:
            return
        joined = "\n".join([*self.comments, text])
        if len(joined) > LONGEST_COMMENT:
            self.left_over.append(place)
            return
        self.comments.append(text)
        self.comment = joined

    @property
    def key(self) -> WeekKey:
        """The line's id and the week."""
        return self.line.id, self.week

    @property
    def is_weekly(self) -> bool:
        """Whether the line is planned by the week."""
        return self.line.plan.kind is PlanKind.WEEKLY


class WantedWeek(NamedTuple):
    """A week once the file is in it; `total` and `planned` are its units in all."""

    figures: tuple[Decimal, ...]
    reason: str
    comment: str
    total: Decimal
    planned: Decimal
