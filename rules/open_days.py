"""Which days of a line's week are open for entering care, and when the week is over (rules.md 1 and 3)."""

from datetime import date
from typing import NamedTuple

from rules.period import short_date
from rules.plan import LAST_DAY, LinePlan, active_days


class Calendar(NamedTuple):
    """What days are judged by: the business date, and the first day of care that is entered in the portal."""

    today: date
    portal_start: date


def closed_because(plan: LinePlan, day: date, calendar: Calendar) -> str:
    """Return in a word or two why nothing can be entered on a day, empty where it can."""
    if day < plan.start:
        return f"starts {short_date(plan.start)}"
    if plan.end is not None and day > plan.end:
        return f"ended {short_date(plan.end)}"
    if day < calendar.portal_start:
        return f"before {short_date(calendar.portal_start)}"
    return "not yet" if day > calendar.today else ""


def is_open_throughout(plan: LinePlan, monday: date, calendar: Calendar) -> bool:
    """Say whether every day of the week is open: true of most weeks, and cheaper than asking day by day."""
    sunday = monday + LAST_DAY
    return (
        plan.start <= monday
        and (plan.end is None or plan.end >= sunday)
        and calendar.portal_start <= monday
        and sunday <= calendar.today
    )


def first_open_day(plan: LinePlan, monday: date, calendar: Calendar) -> date | None:
    """Return the first day of the week on which something can be entered, None where there is none."""
    if is_open_throughout(plan, monday, calendar):
        return monday
    return next((day for day in active_days(plan, monday) if not closed_because(plan, day, calendar)), None)


def last_day_in(plan: LinePlan, monday: date) -> date | None:
    """Return the line's last day in the week, None where it is active on none of its days."""
    sunday = monday + LAST_DAY
    last = sunday if plan.end is None else min(sunday, plan.end)
    return last if last >= max(monday, plan.start) else None


def is_over(plan: LinePlan, monday: date, today: date) -> bool:
    """Say whether a week is over for a line: its last day in it has passed, so that it can be confirmed."""
    last = last_day_in(plan, monday)
    return last is not None and last < today
