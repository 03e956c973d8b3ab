"""The cells of a row of the Actuals sheet: an input for each day or for the week, and the stretches that are closed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from models import LineItem
from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.plan import active_days, plan_of_day, plan_of_week, unit_words
from rules.states import PlanKind
from workflows.line_week import Calendar, Refusal, Stored, closed_because, opening
from workflows.week_marks import DayVisits

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK_OF_DAYS = tuple(timedelta(days=index) for index in range(7))


@dataclass(frozen=True, slots=True)
class Cell:
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
    day_words: str = ""
    aborted: int = 0
    aborted_payable: str = ""


def cells_of(
    stored: Stored,
    calendar: Calendar,
    person: str,
    kept: Sequence[Decimal],
    refusal: Refusal | None,
    visits: Mapping[date, DayVisits],
) -> Iterator[Cell]:
    """Give the cells of a line's week, Monday to Sunday: what is `kept`, or what was typed where that was refused."""
    if stored.line.plan_kind is PlanKind.WEEKLY:
        yield _weekly_cell(stored, calendar, person, kept[0], refusal, visits)
        return
    line, plan, words = stored.line, stored.plan, unit_words(stored.line.unit, NOTHING)
    run, why = 0, ""
    for index, passed in enumerate(WEEK_OF_DAYS):
        day = stored.week + passed
        closed = closed_because(line, day, calendar)
        if run and closed != why:
            yield Cell(closed=why, span=run)
            run = 0
        if closed:
            run, why = run + 1, closed
            continue
        field, planned, figure = f"d{index}", plan_of_day(plan, day), kept[index]
        day_words = f"{DAY_NAMES[index]} {day.day}"
        value, changed, theirs = _value(field, figure, planned, refusal, index)
        yield Cell(
            name=f"{field}-{line.id}",
            label=f"{person} {day_words} delivered {words}, planned {planned:.2f}",
            # A day without a plan stays empty until something was delivered on it.
            value="" if value == "0.00" and not planned else value,
            planned=f"{planned:.2f}" if planned else "",
            rate=_rate_on(line, day),
            changed=changed,
            problem=refusal.messages.get(field, "") if refusal else "",
            theirs=theirs,
            day=day,
            day_words=day_words,
            aborted=visits[day].count if day in visits else 0,
            aborted_payable=f"{visits[day].payable:.2f}" if day in visits else "",
        )
    if run:
        yield Cell(closed=why, span=run)


def _weekly_cell(
    stored: Stored,
    calendar: Calendar,
    person: str,
    kept: Decimal,
    refusal: Refusal | None,
    visits: Mapping[date, DayVisits],
) -> Cell:
    line, week = stored.line, stored.week
    days = active_days(stored.plan, week)
    if opening(line, week, calendar) is None:
        return Cell(closed=closed_because(line, days[0] if days else week, calendar), span=7)
    planned = plan_of_week(stored.plan, week)
    value, changed, theirs = _value("total", kept, planned, refusal, 0)
    return Cell(
        name=f"total-{line.id}",
        label=f"{person} week delivered {unit_words(line.unit, NOTHING)}, planned {planned:.2f}",
        value=value,
        planned=f"{planned:.2f}" if planned else "",
        rate=_rate_on(line, days[0]),
        changed=changed,
        problem=refusal.messages.get("total", "") if refusal else "",
        theirs=theirs,
        span=7,
        aborted=sum(each.count for each in visits.values()),
        aborted_payable=f"{sum(each.payable for each in visits.values()):.2f}" if visits else "",
    )


def _value(field: str, kept: Decimal, planned: Decimal, refusal: Refusal | None, index: int) -> tuple[str, bool, str]:
    """Return the text in the box, whether it differs from the plan, and what a colleague saved meanwhile."""
    stands = f"{kept:.2f}"
    if refusal is None:
        return stands, kept != planned, ""
    typed = refusal.entry.figures[index]
    return typed, _differs(typed, planned), stands if refusal.conflict and _differs(typed, kept) else ""


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def _rate_on(line: LineItem, day: date) -> str:
    rate = line.rate_on(day)
    return "" if rate is None else str(rate)
