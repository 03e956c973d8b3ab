"""The cells of a row of the Actuals sheet: an input for each day or for the week, and the stretches that are closed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import cycle
from typing import NamedTuple

from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.open_days import Calendar, closed_because, first_open_day, is_open_throughout
from rules.period import DAY_NAMES
from rules.plan import LAST_DAY, SevenDays, active_days, days_planned, plan_of_week, unit_words
from rules.price import RateVersion, rate_throughout
from rules.states import PlanKind, Unit
from workflows.actuals.marks import DayVisits
from workflows.weeks.claimed_days import ClaimedDay
from workflows.weeks.entry import Refusal
from workflows.weeks.line_week import LineWeek


class Cell(NamedTuple):
    """One input, or a closed stretch of `span` days with the reason why.

    `field` is the input's name without the line's id, `words` its label without the person: nothing here says whose it
    is, so lines that look alike share their cells. Everything is text as the page shows it: quantities in units with
    two places, `planned` empty where nothing is, the rate in pounds, empty where none covers the day. `aborted` counts
    the visits of the day that were aborted; `claim_id` is the absence claim the day is in, 0 where it is in none.
    `day_words` say which day it is ("Mon 6"), of a closed stretch which days ("Mon to Wed"). The unit of a weekly line
    is in `whole` ("hours in the week").
    """

    field: str = ""
    words: str = ""
    value: str = ""
    planned: str = ""
    rate: str = ""
    changed: bool = False
    day: date | None = None
    day_words: str = ""
    span: int = 1
    closed: str = ""
    problem: str = ""
    theirs: str = ""
    aborted: int = 0
    aborted_payable: str = ""
    claim_id: int = 0
    whole: str = ""


class Sources(NamedTuple):
    """What the cells of a row are made from: the line's week, its aborted visits, its claimed days.

    `kept` are the units as they are stored or planned; `refusal` holds what was typed in their place.
    """

    stored: LineWeek
    calendar: Calendar
    visits: Mapping[date, DayVisits]
    claimed: Mapping[date, ClaimedDay]
    kept: tuple[Decimal, ...]
    refusal: Refusal | None


def days_of(week: date) -> list[tuple[date, str]]:
    """Return the days of a week with their words: "Mon 6"."""
    days = [week + timedelta(days=index) for index in range(7)]
    return [(day, f"{name} {day.day}") for name, day in zip(DAY_NAMES, days, strict=True)]


def cells_of(sources: Sources) -> Sequence[Cell]:
    """Return the cells of a line's week, Monday to Sunday: as kept, then what was typed and what was aborted."""
    stored = sources.stored
    cells: Sequence[Cell]
    if stored.plan.kind is PlanKind.WEEKLY:
        cells = [_weekly_cell(sources)]
    elif is_open_throughout(stored.plan, stored.week, sources.calendar):
        cells = _day_cells(sources)
    else:
        cells = list(_cells_with_gaps(sources))
    if refusal := sources.refusal:
        cells = [cell if cell.closed else _as_typed(cell, refusal, sources.kept) for cell in cells]
    if sources.visits or sources.claimed:
        cells = [cell if cell.closed else _marked(cell, sources) for cell in cells]
    return cells


def _cells_with_gaps(sources: Sources) -> Iterator[Cell]:
    plan, calendar = sources.stored.plan, sources.calendar
    run, why = 0, ""
    for index, cell in enumerate(_day_cells(sources)):
        closed = closed_because(plan, sources.stored.week + timedelta(days=index), calendar)
        if run and closed != why:
            yield _closed(why, index - run, index)
            run = 0
        if closed:
            run, why = run + 1, closed
        else:
            yield cell
    if run:
        yield _closed(why, 7 - run, 7)


@lru_cache(maxsize=256)
def _closed(why: str, begin: int, end: int) -> Cell:
    """Return the closed stretch of the days of a week from one to before another, both counted from Monday as 0."""
    first, last = DAY_NAMES[begin], DAY_NAMES[end - 1]
    return Cell(closed=why, span=end - begin, day_words=first if first == last else f"{first} to {last}")


def _day_cells(sources: Sources) -> Sequence[Cell]:
    """Return the inputs of all seven days, as if each were open."""
    plan, rates, week = sources.stored.plan, sources.stored.line.rate_versions, sources.stored.week
    version = rate_throughout(rates, week, week + LAST_DAY)
    by_day = (version.rate,) if version else tuple(_rate_on(rates, day) for day, _ in days_of(week))
    return _alike(week, plan.unit, days_planned(plan, week), sources.kept, by_day)


@lru_cache(maxsize=2048)
def _alike(
    week: date, unit: Unit, plan: SevenDays, kept: tuple[Decimal, ...], rates: tuple[Decimal | None, ...]
) -> tuple[Cell, ...]:
    """Return the inputs of seven days, which have a rate each or all the same one.

    Kept, for most lines of a week have a plan that others have too.
    """
    delivered = f"delivered {unit_words(unit, NOTHING)}, planned"
    days = zip(days_of(week), plan, kept, cycle(rates), strict=False)  # the rates have no end
    return tuple(
        Cell(
            field=f"d{index}",
            words=f"{words} {delivered} {planned:.2f}",
            # A day without a plan stays empty until something was delivered on it.
            value=f"{units:.2f}" if planned or units else "",
            planned=f"{planned:.2f}" if planned else "",
            rate=_rate_text(rate),
            changed=units != planned,
            day=day,
            day_words=words,
        )
        for index, ((day, words), planned, units, rate) in enumerate(days)
    )


def _weekly_cell(sources: Sources) -> Cell:
    stored, calendar = sources.stored, sources.calendar
    line, plan, week = stored.line, stored.plan, stored.week
    days = active_days(plan, week)
    if first_open_day(plan, week, calendar) is None:
        return _closed(closed_because(plan, days[0] if days else week, calendar), 0, 7)
    planned, kept = plan_of_week(plan, week), sources.kept[0]
    return Cell(
        "total",
        f"week delivered {unit_words(plan.unit, NOTHING)}, planned {planned:.2f}",
        f"{kept:.2f}",
        f"{planned:.2f}" if planned else "",
        _rate_text(_rate_on(line.rate_versions, days[0])),
        kept != planned,
        span=7,
        whole=f"{unit_words(plan.unit, NOTHING)} in the week",
    )


def _as_typed(cell: Cell, refusal: Refusal, kept: Sequence[Decimal]) -> Cell:
    """Return a box with what was typed, what is wrong with it, and what a colleague saved meanwhile."""
    index = 0 if cell.field == "total" else int(cell.field[1])
    typed, stored = refusal.entry.figures[index], kept[index]
    is_nothing = typed == "0.00" and not cell.planned and cell.day
    return cell._replace(
        value="" if is_nothing else typed,
        changed=_differs(typed, Decimal(cell.planned or 0)),
        problem=refusal.messages.get(cell.field, ""),
        theirs=f"{stored:.2f}" if refusal.conflict and _differs(typed, stored) else "",
    )


def _marked(cell: Cell, sources: Sources) -> Cell:
    """Return a cell with what its day has beside care; the one of a weekly line has it of the whole week."""
    visits = [each for day, each in sources.visits.items() if cell.day in (day, None)]
    claims = [each for day, each in sources.claimed.items() if cell.day in (day, None)]
    payable = sum((each.payable for each in visits), NOTHING)
    return cell._replace(
        aborted=sum(each.count for each in visits),
        aborted_payable=f"{payable:.2f}" if visits else "",
        claim_id=claims[0].claim_id if claims else 0,
    )


def _differs(typed: str, from_: Decimal) -> bool:
    try:
        return read_quantity(typed) != from_
    except NotAQuantity:
        return True


def _rate_on(rates: Sequence[RateVersion], day: date) -> Decimal | None:
    version = rate_throughout(rates, day, day)
    return version.rate if version else None


def _rate_text(rate: Decimal | None) -> str:
    return "" if rate is None else str(rate)
