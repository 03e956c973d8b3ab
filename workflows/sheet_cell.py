"""The cells of a row of the Actuals sheet: an input for each day or for the week, and the stretches that are closed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.plan import LAST_DAY, active_days, plan_of_week, unit_words
from rules.price import RateVersion, rate_throughout
from rules.states import PlanKind
from workflows.line_week import Calendar, Refusal, closed_because, is_open_throughout, opening
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
    day: date | None = None
    span: int = 1
    closed: str = ""
    problem: str = ""
    theirs: str = ""
    aborted: int = 0
    aborted_payable: str = ""


_NOTHING_MORE = Cell()[7:]


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
    """Return the cells of a line's week, Monday to Sunday: as kept, then what was typed and what was aborted."""
    stored = sources.stored
    if stored.plan.kind is PlanKind.WEEKLY:
        cells = [_weekly_cell(sources)]
    elif is_open_throughout(stored.plan, stored.week, sources.calendar):
        cells = _day_cells(sources, 0, 7)
    else:
        cells = list(_cells_with_gaps(sources))
    if refusal := sources.refusal:
        cells = [cell if cell.closed else _as_typed(cell, refusal, sources.kept) for cell in cells]
    return [_with_visits(cell, sources.visits) for cell in cells] if sources.visits else cells


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
        yield from _day_cells(sources, index, index + 1)
    if run:
        yield Cell(closed=why, span=run)


def _day_cells(sources: Sources, first: int, end: int) -> list[Cell]:
    """Return the inputs of days on which something can be entered, from the `first` to before the `end`."""
    (plan, rates, line_id, *_), week = sources.stored.line, sources.stored.week
    person, words = sources.person, f"delivered {unit_words(plan.unit, NOTHING)}, planned"
    version = rate_throughout(rates, week, week + LAST_DAY)
    rate = str(version.rate) if version else ""
    cells = []
    days = zip(sources.days[first:end], plan.days[first:end], sources.kept[first:end], strict=True)
    for index, ((day, day_words), planned, kept) in enumerate(days, first):
        # The columns of units have two places, and so has their text.
        planned_text, changed = str(planned), kept != planned
        value = str(kept) if changed else planned_text
        if not planned:
            # A day without a plan stays empty until something was delivered on it.
            value = value if changed else ""
        label = f"{person} {day_words} {words} {planned_text}"
        shown = (f"d{index}-{line_id}", label, value, planned_text if planned else "", rate or _rate_on(rates, day))
        # As `Cell(...)`, in half its time.
        cells.append(tuple.__new__(Cell, (*shown, changed, day, *_NOTHING_MORE)))
    return cells


def _weekly_cell(sources: Sources) -> Cell:
    stored, calendar = sources.stored, sources.calendar
    line, plan, week = stored.line, stored.plan, stored.week
    days = active_days(plan, week)
    if opening(plan, week, calendar) is None:
        return Cell(closed=closed_because(plan, days[0] if days else week, calendar), span=7)
    planned, kept = plan_of_week(plan, week), sources.kept[0]
    return Cell(
        f"total-{line.id}",
        f"{sources.person} week delivered {unit_words(plan.unit, NOTHING)}, planned {planned:.2f}",
        f"{kept:.2f}",
        f"{planned:.2f}" if planned else "",
        _rate_on(line.rates, days[0]),
        kept != planned,
        span=7,
    )


def _as_typed(cell: Cell, refusal: Refusal, kept: Sequence[Decimal]) -> Cell:
    """Return a box with what was typed, what is wrong with it, and what a colleague saved meanwhile."""
    field = cell.name.partition("-")[0]
    index = 0 if field == "total" else int(field[1])
    typed, stored = refusal.entry.figures[index], kept[index]
    is_nothing = typed == "0.00" and not cell.planned and cell.day
    return cell._replace(
        value="" if is_nothing else typed,
        changed=_differs(typed, Decimal(cell.planned or 0)),
        problem=refusal.messages.get(field, ""),
        theirs=f"{stored:.2f}" if refusal.conflict and _differs(typed, stored) else "",
    )


def _with_visits(cell: Cell, visits: Mapping[date, DayVisits]) -> Cell:
    """Return a cell with the aborted visits of its day; the one of a weekly line has those of the week."""
    found = [each for day, each in visits.items() if cell.day in (day, None)]
    if not found or cell.closed:
        return cell
    payable = sum((each.payable for each in found), NOTHING)
    return cell._replace(aborted=sum(each.count for each in found), aborted_payable=f"{payable:.2f}")


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def _rate_on(rates: Sequence[RateVersion], day: date) -> str:
    version = rate_throughout(rates, day, day)
    return str(version.rate) if version else ""
