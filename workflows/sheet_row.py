"""A row of the Actuals sheet: one line's week, with everything the page shows of it worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from models import Actual, ExceptionCheck, LineItem
from rules.actual import derive
from rules.exception import ExceptionLevel, allowance, explain
from rules.money import NOTHING
from rules.period import short_date
from rules.plan import LinePlan, active_days, plan_of_week, unit_words
from rules.price import NoRate, RateVersion, amount_of, price_week, rate_on
from rules.states import PlanKind, Unit, label
from workflows.exception import level_of
from workflows.line_week import (
    Calendar,
    Refusal,
    Stored,
    figures_of,
    opening,
    read_figures,
    seen_of,
    seven_days,
)
from workflows.sheet_cell import Cell, Sources, cells_of, rate_of_all
from workflows.week_marks import DayVisits

NO_VISITS: Mapping[date, DayVisits] = {}


@dataclass(frozen=True)
class SheetRow:
    """One line's week, ready to be laid out; `seen` goes into the form and comes back with it.

    `correctable` says that the week is on an invoice, so that changing it is a correction; `correcting` that it is
    open for one, `before` what it comes to until then (pounds).
    """

    line_id: int
    week: date
    service_id: int
    reference: str
    person: str
    person_reference: str
    element: str
    rate: str
    unit: Unit
    weekly: bool
    cells: tuple[Cell, ...]
    planned: Decimal
    delivered: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    payable: Decimal
    amount: Decimal | None
    state: str
    editable: bool
    correcting: bool
    correctable: bool
    before: Decimal | None
    over: Decimal
    level: ExceptionLevel
    held: bool
    decision: str
    explanation: list[str]
    reason: str
    comment: str
    seen: str
    messages: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """How messages name the line."""
        return f"{self.person} {self.reference}"

    @property
    def differs(self) -> bool:
        """Whether the week's units differ from its plan, so that a reason is asked for."""
        return self.delivered + self.aborted != self.planned

    @property
    def confirmed(self) -> bool:
        """Whether the week is confirmed or further."""
        return self.state not in ("Not started", "Draft")

    @property
    def allowance(self) -> Decimal:
        """The units this week may go above its plan."""
        return allowance(self.planned, self.level)

    @property
    def over_level(self) -> bool:
        """Whether the week goes further above its plan than it may."""
        return self.over > self.allowance

    @property
    def left(self) -> Decimal | None:
        """The units a week that is above its plan may still grow before it is held, nothing where it is not above."""
        return self.allowance - self.over if NOTHING < self.over <= self.allowance else None


def build_row(
    stored: Stored,
    calendar: Calendar,
    refusal: Refusal | None = None,
    visits: Mapping[date, DayVisits] = NO_VISITS,
    *,
    correcting: bool = False,
) -> SheetRow:
    """Return the row of a line's week: as stored, as planned where nothing is, or as typed where that was refused."""
    line, week, actual, check = stored.line, stored.week, stored.actual, stored.check
    plan, level = stored.plan, level_of(line, week).level
    figures = read_figures(refusal.entry) if refusal else None
    kept = figures_of(stored, calendar)
    shown = kept if figures is None else figures
    aborted = actual.aborted if actual else NOTHING
    aborted_payable = actual.aborted_payable if actual else NOTHING
    planned = actual.planned if actual and stored.is_money else plan_of_week(plan, week)
    derived = derive(planned, sum(shown, NOTHING), aborted, aborted_payable)
    payable = actual.payable if actual and shown == kept else derived.payable
    held = check is not None and check.decision is None
    entry = refusal.entry if refusal else None
    person, rates = _person(line, calendar), line.rate_versions
    is_open = opening(line, week, calendar) is not None
    return SheetRow(
        line_id=line.id,
        week=week,
        service_id=line.service_id,
        reference=line.reference,
        person=person,
        person_reference=line.person.reference,
        element=line.element.name,
        rate=_rate_words(rates, plan, week),
        unit=line.unit,
        weekly=line.plan_kind is PlanKind.WEEKLY,
        cells=tuple(cells_of(Sources(stored, calendar, person, rates, visits, kept, refusal))),
        planned=derived.planned,
        delivered=derived.delivered,
        aborted=aborted,
        aborted_payable=aborted_payable,
        payable=payable,
        amount=_amount(rates, plan, week, payable, shown, visits),
        state=label(actual.state) if actual else "Not started",
        editable=is_open and (correcting or not stored.is_money),
        correcting=is_open and correcting and stored.is_money,
        correctable=is_open and stored.is_money,
        before=_amount(rates, plan, week, actual.payable, kept, visits) if actual and correcting else None,
        over=payable - derived.planned,
        level=level,
        held=held,
        decision=_decision_words(check),
        explanation=_explain(line, actual, check) if actual and check and held else [],
        reason=entry.reason if entry else actual.reason if actual else "",
        comment=entry.comment if entry else actual.comment if actual else "",
        seen=seen_of(stored, calendar, kept),
        messages=refusal.messages if refusal else {},
    )


def _amount(
    rates: Sequence[RateVersion],
    plan: LinePlan,
    week: date,
    payable: Decimal,
    figures: Sequence[Decimal],
    visits: Mapping[date, DayVisits],
) -> Decimal | None:
    aborted = {day: each.payable for day, each in visits.items()}
    try:
        return amount_of(price_week(plan, week, payable, seven_days(figures), rates, aborted))
    except (NoRate, ValueError):
        return None


def _person(line: LineItem, calendar: Calendar) -> str:
    return line.person.name if calendar.full_names else line.person.initials


def _rate_words(rates: Sequence[RateVersion], plan: LinePlan, week: date) -> str:
    """Return "£19.68 an hour", or both rates of the week with the day of the change."""
    versions: list[tuple[RateVersion, date]] = []
    # Most lines have one rate, and it covers the week.
    for day in [max(week, plan.start)] if rate_of_all(rates, week) else active_days(plan, week):
        try:
            version = rate_on(rates, day)
        except NoRate:
            continue
        if version not in [known for known, _ in versions]:
            versions.append((version, day))
    if not versions:
        return "no rate yet"
    one = unit_words(plan.unit, Decimal(1))
    per = "each" if plan.unit is Unit.EACH else f"an {one}" if one == "hour" else f"a {one}"
    changes = "".join(f", {_rate(version.rate)} from {short_date(day)}" for version, day in versions[1:])
    return f"{_rate(versions[0][0].rate)} {per}{changes}"


def _rate(rate: Decimal) -> str:
    two = f"{rate:.2f}"
    return f"£{two}" if Decimal(two) == rate else f"£{rate.normalize():f}"


def _decision_words(check: ExceptionCheck | None) -> str:
    if check is None or check.decision is None:
        return ""
    units = f" {check.decided_units:.2f}" if check.decided_units is not None else ""
    return f"{label(check.decision)}{units}"


def _explain(line: LineItem, actual: Actual, check: ExceptionCheck) -> list[str]:
    level = ExceptionLevel(check.percent, check.least_units, check.extras_allowed)
    return explain(line.unit, check.planned, actual.delivered, check.claimed, level, code=check.rule)
