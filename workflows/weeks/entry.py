"""A week as a form shows it and as somebody typed it, and the word by which a later save knows what was seen."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from rules.actual import NotAQuantity, read_quantity
from rules.money import NOTHING
from rules.open_days import Calendar, closed_because, is_open_throughout, is_over
from rules.plan import days_planned, plan_of_day, plan_of_week
from rules.refusal import Problem
from rules.states import PlanKind
from workflows import policy
from workflows.clock import today
from workflows.weeks.line_week import LineWeek


@dataclass(frozen=True)
class Entry:
    """One line's week as somebody typed it: `figures` are the texts of Monday to Sunday, or the one of the week.

    `seen` is what `seen_of` was when the figures were read; empty where nobody read them, so that they replace
    whatever is stored.
    """

    line_id: int
    figures: tuple[str, ...]
    reason: str = ""
    comment: str = ""
    seen: str = ""


@dataclass(frozen=True)
class Refusal:
    """What was typed for a line and not taken, and why: at d0 … d6, total, reason, comment, or at no field."""

    entry: Entry
    problems: tuple[Problem, ...]
    conflict: bool = False

    @property
    def messages(self) -> dict[str, str]:
        """What a page says, by field; empty is the whole line."""
        return {problem.field: problem.message for problem in self.problems}


class Shown(NamedTuple):
    """A week as the sheet shows it: its units, and the reason and comment beside them."""

    figures: tuple[Decimal, ...]
    reason: str
    comment: str


def calendar_now() -> Calendar:
    """Return what days are judged by at this moment."""
    return Calendar(today(), policy.for_council("portal_start"))


def figures_of(stored: LineWeek, calendar: Calendar) -> tuple[Decimal, ...]:
    """Return a week's units as the sheet shows them: what is stored, else the plan of the days that have come.

    Of a weekly plan nothing has come before the week is over.
    """
    actual, plan, week = None if stored.not_started else stored.actual, stored.plan, stored.week
    if plan.kind is PlanKind.WEEKLY:
        if actual:
            return (actual.delivered,)
        return (plan_of_week(plan, week) if is_over(plan, week, calendar.today) else NOTHING,)
    if actual:
        return actual.days
    if is_open_throughout(plan, week, calendar):
        return days_planned(plan, week)
    days = [week + timedelta(days=index) for index in range(7)]
    return tuple(NOTHING if closed_because(plan, day, calendar) else plan_of_day(plan, day) for day in days)


def read_figures(entry: Entry) -> tuple[Decimal, ...] | None:
    """Return what was typed as units, None where a text cannot be read."""
    try:
        return tuple(read_quantity(text) for text in entry.figures)
    except NotAQuantity:
        return None


def fingerprint(figures: tuple[Decimal, ...], reason: str, comment: str) -> str:
    """Return a short word that is the same exactly for the same figures, reason and comment."""
    # Trailing zeros and the sign of a zero make no other figure.
    plain = "|".join([str((figure + NOTHING).normalize()) for figure in figures])
    return hashlib.blake2s(f"{plain}|{reason}|{comment}".encode(), digest_size=6).hexdigest()


def seen_of(stored: LineWeek, shown: Shown) -> str:
    """Return what a form remembers of a week it shows: its version, and what it looked like."""
    return f"{stored.actual.version if stored.actual else 0}.{fingerprint(*shown)}"
