"""The segments of scheduled payments added up by line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Integer, any_, bindparam, select

from models import AbsenceReport
from models import ScheduledPaymentLine as Line
from models.written_out import WrittenOut
from rules.money import NOTHING
from rules.period import days_from
from rules.states import AbsenceReason, LineKind


@dataclass
class LineSum:
    """What one line comes to in a payment, in pounds; kept back: what it would come to, and why it does not.

    `rates` are those of this period's weeks, in order, `first` and `last` the Mondays they stand in; `days` are the
    active days of those weeks, `paid_days` those paid in full. `late` and `corrected` are the parts of `gross` for
    weeks of earlier periods, `late_weeks` how many are paid for the first time.
    """

    line_id: int
    amount: Decimal = NOTHING
    contribution: Decimal = NOTHING
    top_up: Decimal = NOTHING
    net: Decimal = NOTHING
    vat: Decimal = NOTHING
    gross: Decimal = NOTHING
    late: Decimal = NOTHING
    corrected: Decimal = NOTHING
    kept: Decimal = NOTHING
    why_kept: str = ""
    units: Decimal = NOTHING
    days: int = 0
    paid_days: int = 0
    late_weeks: set[date] = field(default_factory=set)
    rates: list[tuple[Decimal, date]] = field(default_factory=list)
    absences: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def deducted(self) -> Decimal:
        """Contribution and top-up together."""
        return self.contribution + self.top_up


class ReportedAbsence(NamedTuple):
    """An absence report that a payment follows: why somebody is away, and the days, both inclusive."""

    reason: AbsenceReason
    first_day: date
    last_day: date | None

    @property
    def days(self) -> str:
        """The days as people read them."""
        return days_from(self.first_day, self.last_day)


class _Segment(NamedTuple):
    """A priced segment of a line in a payment, with the days of the absence report it follows."""

    payment_id: int
    line_id: int
    kind: LineKind
    week_starting: date
    days: int
    paid_days: int
    units: Decimal
    rate: Decimal
    amount: Decimal
    contribution: Decimal
    top_up: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal
    kept_back: str
    explained: str
    rule: str
    report_id: int | None
    away: AbsenceReason | None
    first_day: date | None
    last_day: date | None


def sums_of(payment_ids: Sequence[int]) -> tuple[dict[int, dict[int, LineSum]], dict[int, ReportedAbsence]]:
    """Return the lines of some payments added up, by payment and line, and the absence reports they follow, by id."""
    found: dict[int, dict[int, LineSum]] = {key: {} for key in payment_ids}
    reports: dict[int, ReportedAbsence] = {}
    for values in _SEGMENTS.all({"payments": list(payment_ids)}):
        row = _Segment._make(values)
        _add(found[row.payment_id].setdefault(row.line_id, LineSum(row.line_id)), row)
        if row.report_id and row.away and row.first_day:
            reports[row.report_id] = ReportedAbsence(row.away, row.first_day, row.last_day)
    return found, reports


def _add(line: LineSum, row: _Segment) -> None:
    if row.kept_back:
        line.kept, line.why_kept = line.kept + row.gross, row.kept_back
        return
    line.amount += row.amount
    line.contribution += row.contribution
    line.top_up += row.top_up
    line.net += row.net
    line.vat += row.vat
    line.gross += row.gross
    if row.kind is LineKind.SCHEDULED:
        line.days, line.paid_days, line.units = (
            line.days + row.days, line.paid_days + row.paid_days, line.units + row.units,
        )  # fmt: skip
        if not line.rates or line.rates[-1][0] != row.rate:
            line.rates.append((row.rate, row.week_starting))
    elif row.kind is LineKind.LATE:
        line.late += row.gross
        line.late_weeks.add(row.week_starting)
    else:
        line.corrected += row.gross
    if row.report_id and row.gross >= 0:
        line.absences.append((row.report_id, row.explained, row.rule))


_COLUMNS: tuple[Any, ...] = (
    Line.scheduled_payment_id, Line.line_item_id, Line.kind, Line.week_starting, Line.days, Line.paid_days, Line.units,
    Line.rate, Line.amount, Line.contribution, Line.top_up, Line.net, Line.vat, Line.gross, Line.kept_back,
    Line.explained, Line.rule, Line.absence_report_id, AbsenceReport.reason, AbsenceReport.first_day,
    AbsenceReport.last_day,
)  # fmt: skip
# Written out, its rows plain values: saves 9 of 111 ms of processor of the page of two payments of 736 rows, by turns.
_SEGMENTS = WrittenOut(
    select(*_COLUMNS)
    .outerjoin(AbsenceReport, AbsenceReport.id == Line.absence_report_id)
    .where(Line.scheduled_payment_id == any_(bindparam("payments", type_=ARRAY(Integer))))
    .order_by(Line.week_starting, Line.segment)
)
