"""The cells of a row of the Actuals sheet: an input for each day or for the week, and the stretches that are closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.plan import active_days, plan_of_week, unit_words
from rules.price import RateVersion, rate_throughout
from rules.states import PlanKind
from workflows.line_week import LAST_DAY, Calendar, Refusal, closed_because, is_open_throughout, opening
from workflows.sheet_line import SheetWeek
from workflows.week_marks import DayVisits

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Cell(NamedTuple):
    """One input, or a closed stretch of `span` days with the reason why.

    Everything is text as the page shows it: quantities in units with two places, `planned` empty where nothing is, the
    rate in pounds, empty where none covers the day. `aborted` counts the visits of the day that were aborted.
    """

    name: str = ""
    label: str = ""
    value: str = ""
    planned: str = ""
    rate: str = ""
    changed: bool = False
    problem: str = ""
    theirs: str = ""
    closed: str = ""
    span: int = 1
    day: date | None = None
    aborted: int = 0
    aborted_payable: str = ""


class Sources(NamedTuple):
    """What the cells of a row are made from: the line's week, how its person is named, its aborted visits.

    `kept` are the units as they are stored or planned; `refusal` holds what was typed in their place. `days` are the
    days of the week with their words ("Mon 6").
    """

    stored: SheetWeek
    calendar: Calendar
    days: Sequence[tuple[date, str]]
    person: str
    visits: Mapping[date, DayVisits]
    kept: Sequence[Decimal]
    refusal: Refusal | None


def days_of(week: date) -> list[tuple[date, str]]:
    """Return the days of a week with their words: "Mon 6"."""
    days = [week + timedelta(days=index) for index in range(7)]
    return [(day, f"{name} {day.day}") for name, day in zip(DAY_NAMES, days, strict=True)]


def cells_of(sources: Sources) -> list[Cell]:
    """Return the cells of a line's week, Monday to Sunday."""
    stored = sources.stored
    if stored.plan.kind is PlanKind.WEEKLY:
        return [_weekly_cell(sources)]
    if is_open_throughout(stored.plan, stored.week, sources.calendar):
        return list(_day_cells(sources, range(7)))
    return list(_cells_with_gaps(sources))


def _cells_with_gaps(sources: Sources) -> Iterator[Cell]:
    plan, calendar = sources.stored.plan, sources.calendar
    run, why = 0, ""
    for index, (day, _) in enumerate(sources.days):
        closed = closed_because(plan, day, calendar)
        if run and closed != why:
            yield Cell(closed=why, span=run)
            run = 0
        if closed:
            run, why = run + 1, closed
            continue
        yield from _day_cells(sources, [index])
    if run:
        yield Cell(closed=why, span=run)


def _day_cells(sources: Sources, indices: Iterable[int]) -> Iterator[Cell]:
    """Give the inputs of days on which something can be entered."""
    line, week, refusal = sources.stored.line, sources.stored.week, sources.refusal
    unit = unit_words(line.plan.unit, NOTHING)
    version = rate_throughout(line.rates, week, week + LAST_DAY)
    rate = str(version.rate) if version else ""
    for index in indices:
        day, words = sources.days[index]
        planned, visits = line.plan.days[index], sources.visits.get(day)
        # The columns of units have two places, and so has their text.
        planned_text = str(planned)
        value, changed, theirs = _value(sources, index, planned)
        yield Cell(
            f"d{index}-{line.id}",
            f"{sources.person} {words} delivered {unit}, planned {planned_text}",
            # A day without a plan stays empty until something was delivered on it.
            "" if value == "0.00" and not planned else value,
            planned_text if planned else "",
            rate or _rate_on(line.rates, day),
            changed,
            refusal.messages.get(f"d{index}", "") if refusal else "",
            theirs,
            day=day,
            aborted=visits.count if visits else 0,
            aborted_payable=f"{visits.payable:.2f}" if visits else "",
        )


def _weekly_cell(sources: Sources) -> Cell:
    stored, calendar, refusal = sources.stored, sources.calendar, sources.refusal
    line, plan, week, visits = stored.line, stored.plan, stored.week, sources.visits.values()
    days = active_days(plan, week)
    if opening(plan, week, calendar) is None:
        return Cell(closed=closed_because(plan, days[0] if days else week, calendar), span=7)
    planned = plan_of_week(plan, week)
    value, changed, theirs = _value(sources, 0, planned)
    return Cell(
        f"total-{line.id}",
        f"{sources.person} week delivered {unit_words(plan.unit, NOTHING)}, planned {planned:.2f}",
        value,
        f"{planned:.2f}" if planned else "",
        _rate_on(line.rates, days[0]),
        changed,
        refusal.messages.get("total", "") if refusal else "",
        theirs,
        span=7,
        aborted=sum(each.count for each in visits),
        aborted_payable=f"{sum(each.payable for each in visits):.2f}" if visits else "",
    )


def _value(sources: Sources, index: int, planned: Decimal) -> tuple[str, bool, str]:
    """Return the text in the box, whether it differs from the plan, and what a colleague saved meanwhile."""
    kept, refusal = sources.kept[index], sources.refusal
    if refusal is None:
        return str(kept), kept != planned, ""
    typed = refusal.entry.figures[index]
    return typed, _differs(typed, planned), f"{kept:.2f}" if refusal.conflict and _differs(typed, kept) else ""


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def _rate_on(rates: Sequence[RateVersion], day: date) -> str:
    version = rate_throughout(rates, day, day)
    return str(version.rate) if version else ""
