"""A line's week as plain values: the line, what is stored of the week, and its check against the exception level.

The one shape of a week for every page and file; `weeks/read.py` reads it. Names are those of the mapped classes.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from models.actual import Actual
from models.person import initials_of
from rules.agreement_states import DocumentState
from rules.money import NOTHING
from rules.period import DAY, monday_of
from rules.plan import NO_DAYS, LinePlan, SevenDays
from rules.policy import Target
from rules.price import RateVersion
from rules.states import ActualState, Decision, PlanKind
from workflows import policy

ON_INVOICE = (ActualState.INVOICED, ActualState.PAID)

# The key of a week: the line's id and the Monday.
WeekKey = tuple[int, date]


class Line(NamedTuple):
    """A care package line item that is paid on actuals, with its rates, oldest first.

    `written` is the transaction that wrote the row last (xmin): it changes with every change of the line.
    """

    id: int
    reference: str
    organisation_id: int
    service_id: int
    service: str
    plan: LinePlan
    rate_versions: Sequence[RateVersion]
    extras_allowed: bool | None
    person_reference: str
    person_name: str
    element: str
    document_state: DocumentState
    written: str
    policy_target: Target

    @property
    def initials(self) -> str:
        """The person's initials: lists and files show no more of the name (policy)."""
        return initials_of(self.person_name)

    @property
    def person_shown(self) -> str:
        """The person's initials, or the full name where the council shows names in lists (policy)."""
        return self.shown_as(full_names=policy.for_council("full_names_in_lists"))

    def shown_as(self, *, full_names: bool) -> str:
        """Return `person_shown`, for whoever asks the policy once for many lines."""
        return self.person_name if full_names else self.initials

    @property
    def name(self) -> str:
        """How messages name the line: the person's initials and the reference."""
        return f"{self.initials} ({self.reference})"


class StoredWeek(NamedTuple):
    """What is stored of a week, in units of its line; `id` is that of the actual, `changed_by` who saved it last."""

    id: int
    state: ActualState
    version: int
    days: SevenDays
    delivered: Decimal
    planned: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    reason: str
    comment: str
    changed_by: str
    source: str

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice, so that a change of its figures is a correction."""
        return self.state in ON_INVOICE


class LevelCheck(NamedTuple):
    """The check of a stored week that is over its exception level, and what was decided about it."""

    actual_id: int
    planned: Decimal
    claimed: Decimal
    percent: Decimal
    least_units: Decimal
    extras_allowed: bool
    rule: str
    decision: Decision | None
    decided_units: Decimal | None

    @property
    def held(self) -> bool:
        """Whether Service Brokerage has not decided yet (ExceptionCheck.held)."""
        return self.decision is None


class LineWeek(NamedTuple):
    """A line and one of its weeks; `actual` is None where nothing is stored, `check` where it is within its level."""

    line: Line
    week: date
    actual: StoredWeek | None
    check: LevelCheck | None

    @property
    def plan(self) -> LinePlan:
        """The line's plan."""
        return self.line.plan

    @property
    def not_started(self) -> bool:
        """Whether nobody entered anything, or all of it was taken back since (Actual.started)."""
        actual = self.actual
        return actual is None or (actual.state is ActualState.DRAFT and actual.source == Actual.UNDONE)

    @property
    def key(self) -> WeekKey:
        """The line's id and the Monday."""
        return self.line.id, self.week

    @property
    def is_money(self) -> bool:
        """Whether the week is on an invoice, so that a change of its figures is a correction."""
        return self.actual is not None and self.actual.is_money

    @property
    def aborted(self) -> tuple[Decimal, Decimal]:
        """The planned and the payable units of the week's aborted visits, as they are stored."""
        return (self.actual.aborted, self.actual.aborted_payable) if self.actual else (NOTHING, NOTHING)


def is_closed(line: Line, stored: StoredWeek | None, over: LevelCheck | None) -> bool:
    """Say whether nothing of a week can be changed any more, for its line ended before the claim window.

    A week that waits over its exception level stays open (LineItem.takes_actuals_in); `over` is its check where it is.
    """
    if line.plan.end is None or line.plan.end >= policy.claimed_since():
        return False
    return stored is None or over is None or stored.is_money


def days_beside(line: Line, day: date) -> list[date]:
    """Return the days whose visits make one figure with those of a day: all of its week on a weekly line."""
    if line.plan.kind is not PlanKind.WEEKLY:
        return [day]
    return [monday_of(day) + index * DAY for index in range(7)]


def seven_days(figures: Sequence[Decimal]) -> SevenDays:
    """Return seven days' units; a weekly line has none by day."""
    if len(figures) != 7:
        return NO_DAYS
    mon, tue, wed, thu, fri, sat, sun = figures
    return mon, tue, wed, thu, fri, sat, sun
