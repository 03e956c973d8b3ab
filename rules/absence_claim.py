"""An unplanned absence claim: which of its days are paid, at what percentage, and what keeps a day out (rules.md 7)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from rules.money import NOTHING, round2
from rules.period import DAY, date_range, monday_of, uk_date
from rules.plan import LinePlan, active_days, plan_of_week, unit_words
from rules.policy import AbsenceTier
from rules.price import NoRate, RateVersion, rate_on
from rules.refusal import Problem
from rules.states import AbsenceReason, PlanKind
from rules.text import LONGEST_COMMENT, refuse_unseen

MOST_DAYS = 366
LONGEST_NOTIFIED = 200
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class ClaimEntry:
    """A claim as somebody makes it: first and last day of the absence, both inclusive, and what is known about it.

    `notified_on` is the day the council was told, None where nobody told it.
    """

    line_id: int
    first: date
    last: date
    reason: AbsenceReason | None = None
    notified_on: date | None = None
    notified_to: str = ""
    comment: str = ""


class Tiers(NamedTuple):
    """The absence tiers that apply on a day, and how pages name the rule: "AB-1 of 1 April 2026"."""

    tiers: Sequence[AbsenceTier]
    rule: str


class ClaimDay(NamedTuple):
    """One day of an absence: `number` counts from 1, `quantity` is what the plan has for it.

    On a timetabled line `quantity` is the day's units and `share` is 1; on a weekly one the week's units, of which the
    day has one of seven (`share` 7), so that nothing is rounded before the week is added up. `version` is the rate
    of the day, None where there is none.
    """

    day: date
    number: int
    percent: Decimal
    quantity: Decimal
    share: int
    version: RateVersion | None
    rule: str

    @property
    def rate(self) -> Decimal | None:
        """Pounds per unit, None where no rate covers the day."""
        return self.version.rate if self.version else None

    @property
    def planned(self) -> Decimal:
        """The units planned on the day, unrounded."""
        return self.quantity / self.share

    @property
    def units(self) -> Decimal:
        """The claimed units of the day: the plan at the day's percentage, unrounded."""
        return self.quantity * self.percent / (HUNDRED * self.share)


class ClaimSegment(NamedTuple):
    """The days of one week at one rate: `net` is `round2(units × rate)` in pounds, `units` are unrounded."""

    monday: date
    rate: Decimal
    days: tuple[ClaimDay, ...]
    units: Decimal
    net: Decimal

    @property
    def explained(self) -> str:
        """How the units came about: "days 1 to 4 at 100%"."""
        return tiers_in_words(self.days)

    @property
    def rule(self) -> str:
        """The rules that gave the percentages, each once."""
        return ", ".join(dict.fromkeys(day.rule for day in self.days))


@dataclass(frozen=True)
class Recorded:
    """What stands on a line already on the days of a claim, and what else a claim is judged by.

    `delivered` are units by day of a timetabled line; `by_week` the delivered and aborted units of a weekly one by the
    week's Monday; `aborted` the days with an aborted visit; `claimed` the number of the other live claim of a day.
    """

    today: date
    portal_start: date
    delivered: Mapping[date, Decimal] = field(default_factory=dict)
    by_week: Mapping[date, Decimal] = field(default_factory=dict)
    aborted: frozenset[date] = frozenset()
    claimed: Mapping[date, str] = field(default_factory=dict)


def percent_on(number: int, tiers: Sequence[AbsenceTier]) -> Decimal:
    """Return the per cent paid on day `number` of an absence (the first is 1): that of the last tier begun by then."""
    return next((tier.percent for tier in reversed(tiers) if tier.from_day <= number), NOTHING)


def days_of_claim(
    line: LinePlan, rates: Sequence[RateVersion], first: date, last: date, tiers_on: Callable[[date], Tiers]
) -> list[ClaimDay]:
    """Return every day of an absence in order; a day outside the line has nothing planned.

    `tiers_on` answers with the tiers in force on a day: a setting may change in the middle of an absence.
    """
    found = []
    for offset in range((last - first).days + 1):
        day = first + offset * DAY
        tiers = tiers_on(day)
        weekly = line.kind is PlanKind.WEEKLY
        quantity = (line.weekly if weekly else line.days[day.weekday()]) if line.covers(day) else NOTHING
        percent = percent_on(offset + 1, tiers.tiers)
        found.append(
            ClaimDay(day, offset + 1, percent, quantity, 7 if weekly else 1, _version(line, rates, day), tiers.rule)
        )
    return found


def price_claim(days: Iterable[ClaimDay]) -> list[ClaimSegment]:
    """Return the priced segments of a claim, one for each week and rate with something to pay, in order.

    Raises NoRate for a day that has units but no rate.
    """
    found = []
    paid = [day for day in days if day.quantity and day.percent]
    for (monday, version), group in groupby(paid, key=lambda each: (monday_of(each.day), each.version)):
        members = tuple(group)
        if version is None:
            raise NoRate(members[0].day)
        # Divided once, at the end: a sum of rounded sevenths could miss half a penny.
        weighted, whole = sum((day.quantity * day.percent for day in members), NOTHING), HUNDRED * members[0].share
        net = round2(weighted * version.rate / whole)
        found.append(ClaimSegment(monday, version.rate, members, weighted / whole, net))
    return found


def net_of(segments: Iterable[ClaimSegment]) -> Decimal:
    """Return the pounds of a claim: the sum of its segments, each already rounded, never rounded again."""
    return sum((segment.net for segment in segments), NOTHING)


def units_of(segments: Iterable[ClaimSegment]) -> Decimal:
    """Return the claimed units of all segments, unrounded."""
    return sum((segment.units for segment in segments), NOTHING)


def tiers_in_words(days: Sequence[ClaimDay]) -> str:
    """Return at what percentage days are paid: "days 5 to 7 at 100%, days 8 to 11 at 80%"."""
    parts = []
    for percent, group in groupby(days, key=lambda day: day.percent):
        numbers = [day.number for day in group]
        words = f"day {numbers[0]}" if len(numbers) == 1 else f"days {numbers[0]} to {numbers[-1]}"
        parts.append(f"{words} at {_whole(percent)}%")
    return ", ".join(parts)


def refused_days(line: LinePlan, days: Sequence[ClaimDay], recorded: Recorded) -> dict[date, str]:
    """Return why each day that cannot be claimed cannot, in a few words for its row; nothing for the others."""
    found: dict[date, str] = {}
    for each in days:
        if why := _why_refused(line, each.day, recorded):
            found[each.day] = why
    for monday, words in _weeks_over_plan(line, days, recorded).items():
        found |= {each.day: words for each in days if monday_of(each.day) == monday and each.day not in found}
    return found


def name_refused(refused: Mapping[date, str]) -> list[Problem]:
    """Return the problems of refused days, each naming its days: "2 to 4 November 2017: care is recorded …"."""
    by_reason: dict[str, list[date]] = {}
    for day, why in sorted(refused.items()):
        by_reason.setdefault(why, []).append(day)
    return [Problem(f"{name_days(days)}: {_lower(why)}", "first_day") for why, days in by_reason.items()]


def name_days(days: Sequence[date]) -> str:
    """Return days in words, those that follow each other as a range: "2 to 4 November 2017 and 7 November 2017"."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    words = [date_range(run[0], run[-1]) for run in runs]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def check_dates(first: date, last: date) -> list[Problem]:
    """Return what is wrong with the days of a claim by themselves, nothing where they can be looked at one by one."""
    if last < first:
        return [Problem("The last day is before the first day.", "last_day")]
    if (last - first).days >= MOST_DAYS:
        return [Problem(f"A claim can have at most {MOST_DAYS} days. Check the year.", "last_day")]
    return []


def check_words(entry: ClaimEntry, today: date) -> list[Problem]:
    """Return what has to be put right about the reason, the notice and the comment before a claim is sent."""
    found = []
    if entry.reason is None:
        found.append(Problem("Choose why the person was away.", "reason"))
    elif entry.reason is AbsenceReason.OTHER and not entry.comment:
        found.append(Problem("Say in the comment why the person was away.", "comment"))
    if entry.notified_on and entry.notified_on > today:
        found.append(Problem(f"{uk_date(entry.notified_on)} is in the future.", "notified_on"))
    for text, name, longest in (
        (entry.notified_to, "notified_to", LONGEST_NOTIFIED),
        (entry.comment, "comment", LONGEST_COMMENT),
    ):
        if unseen := refuse_unseen(text):
            found.append(Problem(unseen, name))
        elif len(text) > longest:
            found.append(Problem(f"Shorten this to {longest} characters. It has {len(text):,}.", name))
    return found


def check_earlier_last_day(first: date, last: date, chosen: date) -> Problem | None:
    """Return why a claim cannot be approved up to a day, None where it can: an earlier last day."""
    if first <= chosen < last:
        return None
    return Problem(
        f"Enter a day from {uk_date(first)} to {uk_date(last - DAY)}. To pay every day, choose Approve.", "last_day"
    )


def _version(line: LinePlan, rates: Sequence[RateVersion], day: date) -> RateVersion | None:
    if line.kind is PlanKind.WEEKLY:
        # rules.md 2: the rate of the week is the rate on its first active day.
        day = next(iter(active_days(line, monday_of(day))), day)
    try:
        return rate_on(rates, day)
    except NoRate:
        return None


def _why_refused(line: LinePlan, day: date, recorded: Recorded) -> str:
    if day < line.start:
        return f"The line starts on {uk_date(line.start)}."
    if line.end is not None and day > line.end:
        return f"The line ended on {uk_date(line.end)}."
    if day < recorded.portal_start:
        return f"Days before {uk_date(recorded.portal_start)} cannot be claimed here. Use the previous method."
    if day > recorded.today:
        return "In the future. Claim a day once it has come."
    if number := recorded.claimed.get(day):
        return f"Already in claim {number}."
    if recorded.delivered.get(day):
        return "Care is recorded. If none was given, correct the week on the Actuals page."
    if day in recorded.aborted:
        return "An aborted visit is recorded, which is paid by its own rule."
    return ""


def _weeks_over_plan(line: LinePlan, days: Sequence[ClaimDay], recorded: Recorded) -> dict[date, str]:
    """Return why weeks of a weekly line cannot be claimed for: what is recorded belongs to no day of them.

    What is recorded and what is claimed may not be more than the plan of the week together.
    """
    found = {}
    for monday, there in recorded.by_week.items():
        active = len(active_days(line, monday))
        claimed = sum(monday_of(each.day) == monday and line.covers(each.day) for each in days)
        left = line.weekly * (active - claimed) / 7
        if there and claimed and there > left:
            words, plan = unit_words(line.unit, NOTHING), plan_of_week(line, monday)
            found[monday] = (
                f"{there:.2f} {words} are recorded in the week of {uk_date(monday)}: with the days claimed that is"
                f" more than its plan of {plan:.2f}. Correct the week, or claim fewer days."
            )
    return found


def _whole(percent: Decimal) -> str:
    return f"{percent.normalize():f}"


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"
