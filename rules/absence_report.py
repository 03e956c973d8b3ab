"""An absence on a scheduled line as somebody reports it, and what is wrong with it (rules.md 7 and 9)."""

from dataclasses import dataclass
from datetime import date

from rules.absence_refusal import ClaimEntry, check_dates, check_words
from rules.period import uk_date
from rules.plan import LinePlan
from rules.problem_codes import Code
from rules.refusal import Problem
from rules.states import AbsenceReason


@dataclass(frozen=True)
class AbsenceEntry:
    """A report as it is made: first and last day away, both inclusive, no last day where nobody knows it yet."""

    line_id: int
    first: date
    last: date | None
    reason: AbsenceReason | None
    notified_on: date | None = None
    notified_to: str = ""
    comment: str = ""


def problems_of_report(entry: AbsenceEntry, line: LinePlan, today: date) -> list[Problem]:
    """Return everything that has to be put right before a report is kept, each at its field."""
    words = ClaimEntry(
        entry.line_id, entry.first, entry.last or entry.first, entry.reason, entry.notified_on, entry.notified_to,
        entry.comment,
    )  # fmt: skip
    found = []
    if entry.first > today:
        soon = f"{uk_date(entry.first)} is in the future."
        found.append(Problem(Code.FUTURE_DATE, soon, "Report it on the day the person leaves.", "first_day"))
    elif not line.covers(entry.first):
        found.append(_outside(line, entry.first, "first_day"))
    return [*found, *problems_of_last_day(entry.first, entry.last, line), *check_words(words, today)]


def problems_of_last_day(first: date, last: date | None, line: LinePlan) -> list[Problem]:
    """Return what is wrong with the last day of an absence, nothing where there is none."""
    if last is None:
        return []
    if wrong := check_dates(first, last):
        return wrong
    return [] if line.covers(last) else [_outside(line, last, "last_day")]


def _outside(line: LinePlan, day: date, field: str) -> Problem:
    until = f" to {uk_date(line.end)}" if line.end else ""
    since = "runs from" if line.end else "began on"
    wrong = f"{uk_date(day)} is outside the line, which {since} {uk_date(line.start)}{until}."
    return Problem(Code.OUTSIDE_LINE, wrong, "Enter a day of the line.", field)
