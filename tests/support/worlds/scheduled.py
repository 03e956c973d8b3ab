"""A care home on scheduled payments, for tests: one line or more in weeks, and the days of its first period."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from models import (
    AbsenceReport,
    Hold,
    LineItem,
    Organisation,
    PaymentPeriod,
    Rate,
    ScheduledPayment,
    ScheduledPaymentLine,
    db,
)
from rules.agreement_states import DocumentState
from rules.period import DAY
from rules.states import AbsenceReason, PaymentBasis, PaymentMethod, Unit
from tests.support.worlds.world import START, World

WEDNESDAY = date(2017, 10, 18)
# Of period 0: its preview is there from this day, it can be queried to its amend-by, and is finalised the day after.
PREVIEWED, AMEND_BY, FINALISED = date(2017, 11, 22), date(2017, 11, 27), date(2017, 11, 28)
NEXT_PREVIEWED, NEXT_FINALISED = date(2017, 12, 22), date(2017, 12, 28)


class CareHome:
    """A nursing home whose lines are paid every four weeks, with two periods ahead."""

    def __init__(self, world: World, *, sector: str = "Home support") -> None:
        self.world = world
        self.organisation: Organisation = world.organisation("Holt House", sector)
        self.contact = world.contact(self.organisation)
        self.first: PaymentPeriod = world.period(0)
        self.second: PaymentPeriod = world.period(1)

    @classmethod
    def of(cls, world: World, organisation: Organisation) -> "CareHome":
        """An organisation that is there already, without its periods."""
        home = cls.__new__(cls)
        home.world, home.organisation = world, organisation
        return home

    def line(self, rate: str = "748.37", start: date = START, **more: Any) -> LineItem:
        """A line in weeks; net where a contribution or a top-up is given."""
        net = {"payment_basis": PaymentBasis.NET} if {"contribution", "top_up"} & set(more) else {}
        values = {"state": DocumentState.ACCEPTED} | net | more
        return self.world.line(
            self.organisation, weekly="1", unit=Unit.WEEK, rate=rate, start=start,
            payment_method=PaymentMethod.SCHEDULED, **values,
        )  # fmt: skip

    def away(self, line: LineItem, first: date, last: date | None = None) -> AbsenceReport:
        """An absence as the database holds it."""
        return self.world._keep(
            AbsenceReport(
                organisation_id=line.organisation_id, line_item_id=line.id, first_day=first, last_day=last,
                reason=AbsenceReason.HOSPITAL,
            )
        )  # fmt: skip

    def hold(self, line: LineItem | None = None, **more: Any) -> Hold:
        """A hold on a line, or on the home as a whole."""
        values = {"start": START, "reason": "Safeguarding"} | more
        return self.world._keep(
            Hold(organisation_id=self.organisation.id, line_item_id=line.id if line else None, **values)
        )

    def change_rate(self, line: LineItem, rate: str, start: date) -> None:
        """Let another rate hold from a day on."""
        World.confirmed()

        line.rates[-1].end = start - DAY
        db.session.flush()
        db.session.add(
            Rate(organisation_id=line.organisation_id, line_item_id=line.id, rate=Decimal(rate), start=start)
        )
        db.session.commit()
        db.session.expire(line)

    def end(self, line: LineItem, last: date) -> None:
        """Let a line end on a day."""
        World.confirmed()
        line.end = last
        db.session.commit()


def payment_of(period: PaymentPeriod, organisation_id: int | None = None) -> ScheduledPayment:
    """The scheduled payment of a period, as the database has it now."""
    db.session.rollback()
    statement = select(ScheduledPayment).where(ScheduledPayment.period_id == period.id)
    if organisation_id:
        statement = statement.where(ScheduledPayment.organisation_id == organisation_id)
    found: ScheduledPayment = db.session.scalars(statement.execution_options(populate_existing=True)).one()
    return found


def lines_of(payment: ScheduledPayment) -> list[ScheduledPaymentLine]:
    """Its lines in the order they were written."""
    statement = select(ScheduledPaymentLine).where(ScheduledPaymentLine.scheduled_payment_id == payment.id)
    return list(
        db.session.scalars(statement.order_by(ScheduledPaymentLine.id).execution_options(populate_existing=True))
    )


def pounds_of(payment: ScheduledPayment) -> list[str]:
    """The net of every line that is paid."""
    return [f"{each.net}" for each in lines_of(payment) if not each.kept_back]
