"""The cells of a row of the Actuals sheet: an input for each day or for the week, and the stretches that are closed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.plan import LinePlan, active_days, plan_of_day, plan_of_week, unit_words
from rules.price import RateVersion
from rules.states import PlanKind
from workflows.line_week import Calendar, Refusal, Stored, closed_because, opening
from workflows.week_marks import DayVisits

DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEK_OF_DAYS = tuple(timedelta(days=index) for index in range(7))


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
    day_words: str = ""
    aborted: int = 0
    aborted_payable: str = ""


class Sources(NamedTuple):
    """What the cells of a row are made from: the line's week, how its person is named, its rates, its aborted visits.

    `kept` are the units as they are stored or planned; `refusal` holds what was typed in their place.
    """

    stored: Stored
    calendar: Calendar
    person: str
    rates: Sequence[RateVersion]
    visits: Mapping[date, DayVisits]
    kept: Sequence[Decimal]
    refusal: Refusal | None


def cells_of(sources: Sources) -> Iterator[Cell]:
    """Give the cells of a line's week, Monday to Sunday."""
    if sources.stored.line.plan_kind is PlanKind.WEEKLY:
        yield _weekly_cell(sources)
        return
    stored, calendar, week = sources.stored, sources.calendar, sources.stored.week
    always_open = _is_open_throughout(stored.plan, week, calendar)
    line_id, words = stored.line.id, unit_words(stored.plan.unit, NOTHING)
    rate = rate_of_all(sources.rates, week)
    rate_text = str(rate.rate) if rate else ""
    run, why = 0, ""
    for index, passed in enumerate(WEEK_OF_DAYS):
        day = week + passed
        closed = "" if always_open else closed_because(stored.line, day, calendar)
        if run and closed != why:
            yield Cell(closed=why, span=run)
            run = 0
        if closed:
            run, why = run + 1, closed
            continue
        yield _day_cell(sources, index, day, line_id, words, rate_text or _rate_on(sources.rates, day))
    if run:
        yield Cell(closed=why, span=run)


def _is_open_throughout(plan: LinePlan, week: date, calendar: Calendar) -> bool:
    """Say at once what is true of most weeks: that nothing is closed on any of their days."""
    sunday = week + WEEK_OF_DAYS[6]
    return (
        max(plan.start, calendar.portal_start) <= week
        and sunday <= calendar.today
        and (plan.end is None or plan.end >= sunday)
    )


def _day_cell(sources: Sources, index: int, day: date, line_id: int, words: str, rate: str) -> Cell:
    planned, field = plan_of_day(sources.stored.plan, day), f"d{index}"
    planned_text, day_words = f"{planned:.2f}", f"{DAY_NAMES[index]} {day.day}"
    value, changed, theirs = _value(sources, index, planned, planned_text)
    refusal, visits = sources.refusal, sources.visits.get(day)
    return Cell(
        f"{field}-{line_id}",
        f"{sources.person} {day_words} delivered {words}, planned {planned_text}",
        # A day without a plan stays empty until something was delivered on it.
        "" if value == "0.00" and not planned else value,
        planned_text if planned else "",
        rate,
        changed,
        refusal.messages.get(field, "") if refusal else "",
        theirs,
        day=day,
        day_words=day_words,
        aborted=visits.count if visits else 0,
        aborted_payable=f"{visits.payable:.2f}" if visits else "",
    )


def _weekly_cell(sources: Sources) -> Cell:
    stored, calendar, refusal = sources.stored, sources.calendar, sources.refusal
    line, week, visits = stored.line, stored.week, sources.visits.values()
    days = active_days(stored.plan, week)
    if opening(line, week, calendar) is None:
        return Cell(closed=closed_because(line, days[0] if days else week, calendar), span=7)
    planned = plan_of_week(stored.plan, week)
    planned_text = f"{planned:.2f}"
    value, changed, theirs = _value(sources, 0, planned, planned_text)
    return Cell(
        f"total-{line.id}",
        f"{sources.person} week delivered {unit_words(line.unit, NOTHING)}, planned {planned_text}",
        value,
        planned_text if planned else "",
        _rate_on(sources.rates, days[0]),
        changed,
        refusal.messages.get("total", "") if refusal else "",
        theirs,
        span=7,
        aborted=sum(each.count for each in visits),
        aborted_payable=f"{sum(each.payable for each in visits):.2f}" if visits else "",
    )


def _value(sources: Sources, index: int, planned: Decimal, planned_text: str) -> tuple[str, bool, str]:
    """Return the text in the box, whether it differs from the plan, and what a colleague saved meanwhile."""
    kept, refusal = sources.kept[index], sources.refusal
    if refusal is None:
        return (planned_text, False, "") if kept == planned else (f"{kept:.2f}", True, "")
    typed = refusal.entry.figures[index]
    return typed, _differs(typed, planned), f"{kept:.2f}" if refusal.conflict and _differs(typed, kept) else ""


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def rate_of_all(rates: Sequence[RateVersion], week: date) -> RateVersion | None:
    """Return the rate that is in force on all days of a week where it is the line's only one, nothing otherwise."""
    if len(rates) != 1:
        return None
    (only,) = rates
    return only if only.start <= week and (only.end is None or only.end >= week + WEEK_OF_DAYS[6]) else None


def _rate_on(rates: Sequence[RateVersion], day: date) -> str:
    for version in rates:
        if version.start <= day and (version.end is None or day <= version.end):
            return str(version.rate)
    return ""
