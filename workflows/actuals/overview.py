"""The weeks of a payment period side by side: one square for each line and week, saying how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from rules.open_days import is_over
from rules.plan import plan_of_week
from rules.states import ActualState, label
from workflows import policy
from workflows.actuals.marks import own_services
from workflows.clock import today
from workflows.weeks.line_week import LineWeek
from workflows.weeks.read import read_weeks

NOT_STARTED = "Not started"
# The week has days to come. As a word of its own letter: on a phone a square has room for no more.
NOT_OVER = "Later"
OVER_LEVEL = "Over level"
_STATES = {state: label(state) for state in ActualState}


class Square(NamedTuple):
    """How far one line's week is, in a word; `delivered` only where it differs from `planned` (units of the line).

    `over_level` says that it was held against its exception level and is above it, whatever was decided since;
    `differs` that it is not as planned with its aborted visits counted in.
    """

    week: date
    state: str
    planned: Decimal
    delivered: Decimal | None
    confirmed: bool = False
    over_level: bool = False
    differs: bool = False


class OverviewRow(NamedTuple):
    """A line and its weeks; nothing stands for a week in which it is not active."""

    line_id: int
    service_id: int
    reference: str
    person: str
    person_name: str
    person_reference: str
    element: str
    squares: list[Square | None]

    @property
    def confirmed(self) -> bool:
        """Whether each of its weeks is confirmed or further."""
        return all(square.confirmed for square in self.squares if square)

    @property
    def over_level(self) -> bool:
        """Whether any of its weeks is over its exception level."""
        return any(square.over_level for square in self.squares if square)

    @property
    def differs(self) -> bool:
        """Whether any of its weeks is not as planned."""
        return any(square.differs for square in self.squares if square)


@dataclass(frozen=True)
class Overview:
    """The lines of a period, and the services of the organisation (id and name)."""

    rows: list[OverviewRow]
    services: list[tuple[int, str]]


def overview(weeks: Sequence[date]) -> Overview:
    """Return a row for each line of the organisation in scope that is active in one of these weeks (Mondays)."""
    by_line: dict[int, dict[date, LineWeek]] = {}
    for stored in read_weeks(weeks):
        by_line.setdefault(stored.line.id, {})[stored.week] = stored
    # A week may have lines the first one has not: by person and reference, as on the sheet.
    lines = sorted(
        (next(iter(found.values())).line for found in by_line.values()),
        key=lambda line: (line.person_reference, line.reference),
    )
    full_names, now = policy.for_council("full_names_in_lists"), today()
    rows = [
        OverviewRow(
            line_id=line.id,
            service_id=line.service_id,
            reference=line.reference,
            person=line.shown_as(full_names=full_names),
            person_name=line.person_name,
            person_reference=line.person_reference,
            element=line.element,
            squares=[_square(by_line[line.id].get(week), now) for week in weeks],
        )
        for line in lines
    ]
    return Overview(rows, own_services())


def _square(stored: LineWeek | None, now: date) -> Square | None:
    if stored is None:
        return None
    actual, check = stored.actual, stored.check
    if actual is None or stored.not_started:
        planned = plan_of_week(stored.plan, stored.week)
        return Square(stored.week, NOT_STARTED if is_over(stored.plan, stored.week, now) else NOT_OVER, planned, None)
    return Square(
        week=stored.week,
        state=OVER_LEVEL if check and check.held else _STATES[actual.state],
        planned=actual.planned,
        delivered=actual.delivered if actual.delivered != actual.planned else None,
        confirmed=actual.state is not ActualState.DRAFT,
        over_level=check is not None,
        differs=actual.delivered + actual.aborted != actual.planned,
    )
