"""What was delivered in a week: reading a typed figure, what follows from it, and what is refused (rules.md 3)."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.number import Duration, read_number
from rules.period import DAY, uk_date
from rules.plan import LinePlan, SevenDays, active_days, plan_of_week, quantity_on, refuse_duration, step_of, unit_words
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from rules.states import PlanKind, Unit
from rules.words import plural

HOURS_IN_A_DAY = Decimal(24)

# Why a week differs from its plan: code -> meaning, in the order in which lists offer them.
REASONS: Mapping[str, str] = {
    "LONGER": "A visit took longer than planned",
    "SHORTER": "A visit was shorter than planned",
    "EXTRA": "An extra visit was needed",
    "AGREED": "A change agreed with the council",
    "CANCELLED": "Cancelled by the person or their family",
    "HOSPITAL": "The person was in hospital",
    "AWAY": "The person was away",
    "MISSED": "We missed a visit",
    "NO_CARER": "We had no carer available",
    "STARTED": "Care started or restarted in this week",
    "ENDED": "Care ended in this week",
    "DECEASED": "The person has died",
    "OTHER": "Another reason, see the comment",
}

# The reasons that explain only a week over its plan, or only one under it; any other may explain both.
REASON_WAYS: Mapping[str, str] = {
    "LONGER": "over", "EXTRA": "over",
    "SHORTER": "under", "CANCELLED": "under", "HOSPITAL": "under", "AWAY": "under", "MISSED": "under",
    "NO_CARER": "under", "ENDED": "under", "DECEASED": "under",
}  # fmt: skip

# At most six whole digits: more is a slip of the finger, and would not fit any column.
_NUMBER = re.compile(r"-?(?:[0-9]{1,6}(?:[.,][0-9]{0,6})?|[.,][0-9]{1,6})")
_CLOCK = re.compile(r"(-?)([0-9]{1,4}) *(?::|[hH]) *([0-5][0-9])?")


class NotAQuantity(NotUnderstood):
    """A typed figure cannot be read as a quantity."""


class Derived(NamedTuple):
    """A week's figures in units, as stored: everything after `aborted_payable` follows from what stands before it."""

    planned: Decimal
    delivered: Decimal
    aborted: Decimal
    aborted_payable: Decimal
    missed: Decimal
    extra: Decimal
    payable: Decimal


def derive(
    planned: Decimal, delivered: Decimal, aborted: Decimal = NOTHING, aborted_payable: Decimal = NOTHING
) -> Derived:
    """Derive missed, extra and payable units of a week; `aborted` are the planned units of its aborted visits."""
    return Derived(
        planned=planned,
        delivered=delivered,
        aborted=aborted,
        aborted_payable=aborted_payable,
        missed=max(NOTHING, planned - aborted - delivered),
        extra=max(NOTHING, delivered + aborted - planned),
        payable=delivered + aborted_payable,
    )


def read_quantity(text: str) -> Decimal:
    """Read a quantity as people type it: "1.5", "1,5", "1:30" and "1h30" (hours and minutes); empty is 0.

    A minus sign is read, so that the refusal can say what is wrong. Raises NotAQuantity for anything else.
    """
    typed = text.strip().replace("\N{MINUS SIGN}", "-")
    if not typed:
        return NOTHING
    if _NUMBER.fullmatch(typed):
        return read_number(typed.replace(",", "."))
    clock = _CLOCK.fullmatch(typed)
    if clock and not typed.endswith(":"):
        sign, hours, minutes = clock.groups()
        quantity = Duration(round2(int(hours) + Decimal(int(minutes or 0)) / 60))
        return Duration(-quantity) if sign else quantity
    shown = typed if len(typed) <= 20 else f"{typed[:20]}…"
    remedy = "Enter a number such as 1.5, or hours and minutes such as 1:30."
    raise NotAQuantity(Problem(Code.NOT_A_NUMBER, f"“{shown}” is not a quantity.", remedy))


def reasons_for(difference: Decimal, chosen: str = "") -> Mapping[str, str]:
    """Return the reasons to offer, code -> meaning, where a week is so many units above its plan (below zero: under).

    `chosen` is offered in any case: it may have been given before the figures changed.
    """
    if not difference and not chosen:
        return REASONS
    return _reasons_for("under" if difference > 0 else "over" if difference < 0 else "", chosen)


@cache
def _reasons_for(not_offered: str, chosen: str) -> Mapping[str, str]:
    return {
        code: words
        for code, words in REASONS.items()
        if code == chosen or not not_offered or REASON_WAYS.get(code) != not_offered
    }


def check_week(  # noqa: PLR0913 - a week is judged by its line, its figures, the day and the settings
    line: LinePlan,
    monday: date,
    delivered: SevenDays | Decimal,
    reason: str,
    today: date,
    portal_start: date,
    hour_step: Decimal,
    *,
    aborted: Decimal = NOTHING,
    confirming: bool = True,
) -> list[Problem]:
    """Return what has to be put right before a week's figures are taken; nothing where they are good.

    `delivered` are the units of Monday to Sunday on a timetabled line, the week's total on a weekly one; `aborted`
    the planned units of the week's aborted visits, each of which has a reason of its own. `reason` is a code of
    REASONS, or empty: one is needed where delivered and aborted together differ from the plan, though a draft may
    still be saved without it (`confirming` False). What equals the plan is good though it is off its step: a call of
    20 minutes is 0.33 h. Fields: `d0` to `d6`, `total`, `reason`.
    """
    if line.unit is Unit.WEEK:
        no_actuals = "This line is paid every four weeks without actuals: nothing is entered for it."
        return [Problem(Code.NO_ACTUALS, no_actuals)]
    if isinstance(delivered, Decimal):
        total = delivered
        problems = _check_total(line, monday, total, today, portal_start, hour_step, confirming)
    else:
        total = sum(delivered, NOTHING)
        problems = _check_days(line, monday, delivered, today, portal_start, hour_step)
    return problems + _check_reason(reason, confirming and total + aborted != plan_of_week(line, monday))


def _check_days(
    line: LinePlan, monday: date, delivered: SevenDays, today: date, portal_start: date, hour_step: Decimal
) -> list[Problem]:
    if line.kind is PlanKind.WEEKLY:
        return [Problem(Code.PLANNED_BY_WEEK, "This line is planned by the week.", "Enter the week's total.", "total")]
    sunday = monday + timedelta(days=6)
    is_open = line.covers(monday) and line.covers(sunday) and portal_start <= monday and sunday <= today
    is_open = is_open and (line.unit is Unit.HOUR or not any(isinstance(units, Duration) for units in delivered))
    if is_open and _usual(line.unit, hour_step).issuperset(delivered):
        return []
    found = []
    for index, quantity in enumerate(delivered):
        day = monday + timedelta(days=index)
        wrong = refuse_duration(quantity, line.unit)
        if not wrong and quantity != quantity_on(line, day):
            wrong = _refuse_quantity(quantity, line.unit, hour_step, 1)
        if not wrong and quantity:
            wrong = _refuse_day(line, day, today, portal_start)
        if wrong:
            found.append(wrong.at(f"d{index}"))
    return found


def _check_total(
    line: LinePlan,
    monday: date,
    total: Decimal,
    today: date,
    portal_start: date,
    hour_step: Decimal,
    confirming: bool,
) -> list[Problem]:
    if line.kind is PlanKind.TIMETABLED:
        by_day = "This line is planned by day."
        return [Problem(Code.PLANNED_BY_DAY, by_day, "Enter what was delivered on each day.", "total")]
    days = active_days(line, monday)
    wrong = refuse_duration(total, line.unit)
    if not wrong and total != plan_of_week(line, monday):
        wrong = _refuse_quantity(total, line.unit, hour_step, len(days) or 7)
    if not wrong and total:
        if not days:
            wrong = _refuse_day(line, monday, today, portal_start)
        elif days[-1] < portal_start:
            wrong = before_portal(portal_start)
        elif days[0] > today:
            wrong = _in_future(days[0])
        elif confirming and days[-1] >= today:
            remedy = f"Confirm its total on or after {uk_date(days[-1] + DAY)}."
            wrong = Problem(Code.NOT_OVER, "This week is not over.", remedy)
    return [wrong.at("total")] if wrong else []


def _check_reason(reason: str, needed: bool) -> list[Problem]:
    if reason and reason not in REASONS:
        return [Problem(Code.UNKNOWN_REASON, "Choose a reason from the list.", field="reason")]
    if needed and not reason:
        return [Problem(Code.REASON_NEEDED, "This week differs from its plan.", "Choose a reason.", "reason")]
    return []


@cache
def _usual(unit: Unit, hour_step: Decimal) -> frozenset[Decimal]:
    """Return the quantities of a day that are surely good: nearly all that are ever entered."""
    step = step_of(unit, hour_step)
    return frozenset(step * count for count in range(int(HOURS_IN_A_DAY / step) + 1))


def _refuse_quantity(quantity: Decimal, unit: Unit, hour_step: Decimal, days: int) -> Problem | None:
    """Return what is wrong with a quantity that spans so many days, nothing where nothing is."""
    words = unit_words(unit, Decimal(0))
    if quantity < 0:
        below = f"{words.capitalize()} cannot be below 0."
        return Problem(Code.NEGATIVE, below, "Enter 0 where nothing was delivered.")
    if unit is Unit.HOUR and quantity > HOURS_IN_A_DAY * days:
        only = f"There are only {HOURS_IN_A_DAY * days} hours in {plural(days, 'a day', f'{days} days')}."
        return Problem(Code.OVER_24_HOURS, only)
    step = step_of(unit, hour_step)
    if quantity % step == 0:
        return None
    if step == 1:
        return Problem(Code.WRONG_STEP, f"Enter whole {words}, such as 2.")
    return Problem(Code.WRONG_STEP, f"Enter {words} in steps of {step}, such as {1 + step}.")


def _refuse_day(line: LinePlan, day: date, today: date, portal_start: date) -> Problem | None:
    """Return why nothing may be delivered on a day, nothing where it may."""
    if day < line.start:
        started = f"This line starts on {uk_date(line.start)}."
        return Problem(Code.OUTSIDE_LINE, started, "Leave the days before it empty.")
    if line.end is not None and day > line.end:
        return Problem(Code.OUTSIDE_LINE, f"This line ended on {uk_date(line.end)}.", "Leave the days after it empty.")
    if day < portal_start:
        return before_portal(portal_start)
    return _in_future(day) if day > today else None


def before_portal(portal_start: date) -> Problem:
    """Return the problem of care before the portal's first day."""
    before = f"Care before {uk_date(portal_start)} cannot be entered here."
    return Problem(Code.BEFORE_PORTAL_START, before, "Use the previous method for it.")


def _in_future(day: date) -> Problem:
    in_future = f"{uk_date(day)} is in the future."
    return Problem(Code.FUTURE_DATE, in_future, "Enter care after it has been delivered.")
