"""A row of the Actuals sheet: one line's week, with everything the page shows of it worked out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from models import Actual, ExceptionCheck, LineItem
from rules.actual import NotAQuantity, derive, read_quantity
from rules.exception import ExceptionLevel, allowance, explain
from rules.money import NOTHING
from rules.period import short_date
from rules.plan import active_days, plan_of_day, plan_of_week, unit_words
from rules.price import NoRate, RateVersion, amount_of, price_week, rate_on
from rules.states import PlanKind, Unit, label
from workflows.exception import level_of
from workflows.line_week import (
    Calendar,
    Refusal,
    Stored,
    closed_because,
    figures_of,
    opening,
    read_figures,
    seen_of,
    seven_days,
)

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Cell:
    """One input, or a closed stretch of `span` days with the reason why. Quantities are units, the rate pounds."""

    name: str = ""
    label: str = ""
    value: str = ""
    planned: Decimal = NOTHING
    rate: Decimal | None = None
    changed: bool = False
    problem: str = ""
    theirs: str = ""
    closed: str = ""
    span: int = 1


@dataclass(frozen=True)
class SheetRow:
    """One line's week, ready to be laid out; `seen` goes into the form and comes back with it."""

    line_id: int
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
    def allowance(self) -> Decimal:
        """The units this week may go above its plan."""
        return allowance(self.planned, self.level)


def build_row(stored: Stored, calendar: Calendar, refusal: Refusal | None = None) -> SheetRow:
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
    held = check is not None and check.over and check.decision is None
    entry = refusal.entry if refusal else None
    return SheetRow(
        line_id=line.id,
        reference=line.reference,
        person=_person(line, calendar),
        person_reference=line.person.reference,
        element=line.element.name,
        rate=_rate_words(line, week),
        unit=line.unit,
        weekly=line.plan_kind is PlanKind.WEEKLY,
        cells=tuple(_cells(stored, calendar, [_text(figure) for figure in kept], refusal)),
        planned=derived.planned,
        delivered=derived.delivered,
        aborted=aborted,
        aborted_payable=aborted_payable,
        payable=payable,
        amount=_amount(line, week, payable, shown),
        state=label(actual.state) if actual else "Not started",
        editable=not stored.is_money and opening(line, week, calendar) is not None,
        over=payable - derived.planned,
        level=level,
        held=held,
        decision=_decision_words(check),
        explanation=_explain(line, actual, check) if actual and check and held else [],
        reason=entry.reason if entry else actual.reason if actual else "",
        comment=entry.comment if entry else actual.comment if actual else "",
        seen=seen_of(stored, calendar),
        messages=refusal.messages if refusal else {},
    )


def _cells(stored: Stored, calendar: Calendar, kept: list[str], refusal: Refusal | None) -> Iterator[Cell]:
    typed = list(refusal.entry.figures) if refusal else kept
    if stored.line.plan_kind is PlanKind.WEEKLY:
        yield _weekly_cell(stored, calendar, kept[0], typed[0], refusal)
        return
    run, why = 0, ""
    for index in range(7):
        day = stored.week + timedelta(days=index)
        closed = closed_because(stored.line, day, calendar)
        if run and closed != why:
            yield Cell(closed=why, span=run)
            run = 0
        run, why = (run + 1 if closed else 0), closed
        if not closed:
            yield _day_cell(stored, calendar, index, kept[index], typed[index], refusal)
    if run:
        yield Cell(closed=why, span=run)


def _day_cell(stored: Stored, calendar: Calendar, index: int, kept: str, typed: str, refusal: Refusal | None) -> Cell:
    line, day = stored.line, stored.week + timedelta(days=index)
    planned = plan_of_day(stored.plan, day)
    words = f"{_person(line, calendar)} {DAY_NAMES[index]} {day.day} delivered {unit_words(line.unit, NOTHING)}"
    # A day without a plan stays empty until something was delivered on it.
    value = "" if typed == "0.00" and not planned else typed
    return Cell(
        name=f"d{index}-{line.id}",
        label=f"{words}, planned {planned:.2f}",
        value=value,
        planned=planned,
        rate=line.rate_on(day),
        changed=_differs(typed, planned),
        problem=refusal.messages.get(f"d{index}", "") if refusal else "",
        theirs=kept if refusal and refusal.conflict and _differs(typed, Decimal(kept)) else "",
    )


def _weekly_cell(stored: Stored, calendar: Calendar, kept: str, typed: str, refusal: Refusal | None) -> Cell:
    line, week = stored.line, stored.week
    opens = opening(line, week, calendar)
    if opens is None:
        days = active_days(stored.plan, week)
        return Cell(closed=closed_because(line, days[0] if days else week, calendar), span=7)
    planned = plan_of_week(stored.plan, week)
    return Cell(
        name=f"total-{line.id}",
        label=f"{_person(line, calendar)} week delivered {unit_words(line.unit, NOTHING)}, planned {planned:.2f}",
        value=typed,
        planned=planned,
        rate=line.rate_on(active_days(line.plan, week)[0]),
        changed=_differs(typed, planned),
        problem=refusal.messages.get("total", "") if refusal else "",
        theirs=kept if refusal and refusal.conflict and _differs(typed, Decimal(kept)) else "",
        span=7,
    )


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def _amount(line: LineItem, week: date, payable: Decimal, figures: Sequence[Decimal]) -> Decimal | None:
    try:
        return amount_of(price_week(line.plan, week, payable, seven_days(figures), line.rate_versions))
    except (NoRate, ValueError):
        return None


def _person(line: LineItem, calendar: Calendar) -> str:
    return line.person.name if calendar.full_names else line.person.initials


def _rate_words(line: LineItem, week: date) -> str:
    """Return "£19.68 an hour", or both rates of the week with the day of the change."""
    versions: list[tuple[RateVersion, date]] = []
    for day in active_days(line.plan, week):
        try:
            version = rate_on(line.rate_versions, day)
        except NoRate:
            continue
        if version not in [known for known, _ in versions]:
            versions.append((version, day))
    if not versions:
        return "no rate yet"
    one = unit_words(line.unit, Decimal(1))
    per = "each" if line.unit is Unit.EACH else f"an {one}" if one == "hour" else f"a {one}"
    changes = "".join(f", {_rate(version.rate)} from {short_date(day)}" for version, day in versions[1:])
    return f"{_rate(versions[0][0].rate)} {per}{changes}"


def _rate(rate: Decimal) -> str:
    two = f"{rate:.2f}"
    return f"£{two}" if Decimal(two) == rate else f"£{rate.normalize():f}"


def _decision_words(check: ExceptionCheck | None) -> str:
    if check is None or not check.over or check.decision is None:
        return ""
    units = f" {check.decided_units:.2f}" if check.decided_units is not None else ""
    return f"{label(check.decision)}{units}"


def _explain(line: LineItem, actual: Actual, check: ExceptionCheck) -> list[str]:
    level = ExceptionLevel(check.percent, check.least_units, check.extras_allowed)
    return explain(line.unit, check.planned, actual.delivered, check.claimed, level, code=check.rule)


def _text(figure: Decimal) -> str:
    return f"{figure:.2f}"
