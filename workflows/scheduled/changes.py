"""Why a scheduled payment is not what the last one was, line by line, in words with pounds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from models import LineItem
from rules.money import NOTHING, pounds, short_rate, signed_pounds
from rules.period import DAY, short_date, uk_date, weekday_date
from rules.plan import unit_words
from rules.scheduled import deducted_on
from rules.states import AbsenceReason, Unit
from rules.words import counted
from workflows.scheduled.read import PaymentSheet
from workflows.scheduled.sums import LineSum

AWAY: Final = {
    AbsenceReason.HOSPITAL: "In hospital", AbsenceReason.RESPITE: "In respite care",
    AbsenceReason.HOLIDAY: "On holiday", AbsenceReason.ILLNESS: "Ill", AbsenceReason.DECEASED: "Died",
    AbsenceReason.OTHER: "Away",
}  # fmt: skip


@dataclass(frozen=True)
class PaymentChange:
    """A line that is not paid what it was last time: both sums in pounds (None: not in that payment), and why."""

    line: LineItem
    before: Decimal | None
    after: Decimal | None
    why: tuple[str, ...]

    @property
    def difference(self) -> Decimal:
        """How many pounds more, or less, than last time."""
        return (self.after or NOTHING) - (self.before or NOTHING)


def changes_since(sheet: PaymentSheet) -> list[PaymentChange]:
    """Return the lines whose sums are others than in the payment before, by person; together they are the difference.

    Nothing where there was no payment before.
    """
    if sheet.previous is None:
        return []
    found = []
    for key, item in sorted(sheet.items.items(), key=lambda each: (each[1].person.reference, each[1].reference)):
        before, after = sheet.before.get(key), sheet.lines.get(key)
        if (before.gross if before else NOTHING) != (after.gross if after else NOTHING):
            why = tuple(_why(sheet, item, before, after or LineSum(key)))
            found.append(PaymentChange(item, before.gross if before else None, after.gross if after else None, why))
    return found


def _why(sheet: PaymentSheet, item: LineItem, before: LineSum | None, after: LineSum) -> list[str]:
    period = sheet.payment.period
    said = []
    if before is None or not (before.days or before.why_kept):
        since = f", from {_day(item)}" if item.start >= period.start else ""
        said.append(f"New{since}: {_paid_words(item, after)}" if after.days else "New")
    if item.end and item.end < period.end:
        ended = f"Ended on {weekday_date(item.end)}"
        said.append(f"{ended}: {_paid_words(item, after)}" if after.days else ended)
    said += _absences(sheet, after)
    said += _rates(item, before, after)
    if after.late_weeks:
        said.append(f"{counted(len(after.late_weeks), 'earlier week')} paid now: {pounds(after.late)}")
    if after.corrected:
        said.append(f"Corrections of earlier weeks: {signed_pounds(after.corrected)}")
    if before and (before.late or before.corrected):
        said.append(f"Last time held {signed_pounds(before.late + before.corrected)} for weeks before it")
    if after.why_kept:
        said.append(f"{pounds(after.kept)} kept back. {after.why_kept}")
    said += _deductions(item, sheet)
    return said or [_days_words(item, before, after)]


def _absences(sheet: PaymentSheet, after: LineSum) -> list[str]:
    said = []
    for key in dict.fromkeys(key for key, _, _ in after.absences):
        report = sheet.reports[key]
        parts = [(explained, rule) for each, explained, rule in after.absences if each == key]
        days = report.days if report.last_day is None or report.days.startswith("from") else f"from {report.days}"
        words = "; ".join(dict.fromkeys(explained for explained, _ in parts))
        said.append(f"{AWAY[report.reason]} {days}: {words} (rule {parts[0][1]})")
    return said


def _rates(item: LineItem, before: LineSum | None, after: LineSum) -> list[str]:
    per = "a week" if item.unit is Unit.WEEK else f"for one {unit_words(item.unit, Decimal(1))}"
    last = before.rates[-1][0] if before and before.rates else None
    said = []
    for rate, week in after.rates:
        if last is not None and rate != last:
            said.append(f"{short_rate(rate)} {per} from the week of {short_date(week)}, was {short_rate(last)}")
        last = rate
    return said


def _deductions(item: LineItem, sheet: PaymentSheet) -> list[str]:
    """Name another contribution or top-up that began in the period."""
    period, versions = sheet.payment.period, item.deducted
    said = []
    for version in versions[1:]:
        if period.start <= version.start <= period.end and (was := deducted_on(versions, version.start - DAY)):
            said.append(
                f"{pounds(version.contribution + version.top_up)} a week deducted from {uk_date(version.start)},"
                f" was {pounds(was.contribution + was.top_up)}"
            )
    return said


def _days_words(item: LineItem, before: LineSum | None, after: LineSum) -> str:
    return f"{_paid_words(item, after)}, last time {_paid_words(item, before or LineSum(item.id))}"


def _paid_words(item: LineItem, line: LineSum) -> str:
    if item.unit is Unit.WEEK:
        part = f"{line.paid_days} of " if line.paid_days != line.days else ""
        return f"{part}{counted(line.days, 'day')} paid"
    return f"{line.units:.2f} {unit_words(item.unit, line.units)} paid"


def _day(item: LineItem) -> str:
    return weekday_date(item.start)
