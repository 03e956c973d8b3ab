"""What keeps a day out of an absence claim, and what is wrong with a claim as it was made (rules.md 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from rules.absence_claim import ClaimDay
from rules.money import NOTHING
from rules.period import DAY, date_range, monday_of, uk_date
from rules.plan import LinePlan, active_days, plan_of_week, quantity_on, unit_words
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import AbsenceReason
from rules.text import LONGEST_COMMENT, refuse_longer, refuse_unseen

MOST_DAYS = 366
LONGEST_NOTIFIED = 200


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


def refused_days(line: LinePlan, days: Sequence[ClaimDay], recorded: Recorded) -> dict[date, Problem]:
    """Return why each day that cannot be claimed cannot, in a few words for its row; nothing for the others."""
    found: dict[date, Problem] = {}
    for each in days:
        if why := _why_refused(line, each.day, recorded):
            found[each.day] = why
    for monday, why in _weeks_over_plan(line, days, recorded).items():
        found |= {each.day: why for each in days if monday_of(each.day) == monday and each.day not in found}
    return found


def already_claimed(number: str) -> Problem:
    """Return why a day of the claim with this number cannot be claimed again."""
    return Problem(Code.ABSENCE_CLAIM, f"Already in claim {number}.")


def name_refused(refused: Mapping[date, Problem]) -> list[Problem]:
    """Return the problems of refused days, each naming its days: "2 to 4 November 2017: care is recorded …"."""
    by_reason: dict[Problem, list[date]] = {}
    for day, why in sorted(refused.items()):
        by_reason.setdefault(why, []).append(day)
    return [
        replace(why, wrong=f"{name_days(days)}: {_lower(why.wrong)}", field="first_day")
        for why, days in by_reason.items()
    ]


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
        return [Problem(Code.DATES_REVERSED, "The last day is before the first day.", field="last_day")]
    if (last - first).days >= MOST_DAYS:
        most = f"A claim can have at most {MOST_DAYS} days."
        return [Problem(Code.TOO_MANY, most, "Check the year.", "last_day")]
    return []


def check_words(entry: ClaimEntry, today: date) -> list[Problem]:
    """Return what has to be put right about the reason, the notice and the comment before a claim is sent."""
    found = []
    if entry.reason is None:
        found.append(Problem(Code.REASON_NEEDED, "Choose why the person was away.", field="reason"))
    elif entry.reason is AbsenceReason.OTHER and not entry.comment:
        found.append(Problem(Code.COMMENT_NEEDED, "Say in the comment why the person was away.", field="comment"))
    if entry.notified_on and entry.notified_on > today:
        in_future = f"{uk_date(entry.notified_on)} is in the future."
        found.append(Problem(Code.FUTURE_DATE, in_future, field="notified_on"))
    for text, name, longest in (
        (entry.notified_to, "notified_to", LONGEST_NOTIFIED),
        (entry.comment, "comment", LONGEST_COMMENT),
    ):
        if wrong := refuse_unseen(text) or refuse_longer(text, longest):
            found.append(wrong.at(name))
    return found


def check_earlier_last_day(first: date, last: date, chosen: date) -> Problem | None:
    """Return why a claim cannot be approved up to a day, None where it can: an earlier last day."""
    if first <= chosen < last:
        return None
    within = f"Enter a day from {uk_date(first)} to {uk_date(last - DAY)}."
    return Problem(Code.OUT_OF_RANGE, within, "To pay every day, choose Approve.", "last_day")


def _why_refused(line: LinePlan, day: date, recorded: Recorded) -> Problem | None:
    if day < line.start:
        return Problem(Code.OUTSIDE_LINE, f"The line starts on {uk_date(line.start)}.")
    if line.end is not None and day > line.end:
        return Problem(Code.OUTSIDE_LINE, f"The line ended on {uk_date(line.end)}.")
    if day < recorded.portal_start:
        before = f"Days before {uk_date(recorded.portal_start)} cannot be claimed here."
        return Problem(Code.BEFORE_PORTAL_START, before, "Use the previous method.")
    if day > recorded.today:
        return Problem(Code.FUTURE_DATE, "In the future.", "Claim a day once it has come.")
    if number := recorded.claimed.get(day):
        return already_claimed(number)
    if recorded.delivered.get(day):
        remedy = "If none was given, correct the week on the Actuals page."
        return Problem(Code.CARE_RECORDED, "Care is recorded.", remedy)
    if day in recorded.aborted:
        return Problem(Code.CARE_RECORDED, "An aborted visit is recorded, which is paid by its own rule.")
    return None


def _weeks_over_plan(line: LinePlan, days: Sequence[ClaimDay], recorded: Recorded) -> dict[date, Problem]:
    """Return why weeks of a weekly line cannot be claimed for: what is recorded belongs to no day of them.

    What is recorded and what is claimed may not be more than the plan of the week together.
    """
    found = {}
    for monday, there in recorded.by_week.items():
        claimed = {each.day for each in days if line.covers(each.day)}
        open_days = [day for day in active_days(line, monday) if day not in claimed]
        left = sum((quantity_on(line, day) for day in open_days), NOTHING) / 7
        if there and len(open_days) < len(active_days(line, monday)) and there > left:
            words, plan = unit_words(line.unit, NOTHING), plan_of_week(line, monday)
            found[monday] = Problem(
                Code.OVER_PLAN,
                f"{there:.2f} {words} are recorded in the week of {uk_date(monday)}: with the days claimed that is"
                f" more than its plan of {plan:.2f}.",
                "Correct the week, or claim fewer days.",
            )
    return found


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"
