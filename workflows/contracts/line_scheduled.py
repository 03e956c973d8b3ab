"""Which scheduled payments hold the weeks of a line: what each pays of a week, or why it keeps the week back."""

from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Text, and_, case, cast, func, select

from models import PaymentPeriod, PaymentRun, PaymentSource, Remittance, ScheduledPayment, ScheduledPaymentLine
from rules.scheduled import payment_called
from rules.states import ScheduledState
from workflows.clock import today


class ScheduledOf(NamedTuple):
    """What a scheduled payment holds of a week, net in pounds; `kept_back` says why that is not paid with it.

    `pay_on` is the day on which it reaches the bank, by its period where no payment run has it yet; `called` the word
    for where the payment stands.
    """

    week: date
    payment_id: int
    number: str
    state: ScheduledState
    net: Decimal
    kept_back: str
    remittance_id: int | None
    remittance: str | None
    pay_on: date
    called: str


def scheduled_of(line_id: int) -> Any:
    """Return the query for the payments of a line, by week and then in their order; rows for `read_scheduled`."""
    line = ScheduledPaymentLine
    pay_on = func.coalesce(func.max(Remittance.pay_date), func.max(PaymentRun.pay_date), func.max(PaymentPeriod.pay_on))
    return (
        select(
            line.week_starting, ScheduledPayment.id, ScheduledPayment.number, ScheduledPayment.state,
            cast(func.sum(case((line.kept_back == "", line.net), else_=0)), Text), func.max(line.kept_back),
            func.max(Remittance.id), func.max(Remittance.number), pay_on, func.max(PaymentPeriod.amend_by),
            ScheduledPayment.gross > 0,
        )
        .join(ScheduledPayment, ScheduledPayment.id == line.scheduled_payment_id)
        .join(PaymentPeriod, PaymentPeriod.id == ScheduledPayment.period_id)
        # Not what the bank sent back.
        .outerjoin(
            PaymentSource,
            and_(PaymentSource.scheduled_payment_id == ScheduledPayment.id, PaymentSource.bank_return_id.is_(None)),
        )
        .outerjoin(PaymentRun, PaymentRun.id == PaymentSource.run_id)
        .outerjoin(
            Remittance,
            and_(Remittance.run_id == PaymentRun.id, Remittance.organisation_id == PaymentSource.organisation_id),
        )
        .where(line.line_item_id == line_id)
        .group_by(line.week_starting, ScheduledPayment.id)
        .order_by(line.week_starting, ScheduledPayment.id)
    )  # fmt: skip


def read_scheduled(row: list[Any]) -> ScheduledOf:
    """Return a row of the query as it came through JSON."""
    week, payment_id, number, state, net, kept_back, remittance_id, remittance, pay_on, amend_by, pays = row
    day = date.fromisoformat(pay_on)
    called = payment_called(ScheduledState(state), date.fromisoformat(amend_by), today(), day if pays else None)
    return ScheduledOf(
        date.fromisoformat(week), payment_id, number, ScheduledState(state), Decimal(net), kept_back, remittance_id,
        remittance, day, called,
    )  # fmt: skip
