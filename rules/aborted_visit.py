"""A visit that could not take place though the carer went, or was about to: what of it is payable (rules.md 4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from rules.actual import before_portal
from rules.money import NOTHING, round2
from rules.period import WEEKDAYS, uk_date
from rules.plan import LinePlan, plan_of_day, plan_of_week, unit_words
from rules.problem_codes import Code
from rules.refusal import NotUnderstood, Problem
from rules.states import PlanKind, Unit
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen
from rules.words import counted, plural

LONDON = ZoneInfo("Europe/London")
MINUTES_IN_A_DAY = 24 * 60
LONGEST_INFORMED = 200
NO_ACTUALS = "This line is paid every four weeks without actuals: nothing is recorded for it."

_CLOCK = re.compile(r"([0-9]{1,2})(?:[:.]?([0-9]{2}))? *(am|pm)?", re.IGNORECASE)

REASONS: Mapping[str, str] = {
    "NO_REPLY": "No reply at the door",
    "REFUSED": "The person refused care",
    "HOSPITAL": "The person was in hospital",
    "AWAY": "The person was away",
    "DECEASED": "The person had died",
    "OTHER": "Another reason, see the comment",
}

# What stands as the reason of a week that is corrected because of a visit, by the reason of the visit.
REASONS_OF_WEEKS: Mapping[str, str] = {
    "REFUSED": "CANCELLED",
    "HOSPITAL": "HOSPITAL",
    "AWAY": "AWAY",
    "DECEASED": "DECEASED",
}


class NotATime(NotUnderstood):
    """A typed time of day cannot be read."""


@dataclass(frozen=True)
class VisitEntry:
    """An aborted visit as somebody records it: `told_at` None where nobody told the provider, else a moment.

    Times are London's; a `told_at` with a zone of its own is taken as it is. `reason` is a code of REASONS.
    """

    line_id: int
    day: date
    planned_start: time
    planned_minutes: int
    told_at: datetime | None = None
    arrived_at: time | None = None
    waited_minutes: int = 0
    informed: str = ""
    reason: str = ""
    comment: str = ""

    @property
    def moment_told(self) -> datetime | None:
        """When the provider was told, in UTC."""
        if self.told_at is None or self.told_at.tzinfo:
            return self.told_at and self.told_at.astimezone(UTC)
        # An hour that the clocks go through twice is taken as the later one: nobody loses pay over it.
        return self.told_at.replace(tzinfo=LONDON, fold=1).astimezone(UTC)

    @property
    def notice(self) -> timedelta | None:
        """How long before the planned start the provider was told, below zero where after it, None where not told."""
        return notice_of(self.day, self.planned_start, self.moment_told)


def notice_of(day: date, planned_start: time, told_at: datetime | None) -> timedelta | None:
    """Return the hours that really passed from `told_at` to the planned start, also where the clocks change."""
    return None if told_at is None else datetime.combine(day, planned_start, LONDON).astimezone(UTC) - told_at


def read_time(text: str) -> time:
    """Read a time of day as people type it: "8:30", "08.30", "0830", "8:30pm", "8 am". Raises NotATime."""
    typed = text.strip()
    if found := _CLOCK.fullmatch(typed):
        hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()
        # A bare number says neither hour nor minute: "45" is nobody's time.
        if (half and 1 <= hour <= 12) or (not half and found[2] and hour <= 23):
            hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
            if minute <= 59:
                return time(hour, minute)
    shown = typed if len(typed) <= 20 else f"{typed[:20]}…"
    raise NotATime(Problem(Code.NOT_A_TIME, f"“{shown}” is not a time.", "Enter hours and minutes, such as 08:30."))


def units_of_visit(unit: Unit, planned_minutes: int) -> Decimal:
    """Return the planned units of one visit: its length in hours, or one of any other unit."""
    return round2(Decimal(planned_minutes) / 60) if unit is Unit.HOUR else Decimal("1.00")


def payable_part(
    unit: Unit, planned_minutes: int, notice: timedelta | None, minutes_paid: int, fraction: Decimal, notice_hours: int
) -> Decimal:
    """Return the units payable for one aborted visit.

    `notice` is how long before the planned start the provider was told: None where nobody told them, negative where
    they heard after the start. `minutes_paid`, `fraction` (of one unit) and `notice_hours` are policy settings.
    """
    if notice is not None and notice >= timedelta(hours=notice_hours):
        return NOTHING
    if unit is Unit.HOUR:
        return round2(Decimal(min(planned_minutes, minutes_paid)) / 60)
    return round2(min(fraction, Decimal(1)))


def explain(
    unit: Unit, payable: Decimal, notice: timedelta | None, *, code: str, valid_from: date | None = None
) -> str:
    """Return the sentence that says what is paid for an aborted visit and why.

    `payable` is what `payable_part` returned, `notice` as there; `code` and `valid_from` name the policy setting that
    decided, None where it is what the portal came with.
    """
    since = "" if valid_from is None else f" of {uk_date(valid_from)}"
    if payable == 0:
        paid = "Nothing is paid"
    elif unit is Unit.HOUR:
        minutes = int(round2(payable * 60).to_integral_value())
        paid = f"{counted(minutes, 'minute is', 'minutes are')} paid"
    else:
        paid = f"{payable:.2f} {unit_words(unit, Decimal(1))} is paid"
    return f"{paid}: {_told(notice)}, rule {code}{since}."


def _told(notice: timedelta | None) -> str:
    if notice is None:
        return "you were not told"
    minutes = int(notice.total_seconds() // 60)
    if minutes < 0:
        return "told after the planned start"
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "hour")] if hours else []
    if rest or not hours:
        parts.append(counted(rest, "minute"))
    return f"told {' '.join(parts)} before"


def left_of_plan(planned: Decimal, visits: Decimal, step: Decimal) -> Decimal:
    """Return what is taken as delivered where nobody typed anything: the plan without its aborted visits.

    In whole steps of the unit, so that the figure can be saved again, and never below 0.
    """
    return max(NOTHING, round2((planned - visits) // step * step)) if visits else planned


def check_visit(
    line: LinePlan, entry: VisitEntry, others: Sequence[int], today: date, portal_start: date
) -> list[Problem]:
    """Return what is wrong with what decides the payment of an aborted visit; nothing where it is good.

    `others` are the planned minutes of the other aborted visits of the day, of the week on a weekly plan.
    Fields: those of VisitEntry, `line` for the line.
    """
    if line.unit is Unit.WEEK:
        return [Problem(Code.NO_ACTUALS, NO_ACTUALS, field="line")]
    wrong = _refuse_day(line, entry.day, today, portal_start)
    found = [wrong.at("day")] if wrong else []
    if not 0 < entry.planned_minutes <= MINUTES_IN_A_DAY:
        message = f"Enter how long the visit was to take, from 1 to {MINUTES_IN_A_DAY:,} minutes."
        found.append(Problem(Code.OUT_OF_RANGE, message, field="planned_minutes"))
    if entry.moment_told and (told_on := entry.moment_told.astimezone(LONDON).date()) > today:
        in_future = f"{uk_date(told_on)} is in the future."
        found.append(Problem(Code.FUTURE_DATE, in_future, "Enter when you were told.", "told_at"))
    return found or _check_room(line, entry, others)


def check_words(entry: VisitEntry) -> list[Problem]:
    """Return what is wrong with the rest of an aborted visit, which does not change what is paid."""
    found = []
    if not 0 <= entry.waited_minutes <= MINUTES_IN_A_DAY:
        message = f"Enter how long the carer waited, from 0 to {MINUTES_IN_A_DAY:,} minutes."
        found.append(Problem(Code.OUT_OF_RANGE, message, field="waited_minutes"))
    informed = entry.informed
    if wrong := refuse_unseen(informed) or refuse_longer(informed, LONGEST_INFORMED):
        found.append(wrong.at("informed"))
    if entry.reason not in REASONS:
        code = Code.UNKNOWN_REASON if entry.reason else Code.REASON_NEEDED
        found.append(Problem(code, "Choose why the visit could not take place.", field="reason"))
    elif entry.reason == "OTHER" and not entry.comment:
        found.append(Problem(Code.COMMENT_NEEDED, "Say in the comment what the reason was.", field="comment"))
    comment, what = entry.comment, "The comment"
    if wrong := refuse_unseen(comment, what) or refuse_longer(comment, LONGEST_COMMENT, what):
        found.append(wrong.at("comment"))
    return found


def _refuse_day(line: LinePlan, day: date, today: date, portal_start: date) -> Problem | None:
    if day < line.start:
        started = f"This line starts on {uk_date(line.start)}."
        return Problem(Code.OUTSIDE_LINE, started, "Enter a day on or after it.")
    if line.end is not None and day > line.end:
        return Problem(Code.OUTSIDE_LINE, f"This line ended on {uk_date(line.end)}.", "Enter a day on or before it.")
    if day < portal_start:
        return before_portal(portal_start)
    if day > today:
        in_future = f"{uk_date(day)} is in the future."
        return Problem(Code.FUTURE_DATE, in_future, "Record a visit on its day or later.")
    return None


def _check_room(line: LinePlan, entry: VisitEntry, others: Sequence[int]) -> list[Problem]:
    """Return a problem where more would be aborted than was planned. Hours are compared by the minute, unrounded."""
    weekly = line.kind is PlanKind.WEEKLY
    if weekly:
        planned, when = plan_of_week(line, entry.day - timedelta(days=entry.day.weekday())), "in that week"
    else:
        planned, when = plan_of_day(line, entry.day), f"on {WEEKDAYS[entry.day.weekday()]} {uk_date(entry.day)}"
    if not planned:
        nothing = f"Nothing is planned {when}, so no visit of this line was aborted."
        return [Problem(Code.NOTHING_PLANNED, nothing, field="day")]
    all_planned = f"{planned:.2f} {unit_words(line.unit, planned)} {plural(planned, 'is', 'are')} planned {when}"
    if line.unit is not Unit.HOUR:
        if len(others) + 1 <= planned:
            return []
        rest = ", and as many aborted visits are recorded already" if others else ", less than one visit"
        return [Problem(Code.OVER_PLAN, f"{all_planned}{rest}.", field="day")]
    left = int(planned * 60) - sum(others)
    if entry.planned_minutes <= left:
        return []
    if not others:
        return [Problem(Code.OVER_PLAN, f"{all_planned}.", "An aborted visit cannot be longer.", "planned_minutes")]
    taken = f"{all_planned}, of which {counted(sum(others), 'minute')} are recorded as aborted already"
    remedy = f"At most {counted(left, 'minute is', 'minutes are')} left." if left > 0 else ""
    return [Problem(Code.OVER_PLAN, f"{taken}.", remedy, "planned_minutes")]
