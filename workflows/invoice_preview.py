"""What an invoice would hold if it were sent now: priced lines, and what is left out of it and why (rules.md 6, 8)."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Date, and_, cast, column, func, or_, select
from sqlalchemy.orm import joinedload

from models import AbortedVisit, Actual, ContractDocument, Hold, LineItem, Organisation, PaymentPeriod, db
from rules.exception import allowance, is_over
from rules.invoice import OVER_LEVEL, InvoiceTotal, LeftOut, LineAmount, kind_of, price_line, total_of, why_left_out
from rules.money import NOTHING
from rules.period import monday_of, weeks_of
from rules.plan import active_days, unit_words
from rules.price import NoRate, Segment, price_week, rate_on
from rules.states import ActualState, DocumentState, LineKind
from workflows import policy
from workflows.clock import today
from workflows.exception import WeekToCheck, level_of

LAST_DAY = timedelta(days=6)


@dataclass(frozen=True)
class PreviewLine:
    """One priced segment: `units` × `rate` is `amount.net` in pounds; `segment` counts from 1 within a line's week."""

    line: LineItem
    actual: Actual
    segment: int
    units: Decimal
    rate: Decimal
    amount: LineAmount

    @property
    def kind(self) -> LineKind:
        """CURRENT or LATE."""
        return self.amount.kind


@dataclass(frozen=True)
class LeftOutWeek:
    """A week that is not on the invoice: why, and the figures behind it where there are any."""

    line: LineItem
    week: date
    why: LeftOut
    figures: str = ""


@dataclass
class Preview:
    """The lines of an invoice in the order of their numbers, what is left out, and the check of each
    confirmed week (by its actual's id) against the exception level in force now."""

    lines: list[PreviewLine] = field(default_factory=list)
    left_out: list[LeftOutWeek] = field(default_factory=list)
    checks: dict[int, WeekToCheck] = field(default_factory=dict)

    @property
    def total(self) -> InvoiceTotal:
        """Net, VAT and both together, in pounds."""
        return total_of(line.amount for line in self.lines)

    @property
    def digest(self) -> str:
        """A fingerprint of every figure: what was previewed is what is submitted, or nothing is."""
        figures = [
            (each.kind, each.line.id, each.actual.week_starting, each.segment, each.units, each.rate, each.amount.vat)
            for each in self.lines
        ]
        return hashlib.sha256(repr([[str(part) for part in each] for each in figures]).encode()).hexdigest()

    @property
    def passes_every_check(self) -> bool:
        """Whether nobody has to look at it: care on documents that were turned down or withdrawn is looked at."""
        doubtful = (DocumentState.REJECTED, DocumentState.WITHDRAWN)
        return not any(each.line.document.state in doubtful for each in self.lines)


def preview(organisation_id: int, period: PaymentPeriod) -> Preview:
    """Price every week of an organisation up to the end of a period that can be invoiced, and say why the rest cannot.

    Reads the database afresh; changes nothing.
    """
    found = Preview()
    rows = _weeks(organisation_id, period)
    aborted = _aborted_by_day(organisation_id)
    holds = _holds(organisation_id)
    for line, week, actual in rows:
        why = _why_left_out(found, line, week, actual, holds)
        if why is None:
            why = _add_lines(found, line, actual, period, aborted[line.id])
        if why is not None:
            figures = _figures(found, line, actual) if why is OVER_LEVEL else ""
            found.left_out.append(LeftOutWeek(line, week, why, figures))
    found.lines.sort(
        key=lambda each: (each.kind is LineKind.LATE, each.line.reference, each.actual.week_starting, each.segment)
    )
    return found


def _weeks(organisation_id: int, period: PaymentPeriod) -> Sequence[Any]:
    """Return (line, Monday, actual or None) for every week that is over, or has figures, and is on no invoice."""
    start = monday_of(policy.for_council("portal_start"))
    mondays = weeks_of(start, min(period.end, today()))
    week = func.unnest(cast(mondays, ARRAY(Date))).table_valued(column("monday", Date)).render_derived(name="week")
    window = today() - timedelta(days=policy.for_council("claim_window_days"))
    statement = (
        select(LineItem, week.c.monday, Actual)
        .join(ContractDocument, ContractDocument.id == LineItem.document_id)
        .join(
            week, and_(week.c.monday + 6 >= LineItem.start, or_(LineItem.end.is_(None), week.c.monday <= LineItem.end))
        )
        .outerjoin(Actual, and_(Actual.line_item_id == LineItem.id, Actual.week_starting == week.c.monday))
        .where(
            LineItem.organisation_id == organisation_id,
            LineItem.payment_method == "ACTUALS",
            or_(LineItem.end.is_(None), LineItem.end >= window),
            ContractDocument.state != DocumentState.DRAFT,
            or_(
                Actual.state.in_([ActualState.DRAFT, ActualState.CONFIRMED]),
                and_(
                    Actual.id.is_(None),
                    week.c.monday + 6 <= today(),
                    ContractDocument.state.not_in([DocumentState.REJECTED, DocumentState.WITHDRAWN]),
                ),
            ),
        )
        .options(
            joinedload(LineItem.document),
            joinedload(LineItem.person),
            joinedload(LineItem.element),
            joinedload(LineItem.organisation).joinedload(Organisation.sector),
            joinedload(Actual.check),
        )
        .order_by(week.c.monday, LineItem.reference)
        .execution_options(populate_existing=True)
    )
    rows: Sequence[Any] = db.session.execute(statement).all()
    return rows


def _why_left_out(
    found: Preview, line: LineItem, week: date, actual: Actual | None, holds: list[Hold]
) -> LeftOut | None:
    held = False
    if actual is not None and actual.state is ActualState.CONFIRMED:
        claimed = actual.delivered + actual.aborted_payable
        in_force = level_of(line, week)
        found.checks[actual.id] = WeekToCheck(actual.organisation_id, actual.id, actual.planned, claimed, in_force)
        decided = actual.check is not None and actual.check.decision is not None
        # rules.md 5: worked out again when an invoice is made, for a setting may have changed since the last save.
        held = not decided and is_over(actual.planned, claimed, in_force.level)
    targets = ((None, None), (line.document_id, None), (None, line.id))
    reasons = [hold.reason for hold in holds if (hold.document_id, hold.line_item_id) in targets]
    return why_left_out(
        actual.state if actual else None,
        held=held,
        document_accepted=line.document.accepted_at is not None,
        acceptance_required=policy.for_line("acceptance_required", line, week).value,
        hold=reasons[0] if reasons else None,
    )


def _add_lines(
    found: Preview, line: LineItem, actual: Actual, period: PaymentPeriod, aborted: dict[date, Decimal]
) -> LeftOut | None:
    """Price a week and add its lines; where a rate is missing nothing is added and the reason is returned."""
    try:
        segments = _segments(line, actual, aborted)
    except NoRate as problem:
        return LeftOut(str(problem), "no-rate")
    except ValueError:
        return LeftOut("The figures of this week do not add up. Open the week and save it again.", "figures")
    kind = kind_of(actual.week_starting, period.start)
    for number, segment in enumerate(segments, 1):
        amount = price_line(kind, segment.amount, line.vat_code)
        found.lines.append(PreviewLine(line, actual, number, segment.units, segment.rate, amount))
    return None


def _segments(line: LineItem, actual: Actual, aborted: dict[date, Decimal]) -> list[Segment]:
    week, rates = actual.week_starting, line.rate_versions
    # A visit told of in time is paid nothing; its day has no units and needs no rate.
    days = {day: units for day, units in aborted.items() if week <= day <= week + LAST_DAY and units > 0}
    seven = (actual.mon, actual.tue, actual.wed, actual.thu, actual.fri, actual.sat, actual.sun)
    segments = price_week(line.plan, week, actual.payable, seven, rates, days)
    if segments:
        return segments
    # A week in which nothing is payable stands on the invoice too, so that it is settled and not asked for again.
    first = (active_days(line.plan, week) or [week])[0]
    return [Segment(rate_on(rates, first).rate, NOTHING, NOTHING, (first,))]


def _aborted_by_day(organisation_id: int) -> dict[int, dict[date, Decimal]]:
    by_line: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    statement = (
        select(AbortedVisit.line_item_id, AbortedVisit.visit_date, func.sum(AbortedVisit.payable))
        .join(
            Actual,
            and_(
                Actual.line_item_id == AbortedVisit.line_item_id,
                AbortedVisit.visit_date.between(Actual.week_starting, Actual.week_starting + 6),
            ),
        )
        .where(AbortedVisit.organisation_id == organisation_id, Actual.state == ActualState.CONFIRMED)
        .group_by(AbortedVisit.line_item_id, AbortedVisit.visit_date)
    )
    for line_id, day, payable in db.session.execute(statement):
        by_line[line_id][day] = payable
    return by_line


def _holds(organisation_id: int) -> list[Hold]:
    now = today()
    in_force = (Hold.start <= now, or_(Hold.end.is_(None), Hold.end >= now))
    return list(db.session.scalars(select(Hold).where(Hold.organisation_id == organisation_id, *in_force)))


def _figures(found: Preview, line: LineItem, actual: Actual) -> str:
    """Return the figures a week is held by: "9.00 hours against 7.00 planned, 1.00 may be above. Rule EL-1."."""
    check = found.checks[actual.id]
    above = allowance(check.planned, check.in_force.level)
    return (
        f"{check.claimed:.2f} {unit_words(line.unit, check.claimed)} against {check.planned:.2f} planned;"
        f" {above:.2f} above the plan are allowed. Rule {check.in_force.rule}."
    )
