"""What is paid every four weeks without an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Money, Price, Quantity, Recorded, Tenanted, Words, words
from rules.states import LineKind, ScheduledState, Unit, VatCode

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.payment_period import PaymentPeriod

Sequence("scheduled_payment_number", metadata=Model.metadata)


class ScheduledPayment(Tenanted, Model):
    """An automatic payment to one organisation for one period, once; seen before it is paid. Amounts in pounds."""

    __tablename__ = "scheduled_payment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("organisation_id", "period_id"),
        CheckConstraint("gross = net + vat", name="gross"),
    )
    id: Mapped[Key]
    number: Mapped[Words] = mapped_column(
        unique=True, server_default=text("'SP-' || lpad(nextval('scheduled_payment_number')::text, 6, '0')")
    )
    period_id: Mapped[int] = mapped_column(ForeignKey("payment_period.id"), index=True)
    state: Mapped[ScheduledState] = mapped_column(words(ScheduledState), default=ScheduledState.PREVIEW)
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
    created_at: Mapped[Recorded]
    finalised_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    period: Mapped[PaymentPeriod] = relationship()
    lines: Mapped[list[ScheduledPaymentLine]] = relationship(
        back_populates="scheduled_payment",
        primaryjoin="ScheduledPayment.id == foreign(ScheduledPaymentLine.scheduled_payment_id)",
        order_by="ScheduledPaymentLine.id",
    )

    def __str__(self) -> str:
        return self.number


class ScheduledPaymentLine(Tenanted, Model):
    """One priced segment of a scheduled payment: a line, a week, a rate version, less what the person pays."""

    __tablename__ = "scheduled_payment_line"
    __table_args__ = (
        UniqueConstraint("scheduled_payment_id", "line_item_id", "week_starting", "segment", "kind"),
        CheckConstraint("gross = net + vat", name="gross"),
        ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"], ["scheduled_payment.organisation_id", "scheduled_payment.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    scheduled_payment_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[LineKind] = mapped_column(words(LineKind), default=LineKind.SCHEDULED)
    line_item_id: Mapped[int] = mapped_column(index=True)
    week_starting: Mapped[Day]
    segment: Mapped[int] = mapped_column(default=1)
    units: Mapped[Quantity]
    unit: Mapped[Unit] = mapped_column(words(Unit))
    rate: Mapped[Price]
    deducted: Mapped[Money] = mapped_column(default=Decimal(0))
    net: Mapped[Money]
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    organisation: Mapped[Organisation] = relationship()
    scheduled_payment: Mapped[ScheduledPayment] = relationship(
        back_populates="lines", primaryjoin="ScheduledPayment.id == foreign(ScheduledPaymentLine.scheduled_payment_id)"
    )
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(ScheduledPaymentLine.line_item_id)")

    def __str__(self) -> str:
        return f"{self.scheduled_payment}, {self.line_item}"
