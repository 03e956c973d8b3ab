"""What a scheduled payment has to hold: every week not paid yet, what is kept back of it, and what has changed since.

What is true now is compared with what live lines hold, for every week from the portal's start to the period's end,
whoever changed it and whatever it was (rules.md 8 and 9).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from models import (
    AbsenceReport,
    ContractDocument,
    Hold,
    LineItem,
    Organisation,
    PaymentPeriod,
    ScheduledPayment,
    ScheduledPaymentLine,
    Sector,
    db,
)
from rules.absence_claim import Tiers
from rules.invoice import why_left_out
from rules.money import NOTHING, vat_of
from rules.period import monday_of, weeks_of
from rules.price import NoRate
from rules.scheduled import Away, ScheduledLine, ScheduledSegment, WeekPrices, kind_of_change
from rules.states import ActualState, LineKind, PaymentMethod, ScheduledState
from workflows import policy
from workflows.clock import today

Row = dict[str, Any]
Week = tuple[int, date]

NOT_IN_FORCE = "The contract document is not in force."
NOT_ACCEPTED = "The contract document is not accepted. Accept it, then this line is paid."
# What an adjustment takes over from the line that it takes back, and with a minus.
_SAME = ("line_item_id", "week_starting", "days", "paid_days", "unit", "rate", "rate_id", "vat_code", "explained",
         "rule", "absence_report_id")  # fmt: skip
_MINUS = ("units", "amount", "contribution", "top_up", "net", "vat", "gross")


class KeptBack(NamedTuple):
    """Why a line is not paid for now, in a sentence, and the hold that says so, if one does."""

    reason: str = ""
    hold_id: int | None = None


@dataclass
class _Paid:
    """What live lines of finalised payments hold: the segments in force of each line's week, and the last one of it."""

    segments: dict[Week, list[Any]] = field(default_factory=lambda: defaultdict(list))
    last_id: dict[Week, int] = field(default_factory=dict)


def wanted_rows(organisation_id: int, period: PaymentPeriod) -> list[Row]:
    """Return the lines that the payment of an organisation for a period has to hold now, by line and week.

    The values of ScheduledPaymentLine without its payment. To be called in the council's scope; changes nothing.
    """
    paid, holds = _paid(organisation_id), _holds(organisation_id)
    absences = _absences(organisation_id)
    found: list[Row] = []
    for line in _lines(organisation_id, period):
        found += _Wanted(line, period, paid, holds).rows(absences.get(line.id, []))
    return found


class _Wanted:
    """The rows of one line."""

    def __init__(self, line: LineItem, period: PaymentPeriod, paid: _Paid, holds: Sequence[Hold]) -> None:
        self.line, self.period, self.paid, self.holds = line, period, paid, holds
        rollout = line.organisation.sector.rollout
        start: date = policy.for_council("portal_start")
        # Care before the portal, or before its sector's turn, was paid by the previous method (rules.md 1 and 13).
        self.plan = line.plan._replace(start=max(line.start, start, rollout.opens_on if rollout else date.max))
        self.rate_ids = {rate.start: rate.id for rate in line.rates}

    def rows(self, absences: Sequence[Away]) -> list[Row]:
        scheduled = ScheduledLine(self.plan, self.line.rate_versions, self.line.deducted, absences)
        prices = WeekPrices(scheduled, lambda day: _tiers_on(self.line, day))
        return [row for week in self._weeks() for row in self._week(week, prices)]

    def _weeks(self) -> list[date]:
        last = min(self.plan.end or self.period.end, self.period.end)
        own = set(weeks_of(monday_of(self.plan.start), last)) if last >= self.plan.start else set()
        return sorted(own | {week for line_id, week in self.paid.last_id if line_id == self.line.id})

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
            "rate_id": self.rate_ids[segment.version.start], "amount": segment.amount,
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
        document = self.line.document
        if not document.takes_actuals:
            return KeptBack(NOT_IN_FORCE)
        targets = ((self.line.document_id, None), (None, self.line.id))
        hold = next((each for each in self.holds if (each.document_id, each.line_item_id) in targets), None)
        # A week of a scheduled line needs no confirming: of an invoice's reasons the other ones are left.
        why = why_left_out(
            ActualState.CONFIRMED,
            held=False,
            document_accepted=document.accepted_at is not None,
            acceptance_required=policy.of("acceptance_required", self.line, week).value,
            hold=hold.reason if hold else None,
        )
        if why is None:
            return KeptBack()
        return KeptBack(NOT_ACCEPTED) if why.code == "document" else KeptBack(why.reason, hold.id if hold else None)


def _figures(segment: Any) -> tuple[Decimal, ...]:
    """Return what has to be alike for a week to be paid rightly; a stored line and a priced segment have it both."""
    rate = segment.version.rate if isinstance(segment, ScheduledSegment) else segment.rate
    return rate, segment.units, segment.amount, segment.contribution, segment.top_up


def _taken_back(paid: Any, kind: LineKind) -> Row:
    same = {name: getattr(paid, name) for name in ("organisation_id", *_SAME)}
    minus = {name: -getattr(paid, name) for name in _MINUS}
    return same | minus | {"kind": kind, "adjusts_id": paid.id, "takes_back": True}


def _lines(organisation_id: int, period: PaymentPeriod) -> list[LineItem]:
    statement = (
        select(LineItem)
        .join(LineItem.document)
        .where(
            LineItem.organisation_id == organisation_id,
            LineItem.payment_method == PaymentMethod.SCHEDULED,
            LineItem.start <= period.end,
            ContractDocument.version > 0,
            or_(LineItem.end.is_(None), LineItem.end >= policy.for_council("portal_start"), _has_been_paid()),
        )
        .options(
            joinedload(LineItem.document),
            joinedload(LineItem.organisation).joinedload(Organisation.sector).joinedload(Sector.rollout),
            selectinload(LineItem.plans),
            selectinload(LineItem.rates),
            selectinload(LineItem.deductions),
        )
        .order_by(LineItem.reference)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def _has_been_paid() -> Any:
    return select(ScheduledPaymentLine.id).where(ScheduledPaymentLine.line_item_id == LineItem.id).exists()


def _paid(organisation_id: int) -> _Paid:
    back = aliased(ScheduledPaymentLine)
    again = aliased(ScheduledPayment)
    # A plain join, for each row is looked at once: as mapped objects half a million would take ten times as long.
    taken_back = (
        select(back.adjusts_id)
        .join(again, again.id == back.scheduled_payment_id)
        .where(
            back.organisation_id == organisation_id, back.takes_back, back.kept_back == "",
            again.state != ScheduledState.PREVIEW,
        )
    )  # fmt: skip
    line = ScheduledPaymentLine
    statement = (
        select(
            line.id, line.takes_back, line.organisation_id,
            *(getattr(line, name) for name in (*_SAME, *_MINUS)),
            line.id.in_(taken_back).label("is_taken_back"),
        )
        .join(ScheduledPayment, ScheduledPayment.id == line.scheduled_payment_id)
        .where(
            line.organisation_id == organisation_id, line.kept_back == "",
            ScheduledPayment.state != ScheduledState.PREVIEW,
        )
        .order_by(line.id)
    )  # fmt: skip
    found = _Paid()
    for row in db.session.execute(statement):
        key = (row.line_item_id, row.week_starting)
        found.last_id[key] = row.id
        if not row.takes_back and not row.is_taken_back:
            found.segments[key].append(row)
    return found


def _holds(organisation_id: int) -> list[Hold]:
    """Return the holds on documents and lines; one on the organisation keeps its whole payment out of payment runs."""
    of_something = or_(Hold.document_id.is_not(None), Hold.line_item_id.is_not(None))
    in_force = select(Hold).where(Hold.organisation_id == organisation_id, Hold.in_force(today()), of_something)
    return list(db.session.scalars(in_force.order_by(Hold.id)))


def _absences(organisation_id: int) -> dict[int, list[Away]]:
    report = AbsenceReport
    statement = (
        select(report.line_item_id, report.first_day, report.last_day, report.id)
        .where(report.organisation_id == organisation_id, report.withdrawn_at.is_(None))
        .order_by(report.line_item_id, report.first_day)
    )
    found: dict[int, list[Away]] = defaultdict(list)
    for line_id, first, last, key in db.session.execute(statement):
        found[line_id].append(Away(first, last, key))
    return found


def _tiers_on(line: LineItem, day: date) -> Tiers:
    resolved = policy.of("absence_tiers", line, day)
    return Tiers(resolved.value, policy.rule_words(resolved))
