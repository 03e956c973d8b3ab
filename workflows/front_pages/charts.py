"""The charts of Today: weeks submitted against expected, held weeks by reason, spend by element and period."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from flask import current_app
from sqlalchemy import ARRAY, Date, ScalarSelect, Select, Text, cast, column, func, literal, select, union_all

from models import (
    Actual,
    Element,
    ExceptionCheck,
    Invoice,
    InvoiceLine,
    LineItem,
    PaymentPeriod,
    ScheduledPayment,
    ScheduledPaymentLine,
    db,
)
from rules.actual import REASONS
from rules.money import NOTHING
from rules.period import DAY, weeks_of
from workflows import policy
from workflows.clock import LONDON, now, today

# So many days are drawn, up to today, and so many elements, those with most spend.
DAYS_SHOWN: Final = 7
ELEMENTS_SHOWN: Final = 8
NO_REASON: Final = "No reason"
# What this process drew last, and when.
_DRAWN: Final = "charts_of_today"


@dataclass(frozen=True)
class Submitted:
    """How many weeks of a period were confirmed by the end of each day, of how many there are to confirm."""

    start: date
    end: date
    expected: int
    by_day: list[tuple[date, int]]


@dataclass(frozen=True)
class Spend:
    """What an element cost in the latest period that is paid, and in the one before, in pounds without VAT."""

    element: str
    latest: Decimal
    before: Decimal


@dataclass(frozen=True)
class Charts:
    """What Today draws, as it was `at` a moment; `paid` are the latest paid periods by their days, the latest first."""

    at: datetime
    submitted: Submitted | None
    held: list[tuple[str, int]]
    paid: list[tuple[date, date]]
    spend: list[Spend]


def charts(to_submit: PaymentPeriod | None) -> Charts:
    """Return the charts, of the period whose weeks are to be submitted; in the council's scope.

    One query, and none while what this process drew last is younger than CHARTS_LAST: at the size of a county it takes
    half a second, and the figures of a period move by the hour.
    """
    drawn: Charts | None = current_app.extensions.get(_DRAWN)
    lasts: timedelta = current_app.config["CHARTS_LAST"]
    if drawn is None or not drawn.at <= now() < drawn.at + lasts:
        drawn = current_app.extensions[_DRAWN] = _draw(to_submit)
    return drawn


def _draw(to_submit: PaymentPeriod | None) -> Charts:
    columns = [_held(), _spend(), _paid_periods(), *([_submitted(to_submit)] if to_submit else [])]
    held, spend, paid, *rest = db.session.execute(select(*columns)).one()
    reasons = [(REASONS.get(code, NO_REASON), count) for code, count in sorted(held, key=lambda row: (-row[1], row[0]))]
    return Charts(
        now(),
        _by_day(to_submit, rest[0]) if to_submit else None,
        reasons,
        [(date.fromisoformat(start), date.fromisoformat(end)) for _, start, end in paid],
        _by_element(spend, [period for period, *_ in paid]),
    )


def _by_day(period: PaymentPeriod, counts: list[tuple[str | None, int]]) -> Submitted:
    """Return the confirmed weeks by day, summed up to each of the last days."""
    confirmed = {date.fromisoformat(day): count for day, count in counts if day}
    days = [today() - back * DAY for back in reversed(range(DAYS_SHOWN))]
    by_day = [(day, sum(count for on, count in confirmed.items() if on <= day)) for day in days]
    return Submitted(period.start, period.end, sum(count for _, count in counts), by_day)


def _by_element(spend: list[tuple[str, int, str]], periods: list[int]) -> list[Spend]:
    pounds = {(element, period): Decimal(net) for element, period, net in spend}
    latest, before = (*periods, 0, 0)[:2]
    found = [
        Spend(element, pounds.get((element, latest), NOTHING), pounds.get((element, before), NOTHING))
        for element in dict.fromkeys(element for element, _ in pounds)
    ]
    return sorted(found, key=lambda each: (-each.latest, -each.before, each.element))[:ELEMENTS_SHOWN]


def _submitted(period: PaymentPeriod) -> ScalarSelect[Any]:
    """Return how many weeks of a period were confirmed on which day, and, under no day, how many were not."""
    mondays = literal(weeks_of(period.start, period.end), ARRAY(Date))
    week = func.unnest(mondays).table_valued(column("monday", Date)).render_derived()
    asked = {
        "claimed_since": policy.claimed_since(),
        "portal_start": policy.for_council("portal_start"),
        "today": today(),
    }
    confirmed_on = cast(func.timezone(LONDON.key, Actual.confirmed_at), Date)
    counted = (
        select(cast(confirmed_on, Text).label("day"), func.count().label("weeks"))
        .select_from(week)
        .join(LineItem, LineItem.to_confirm_in(week.c.monday, **asked))
        .outerjoin(Actual, Actual.of_line(LineItem.id, week.c.monday))
        .group_by(confirmed_on)
        .subquery()
    )
    return _as_list(counted.c.day, counted.c.weeks)


def _held() -> ScalarSelect[Any]:
    counted = (
        select(Actual.reason, func.count().label("weeks"))
        .join(ExceptionCheck, ExceptionCheck.actual_id == Actual.id)
        .where(ExceptionCheck.held)
        .group_by(Actual.reason)
        .subquery()
    )
    return _as_list(counted.c.reason, counted.c.weeks)


def _latest_paid() -> Select[Any]:
    paid = select(PaymentPeriod).where(PaymentPeriod.pay_on <= today())
    return paid.order_by(PaymentPeriod.start.desc()).limit(2)


def _paid_periods() -> ScalarSelect[Any]:
    columns = (PaymentPeriod.id, cast(PaymentPeriod.start, Text), cast(PaymentPeriod.end, Text))
    return _as_list(*_latest_paid().with_only_columns(*columns).subquery().c)


def _spend() -> ScalarSelect[Any]:
    """Return what each element cost in the latest paid periods, on invoices that stand and on a schedule."""
    periods = _latest_paid().with_only_columns(PaymentPeriod.id)
    invoiced = (
        select(InvoiceLine.line_item_id, Invoice.period_id, InvoiceLine.net)
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.period_id.in_(periods), InvoiceLine.live)
    )
    scheduled = (
        select(ScheduledPaymentLine.line_item_id, ScheduledPayment.period_id, ScheduledPaymentLine.net)
        .join(ScheduledPayment, ScheduledPayment.id == ScheduledPaymentLine.scheduled_payment_id)
        .where(ScheduledPayment.period_id.in_(periods), ScheduledPaymentLine.kept_back == "")
    )
    line = union_all(invoiced, scheduled).subquery().c
    counted = (
        select(Element.name, line.period_id, cast(func.sum(line.net), Text).label("net"))
        .join(LineItem, LineItem.id == line.line_item_id)
        .join(Element, Element.id == LineItem.element_id)
        .group_by(Element.name, line.period_id)
        .subquery()
    )
    return _as_list(counted.c.name, counted.c.period_id, counted.c.net)


def _as_list(*columns: Any) -> ScalarSelect[Any]:
    rows = func.json_agg(func.json_build_array(*columns))
    return select(func.coalesce(rows, func.json_build_array())).scalar_subquery()
