"""A row of the Actuals sheet: one line's week, with everything the page shows of it worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from rules.actual import derive, reasons_for
from rules.exception import ExceptionLevel, allowance, explain
from rules.money import NOTHING, short_rate
from rules.open_days import Calendar, first_open_day, is_over
from rules.period import short_date
from rules.plan import LAST_DAY, active_days, plan_of_week, unit_words
from rules.price import NoRate, RateVersion, rate_on, rate_throughout
from rules.refusal import Problem
from rules.states import ActualState, PlanKind, Unit, label
from workflows import policy
from workflows.actuals.marks import DayVisits
from workflows.actuals.sheet_cells import Cell, Sources, cells_of
from workflows.weeks.claimed_days import ClaimedWeeks
from workflows.weeks.entry import Refusal, calendar_now, read_figures, seen_of
from workflows.weeks.level import level_of
from workflows.weeks.line_week import LevelCheck, LineWeek, seven_days
from workflows.weeks.price import UnstoredFigures, pounds_of

NO_VISITS: Mapping[date, DayVisits] = MappingProxyType({})
NOT_STARTED = "Not started"
_STATES = {state: label(state) for state in ActualState}


class SheetRow(NamedTuple):
    """One line's week, ready to be laid out; `seen` goes into the form and comes back with it.

    `correctable` says that the week is on an invoice, so that changing it is a correction; `correcting` that it is
    open for one, `before` what it comes to until then (pounds).
    `is_over` says that the week can be confirmed. `allowance` are the units the week may go above its
    plan, `over` those by which it is; `held_id` is the id of a week that is held, by which Service Brokerage is asked.
    """

    line_id: int
    week: date
    service_id: int
    reference: str
    person: str
    person_name: str
    person_reference: str
    element: str
    rate: str
    unit: Unit
    weekly: bool
    cells: Sequence[Cell]
    planned: Decimal
    delivered: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    amount: Decimal | None
    before: Decimal | None
    over: Decimal
    allowance: Decimal
    state: str
    editable: bool
    correcting: bool
    correctable: bool
    is_over: bool
    held_id: int | None
    decision: str
    reason: str
    comment: str
    seen: str
    problems: Sequence[Problem]

    @property
    def messages(self) -> dict[str, str]:
        """What is wrong with what was typed, by field; empty is the whole line."""
        return {problem.field: problem.message for problem in self.problems}

    @property
    def name(self) -> str:
        """How messages name the line."""
        return f"{self.person} {self.reference}"

    @property
    def started(self) -> bool:
        """Whether anything is stored of the week."""
        return self.state != NOT_STARTED

    @property
    def asks(self) -> bool:
        """Whether something is asked or was said about the week, below its line."""
        asked = self.editable and (self.differs or self.reason or self.comment or self.messages)
        return bool(self.correcting or asked or self.reason)

    @property
    def held(self) -> bool:
        """Whether the week is over its exception level and nothing was decided about it."""
        return self.held_id is not None

    @property
    def unsaved(self) -> bool:
        """Whether what was typed was not stored: a line that lacks only its reason is kept as a draft."""
        return bool(self.problems) and any(problem.field != "reason" for problem in self.problems)

    @property
    def difference(self) -> Decimal:
        """The units by which the week is above its plan, below zero where it is under it."""
        return self.delivered + self.aborted - self.planned

    @property
    def differs(self) -> bool:
        """Whether the week's units differ from its plan, so that a reason is asked for."""
        return bool(self.difference)

    @property
    def reasons(self) -> Mapping[str, str]:
        """The reasons to offer for the way in which the week differs, code -> meaning."""
        return reasons_for(self.difference, self.reason)

    @property
    def confirmed(self) -> bool:
        """Whether the week is confirmed or further."""
        return self.state not in (NOT_STARTED, "Draft")

    @property
    def over_level(self) -> bool:
        """Whether the week goes further above its plan than it may."""
        return self.over > self.allowance

    @property
    def left(self) -> Decimal | None:
        """The units a week that is above its plan may still grow before it is held, nothing where it is not above."""
        return self.allowance - self.over if NOTHING < self.over <= self.allowance else None


@dataclass(frozen=True)
class Desk:
    """What all rows of a week have in common, asked once: claimed days, the calendar, whether full names are shown."""

    week: date
    claimed: ClaimedWeeks
    calendar: Calendar = field(default_factory=calendar_now)
    full_names: bool = field(default_factory=lambda: bool(policy.for_council("full_names_in_lists")))


def build_row(
    stored: LineWeek,
    desk: Desk,
    refusal: Refusal | None = None,
    visits: Mapping[date, DayVisits] = NO_VISITS,
    *,
    correcting: bool = False,
) -> SheetRow:
    """Return the row of a line's week: as stored, as planned where nothing is, or as typed where that was refused."""
    calendar, shown = desk.calendar, desk.claimed.shown(stored, desk.calendar)
    seen = seen_of(stored, shown)
    if stored.not_started:
        stored = LineWeek(stored.line, stored.week, None, None)
    line, week, actual, check = stored
    kept = shown.figures
    units = _units_of(stored, kept, refusal)
    is_open, is_money = first_open_day(line.plan, week, calendar) is not None, stored.is_money
    said = refusal.entry if refusal else shown
    return SheetRow(
        line_id=line.id, week=week, service_id=line.service_id, reference=line.reference,
        person=line.shown_as(full_names=desk.full_names), person_name=line.person_name,
        person_reference=line.person_reference,
        element=line.element, rate=_rate_words(stored), unit=line.plan.unit, weekly=line.plan.kind is PlanKind.WEEKLY,
        cells=cells_of(Sources(stored, calendar, visits, desk.claimed.days_of(line.id, week), kept, refusal)),
        planned=units.planned, delivered=units.delivered,
        aborted=units.aborted, aborted_payable=units.aborted_payable, payable=units.payable,
        amount=_amount(stored, units.payable, units.figures, visits),
        before=_amount(stored, actual.payable, kept, visits) if actual and correcting else None,
        over=units.payable - units.planned, allowance=allowance(units.planned, level_of(line, week).level),
        state=_STATES[actual.state] if actual else NOT_STARTED,
        editable=is_open and (correcting or not is_money),
        correcting=is_open and correcting and is_money, correctable=is_open and is_money,
        is_over=is_over(line.plan, week, calendar.today),
        held_id=check.actual_id if check and check.held else None, decision=_decision_words(check) if check else "",
        reason=said.reason, comment=said.comment, seen=seen,
        problems=refusal.problems if refusal else (),
    )  # fmt: skip


class _Units(NamedTuple):
    """A week's units: the `figures` of its boxes, and what follows from them."""

    figures: Sequence[Decimal]
    planned: Decimal
    delivered: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal


def _units_of(stored: LineWeek, kept: Sequence[Decimal], refusal: Refusal | None) -> _Units:
    """Return the units of a week as it is kept, or as they would be with what was typed, where that can be read."""
    actual, typed = stored.actual, read_figures(refusal.entry) if refusal else None
    figures = kept if typed is None else typed
    planned = actual.planned if actual and stored.is_money else plan_of_week(stored.plan, stored.week)
    delivered = actual.delivered if actual and figures is kept else sum(figures, NOTHING)
    aborted, aborted_payable = stored.aborted
    if actual and figures == kept:
        # A decision of Service Brokerage may have capped what is payable.
        return _Units(figures, planned, delivered, aborted, aborted_payable, actual.payable)
    payable = derive(planned, delivered, aborted, aborted_payable).payable
    return _Units(figures, planned, delivered, aborted, aborted_payable, payable)


def _amount(
    stored: LineWeek, payable: Decimal, figures: Sequence[Decimal], visits: Mapping[date, DayVisits]
) -> Decimal | None:
    aborted = {day: each.payable for day, each in visits.items()} if visits else {}
    return pounds_of(stored.line, stored.week, UnstoredFigures(payable, seven_days(figures)), aborted)


def _rate_words(stored: LineWeek) -> str:
    """Return "£19.68 an hour", or both rates of the week with the day of the change."""
    plan, rates, week = stored.plan, stored.line.rate_versions, stored.week
    # Most lines have one rate, and it covers the week.
    if version := rate_throughout(rates, max(week, plan.start), week + LAST_DAY):
        return _rate_for(version.rate, plan.unit)
    versions: list[tuple[RateVersion, date]] = []
    for day in active_days(plan, week):
        try:
            version = rate_on(rates, day)
        except NoRate:
            continue
        if version not in [known for known, _ in versions]:
            versions.append((version, day))
    if not versions:
        return "no rate yet"
    changes = "".join(f", {short_rate(version.rate)} from {short_date(day)}" for version, day in versions[1:])
    return f"{_rate_for(versions[0][0].rate, plan.unit)}{changes}"


@lru_cache(maxsize=1024)
def _rate_for(rate: Decimal, unit: Unit) -> str:
    one = unit_words(unit, Decimal(1))
    return f"{short_rate(rate)} {'each' if unit is Unit.EACH else f'an {one}' if one == 'hour' else f'a {one}'}"


def _decision_words(check: LevelCheck) -> str:
    if check.decision is None:
        return ""
    units = f" {check.decided_units:.2f}" if check.decided_units is not None else ""
    return f"{label(check.decision)}{units}"


def explanation_of(stored: LineWeek) -> Sequence[str]:
    """Return why a week is held, in sentences; nothing where it is not."""
    actual, check = stored.actual, stored.check
    if actual is None or check is None or not check.held:
        return ()
    level = ExceptionLevel(check.percent, check.least_units, check.extras_allowed)
    return explain(stored.plan.unit, check.planned, actual.delivered, check.claimed, level, code=check.rule)
