"""What was commissioned on a line: its plan by week and by day, and the steps it is counted in (rules.md 2)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.states import PlanKind, Unit
from rules.words import plural

SevenDays = tuple[Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal]

NO_DAYS: SevenDays = (NOTHING,) * 7
LAST_DAY = timedelta(days=6)

# rules.md 2: hours have a step of their own (a policy setting), weeks are never entered.
STEPS: Mapping[Unit, Decimal] = {
    Unit.VISIT: Decimal(1),
    Unit.SESSION: Decimal(1),
    Unit.DAY: Decimal(1),
    Unit.NIGHT: Decimal(1),
    Unit.MEAL: Decimal(1),
    Unit.EACH: Decimal(1),
}

UNIT_WORDS: Mapping[Unit, tuple[str, str]] = {
    Unit.HOUR: ("hour", "hours"),
    Unit.VISIT: ("visit", "visits"),
    Unit.SESSION: ("session", "sessions"),
    Unit.DAY: ("day", "days"),
    Unit.NIGHT: ("night", "nights"),
    Unit.MEAL: ("meal", "meals"),
    Unit.EACH: ("item", "items"),
    Unit.WEEK: ("week", "weeks"),
}


class LinePlan(NamedTuple):
    """What a care package line item commissions, from `start` to `end`, both inclusive, open where `end` is None.

    `days` holds Monday to Sunday of a timetabled line; `weekly` holds the week's quantity of a weekly one. The other
    of the two is not looked at.
    """

    kind: PlanKind
    unit: Unit
    days: SevenDays
    weekly: Decimal
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Say whether the line is active on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


def active_days(line: LinePlan, monday: date) -> list[date]:
    """Return the days of the week beginning on `monday` on which the line is active, in order."""
    week = [monday + timedelta(days=index) for index in range(7)]
    if line.covers(week[0]) and line.covers(week[6]):
        return week
    return [day for day in week if line.covers(day)]


def plan_of_week(line: LinePlan, monday: date) -> Decimal:
    """Return the units commissioned in a week: the timetable of its active days, or the weekly quantity's share."""
    if line.start <= monday and (line.end is None or line.end >= monday + LAST_DAY):
        return round2(line.weekly) if line.kind is PlanKind.WEEKLY else sum(line.days, NOTHING)
    days = active_days(line, monday)
    if line.kind is PlanKind.WEEKLY:
        return round2(line.weekly * len(days) / 7)
    return sum((line.days[day.weekday()] for day in days), NOTHING)


def plan_of_day(line: LinePlan, day: date) -> Decimal:
    """Return the units commissioned on a day, 0 outside the line; a weekly plan gives an unrounded seventh."""
    if not line.covers(day):
        return NOTHING
    return line.weekly / 7 if line.kind is PlanKind.WEEKLY else line.days[day.weekday()]


def step_of(unit: Unit, hour_step: Decimal) -> Decimal:
    """Return the step in which a provider enters a unit. Raises ValueError for WEEK, which is never entered."""
    if unit is Unit.HOUR:
        return hour_step
    if unit not in STEPS:
        raise ValueError(f"{unit} is not entered by providers")
    return STEPS[unit]


def unit_words(unit: Unit, quantity: Decimal) -> str:
    """Return the word that follows a quantity: "hour" after 1, "hours" after anything else."""
    one, many = UNIT_WORDS[unit]
    return plural(quantity, one, many)
