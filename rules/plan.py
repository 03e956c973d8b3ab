"""What was commissioned on a line: its plan by week and by day, and the steps it is counted in (rules.md 2)."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.number import Duration
from rules.problem_codes import Code
from rules.refusal import Problem
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


class PlanVersion(NamedTuple):
    """What is commissioned from `start` on, until the next version starts.

    `days` holds Monday to Sunday of a timetabled line; `weekly` holds the week's quantity of a weekly one. The other
    of the two is not looked at.
    """

    start: date
    days: SevenDays
    weekly: Decimal


class LinePlan(NamedTuple):
    """What a care package line item commissions, from `start` to `end`, both inclusive, open where `end` is None.

    `versions` are in order, at least one; the first counts from the line's first day, whatever its own start.
    """

    kind: PlanKind
    unit: Unit
    versions: tuple[PlanVersion, ...]
    start: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Say whether the line is active on a day."""
        return self.start <= day and (self.end is None or day <= self.end)


def nothing_planned(start: date) -> tuple[PlanVersion, ...]:
    """Return the versions of a line whose plan nobody has written yet: a draft's."""
    return (PlanVersion(start, NO_DAYS, NOTHING),)


def plan_throughout(
    kind: PlanKind, unit: Unit, days: SevenDays, weekly: Decimal, start: date, end: date | None
) -> LinePlan:
    """Return the plan of a line whose one version holds from its start to its end."""
    return LinePlan(kind, unit, (PlanVersion(start, days, weekly),), start, end)


def version_on(line: LinePlan, day: date) -> PlanVersion:
    """Return the version of the plan that is in force on a day: the last that has started."""
    found = line.versions[0]
    for version in line.versions[1:]:
        if version.start > day:
            break
        found = version
    return found


def active_days(line: LinePlan, monday: date) -> list[date]:
    """Return the days of the week beginning on `monday` on which the line is active, in order."""
    week = [monday + timedelta(days=index) for index in range(7)]
    if line.covers(week[0]) and line.covers(week[6]):
        return week
    return [day for day in week if line.covers(day)]


def plan_of_week(line: LinePlan, monday: date) -> Decimal:
    """Return the units commissioned in a week: the timetable of its active days, or the weekly quantity's share."""
    sunday = monday + LAST_DAY
    version = _version_throughout(line, monday, sunday)
    if version and line.start <= monday and (line.end is None or line.end >= sunday):
        return round2(version.weekly) if line.kind is PlanKind.WEEKLY else sum(version.days, NOTHING)
    total = sum((quantity_on(line, day) for day in active_days(line, monday)), NOTHING)
    return round2(total / 7) if line.kind is PlanKind.WEEKLY else total


def plan_of_day(line: LinePlan, day: date) -> Decimal:
    """Return the units commissioned on a day, 0 outside the line; a weekly plan gives an unrounded seventh."""
    quantity = quantity_on(line, day)
    return quantity / 7 if line.kind is PlanKind.WEEKLY else quantity


def quantity_on(line: LinePlan, day: date) -> Decimal:
    """Return what stands in the plan for a day: its units, or the whole week's of a weekly plan; 0 outside the line."""
    if not line.covers(day):
        return NOTHING
    version = version_on(line, day)
    return version.weekly if line.kind is PlanKind.WEEKLY else version.days[day.weekday()]


def days_planned(line: LinePlan, monday: date) -> SevenDays:
    """Return the units of Monday to Sunday of a timetabled line in a week, as if the line were active on all seven."""
    if version := _version_throughout(line, monday, monday + LAST_DAY):
        return version.days
    mon, tue, wed, thu, fri, sat, sun = (
        version_on(line, monday + timedelta(days=index)).days[index] for index in range(7)
    )
    return mon, tue, wed, thu, fri, sat, sun


def _version_throughout(line: LinePlan, first: date, last: date) -> PlanVersion | None:
    """Return the one version in force on every day from `first` to `last`, nothing where the plan changes."""
    found = version_on(line, last)
    return found if found.start <= first or found is line.versions[0] else None


def step_of(unit: Unit, hour_step: Decimal) -> Decimal:
    """Return the step in which a provider enters a unit. Raises ValueError for WEEK, which is never entered."""
    if unit is Unit.HOUR:
        return hour_step
    if unit not in STEPS:
        raise ValueError(f"{unit} is not entered by providers")
    return STEPS[unit]


def refuse_duration(quantity: Decimal, unit: Unit) -> Problem | None:
    """Return why a quantity written as hours and minutes cannot be of a line: 2:00 is two hours and not two visits."""
    if unit is Unit.HOUR or not quantity or not isinstance(quantity, Duration):
        return None
    words = unit_words(unit, Decimal(0))
    return Problem(Code.NOT_A_NUMBER, f"A length of time is no number of {words}.", f"Enter how many {words}.")


def unit_words(unit: Unit, quantity: Decimal) -> str:
    """Return the word that follows a quantity: "hour" after 1, "hours" after anything else."""
    one, many = UNIT_WORDS[unit]
    return plural(quantity, one, many)


def week_in_words(unit: Unit, units: Decimal) -> str:
    """Return what is planned of a week: "7.00 hours a week", and "every week" of a line by the week."""
    if unit is Unit.WEEK and units == 1:
        return "every week"
    return f"{units:.2f} {unit_words(unit, units)} a week"
