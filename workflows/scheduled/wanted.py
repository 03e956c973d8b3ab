"""What a scheduled payment has to hold: every week not paid yet, what is kept back of it, and what has changed since.

What is true now is compared with what live lines hold, for every week from the portal's start to the period's end,
whoever changed it and whatever it was (rules.md 8 and 9).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from models import PaymentPeriod
from rules.invoice import why_left_out
from rules.money import NOTHING, vat_of
from rules.period import monday_of, weeks_of
from rules.price import NoRate
from rules.scheduled import ScheduledLine, ScheduledSegment, WeekPrices, kind_of_change
from rules.states import ActualState, LineKind
from workflows import policy
from workflows.scheduled.known import MINUS, SAME, KnownLines, ScheduledItem, known_of
from workflows.weeks.absent import tiers_on

Row = dict[str, Any]

NOT_IN_FORCE = "The contract document is not in force."
NOT_ACCEPTED = "The contract document is not accepted. Accept it, then this line is paid."


class KeptBack(NamedTuple):
    """Why a line is not paid for now, in a sentence, and the hold that says so, if one does."""

    reason: str = ""
    hold_id: int | None = None


def wanted_rows(organisation_ids: Collection[int], period: PaymentPeriod) -> dict[int, list[Row]]:
    """Return the lines that the payments of organisations for a period have to hold now, by line and week.

    By organisation; the values of ScheduledPaymentLine without its payment, each with the same names in the same order.
    To be called in the council's scope; changes nothing.
    """
    known = known_of(organisation_ids, period)
    found: dict[int, list[Row]] = defaultdict(list)
    for line in known.lines:
        found[line.organisation_id] += _Wanted(line, period, known).rows()
    return {organisation_id: rows for organisation_id, rows in found.items() if rows}


class _Wanted:
    """The rows of one line."""

    def __init__(self, line: ScheduledItem, period: PaymentPeriod, known: KnownLines) -> None:
        self.line, self.period, self.paid = line, period, known.paid
        start: date = policy.for_council("portal_start")
        # Care before the portal, or before its sector's turn, was paid by the previous method (rules.md 1 and 13).
        self.plan = line.plan._replace(start=max(line.plan.start, start, line.opens_on or date.max))
        self.absences = known.absences.get(line.id, [])
        holds = (known.document_holds.get(line.document_id), known.line_holds.get(line.id))
        self.hold = min(filter(None, holds), key=lambda hold: hold.id, default=None)

    def rows(self) -> list[Row]:
        scheduled = ScheduledLine(self.plan, self.line.rate_versions, self.line.deducted, self.absences)
        prices = WeekPrices(scheduled, lambda day: tiers_on(self.line, day))
        return [row for week in self._weeks() for row in self._week(week, prices)]

    def _weeks(self) -> list[date]:
        last = min(self.plan.end or self.period.end, self.period.end)
        own = set(weeks_of(monday_of(self.plan.start), last)) if last >= self.plan.start else set()
        return sorted(own | self.paid.weeks.get(self.line.id, set()))

    def _week(self, week: date, prices: WeekPrices) -> Iterator[Row]:
        key = (self.line.id, week)
        before = self.paid.segments.get(key, [])
        adjusts = self.paid.last_id.get(key)
        try:
            wanted = prices.of(week)
        except NoRate as missing:
            if adjusts is None:
                yield self._unpriced(week, str(missing))
            return
        if adjusts is None:
            kind = LineKind.LATE if week < self.period.start else LineKind.SCHEDULED
            yield from self._numbered([self._row(week, kind, each, None) for each in wanted], week)
        elif [_figures(each) for each in before] != [_figures(each) for each in wanted]:
            yield from self._numbered(self._difference(week, before, wanted, adjusts), week)

    def _difference(
        self, week: date, before: Sequence[Any], wanted: Sequence[ScheduledSegment], adjusts: int
    ) -> list[Row]:
        old = [(each.units, each.rate) for each in before]
        kind = kind_of_change(old, [(each.units, each.version.rate) for each in wanted])
        minus = [_taken_back(each, kind) for each in before]
        about = before[0].id if before else adjusts
        return [*minus, *(self._row(week, kind, each, about) for each in wanted)]

    def _numbered(self, rows: Iterable[Row], week: date) -> Iterator[Row]:
        kept = self._kept_back(week)
        for number, row in enumerate(rows, 1):
            yield row | {"segment": number, "kept_back": kept.reason, "hold_id": kept.hold_id}

    def _row(self, week: date, kind: LineKind, segment: ScheduledSegment, adjusts: int | None) -> Row:
        vat = vat_of(segment.net, self.line.vat_code)
        return self._of_line(week, kind) | {
            "days": segment.days, "paid_days": segment.paid, "units": segment.units, "rate": segment.version.rate,
            "rate_id": self.line.rate_ids[segment.version.start], "amount": segment.amount,
            "contribution": segment.contribution, "top_up": segment.top_up, "net": segment.net, "vat": vat,
            "gross": segment.net + vat, "explained": segment.explained, "rule": segment.rule,
            "absence_report_id": segment.absence, "adjusts_id": adjusts,
        }  # fmt: skip

    def _unpriced(self, week: date, why: str) -> Row:
        kind = LineKind.LATE if week < self.period.start else LineKind.SCHEDULED
        nothing = dict.fromkeys(("units", "rate", "amount", "net", "vat", "gross", "contribution", "top_up"), NOTHING)
        return self._of_line(week, kind) | nothing | {
            "segment": 1, "days": 0, "paid_days": 0, "rate_id": None, "explained": "", "rule": "",
            "absence_report_id": None, "adjusts_id": None, "kept_back": why, "hold_id": None,
        }  # fmt: skip

    def _of_line(self, week: date, kind: LineKind) -> Row:
        line = self.line
        return {
            "organisation_id": line.organisation_id, "line_item_id": line.id, "week_starting": week, "kind": kind,
            "unit": line.unit, "vat_code": line.vat_code, "takes_back": False,
        }  # fmt: skip

    def _kept_back(self, week: date) -> KeptBack:
        if not self.line.in_force:
            return KeptBack(NOT_IN_FORCE)
        # A week of a scheduled line needs no confirming: of an invoice's reasons the other ones are left.
        why = why_left_out(
            ActualState.CONFIRMED,
            held=False,
            document_accepted=self.line.accepted,
            acceptance_required=not self.line.accepted and policy.of("acceptance_required", self.line, week).value,
            hold=self.hold.reason if self.hold else None,
        )
        if why is None:
            return KeptBack()
        if why.code == "document":
            return KeptBack(NOT_ACCEPTED)
        return KeptBack(why.reason, self.hold.id if self.hold else None)


def _figures(segment: Any) -> tuple[Decimal, ...]:
    """Return what has to be alike for a week to be paid rightly; a stored line and a priced segment have it both."""
    rate = segment.version.rate if isinstance(segment, ScheduledSegment) else segment.rate
    return rate, segment.units, segment.amount, segment.contribution, segment.top_up


def _taken_back(paid: Any, kind: LineKind) -> Row:
    same = {name: getattr(paid, name) for name in ("organisation_id", *SAME)}
    minus = {name: -getattr(paid, name) for name in MINUS}
    return same | minus | {"kind": kind, "adjusts_id": paid.id, "takes_back": True}
