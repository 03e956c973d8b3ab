"""What is paid every four weeks without an invoice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    UniqueConstraint,
    and_,
    exists,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Day,
    FineQuantity,
    Instant,
    Key,
    Money,
    Price,
    Recorded,
    Tenanted,
    TenantedByParent,
    Words,
    words,
)
from models.payment_period import PaymentPeriod
from rules.states import LineKind, ScheduledState, Unit, VatCode

if TYPE_CHECKING:
    from models.absence_report import AbsenceReport
    from models.hold import Hold
    from models.line_item import LineItem, Rate
    from models.organisation import Organisation

Sequence("scheduled_payment_number", metadata=Model.metadata)

# The kinds of line that pay a week for the first time; other kinds adjust it.
FIRST_PAID = (LineKind.SCHEDULED, LineKind.LATE)


class ScheduledPayment(Tenanted, Model):
    """An automatic payment to one organisation for one period, once; seen before it is paid. Amounts in pounds.

    Its preview is made anew until it is finalised; from then on nothing of it changes. `on hold` is what a payment is
    whose every line was kept back: they are paid with a later one.
    """

    __tablename__ = "scheduled_payment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("organisation_id", "period_id"),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("(state = 'preview') = (finalised_at IS NULL)", name="finalised_when"),
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

    @classmethod
    def to_check(cls, today: date | ColumnElement[date]) -> ColumnElement[bool]:
        """Return the SQL condition that the provider can still query a preview: until the end of amend-by."""
        open_ = exists().where(PaymentPeriod.id == cls.period_id, PaymentPeriod.amend_by >= today)
        return and_(cls.state == ScheduledState.PREVIEW, open_.correlate_except(PaymentPeriod))

    def __str__(self) -> str:
        return self.number


class ScheduledPaymentLine(TenantedByParent, Model):
    """One priced segment of a scheduled payment: a line, a week, a rate version, less what the person pays.

    `amount` is round2(units × rate), `net` that less `contribution` and `top_up`. `days` are the active days of the
    segment, `paid_days` those paid in full; `explained` says what an absence does to it, `rule` by which setting. Where
    `kept_back` says why, it is not paid now and counts nowhere: a later payment takes it up again. An adjustment is the
    old segment with a minus (`takes_back`) and the new one after it; `adjusts` is the line that it is about.
    """

    __tablename__ = "scheduled_payment_line"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("scheduled_payment_id", "line_item_id", "week_starting", "segment", "kind"),
        CheckConstraint("net = amount - contribution - top_up", name="net"),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("abs(amount - units * rate) <= 0.01 + 0.000001 * rate", name="amount"),
        CheckConstraint("extract(isodow from week_starting) = 1", name="monday"),
        CheckConstraint("(kind IN ('UNITS_DIFF', 'RATE_DIFF')) = (adjusts_id IS NOT NULL)", name="adjusts_what"),
        CheckConstraint("NOT takes_back OR adjusts_id IS NOT NULL", name="takes_back_what"),
        CheckConstraint("rate_id IS NOT NULL OR kept_back <> ''", name="priced"),
        ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"], ["scheduled_payment.organisation_id", "scheduled_payment.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "absence_report_id"], ["absence_report.organisation_id", "absence_report.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "adjusts_id"], ["scheduled_payment_line.organisation_id", "scheduled_payment_line.id"]
        ),
        # A line's week is paid for the first time by one payment, whatever wrote it.
        ExcludeConstraint(
            ("line_item_id", "="), ("week_starting", "="), ("scheduled_payment_id", "<>"),
            name="ex_scheduled_payment_line_one_payment", using="gist",
            where=text("kept_back = '' AND kind IN ('SCHEDULED', 'LATE')"),
        ),
        # What was paid is taken back once.
        Index(
            "uq_scheduled_payment_line_taken_back", "adjusts_id", unique=True,
            postgresql_where=text("takes_back AND kept_back = ''"),
        ),
    )  # fmt: skip
    id: Mapped[Key]
    scheduled_payment_id: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(words(LineKind), default=LineKind.SCHEDULED)
    line_item_id: Mapped[int] = mapped_column(index=True)
    week_starting: Mapped[Day]
    segment: Mapped[int] = mapped_column(default=1)
    days: Mapped[int] = mapped_column(default=7, server_default="7")
    paid_days: Mapped[int] = mapped_column(default=7, server_default="7")
    units: Mapped[FineQuantity]
    unit: Mapped[Unit] = mapped_column(words(Unit))
    rate: Mapped[Price]
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rate.id"), index=True)
    amount: Mapped[Money]
    contribution: Mapped[Money] = mapped_column(default=Decimal(0), server_default="0")
    top_up: Mapped[Money] = mapped_column(default=Decimal(0), server_default="0")
    net: Mapped[Money]
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    explained: Mapped[Words] = mapped_column(default="", server_default="")
    rule: Mapped[Words] = mapped_column(default="", server_default="")
    absence_report_id: Mapped[int | None] = mapped_column(index=True)
    adjusts_id: Mapped[int | None] = mapped_column(index=True)
    takes_back: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    kept_back: Mapped[Words] = mapped_column(default="", server_default="")
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id"), index=True)
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ScheduledPaymentLine.organisation_id)"
    )
    scheduled_payment: Mapped[ScheduledPayment] = relationship(
        back_populates="lines", primaryjoin="ScheduledPayment.id == foreign(ScheduledPaymentLine.scheduled_payment_id)"
    )
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(ScheduledPaymentLine.line_item_id)")
    rate_version: Mapped[Rate | None] = relationship()
    absence_report: Mapped[AbsenceReport | None] = relationship(
        primaryjoin="AbsenceReport.id == foreign(ScheduledPaymentLine.absence_report_id)"
    )
    adjusts: Mapped[ScheduledPaymentLine | None] = relationship(
        primaryjoin="remote(ScheduledPaymentLine.id) == foreign(ScheduledPaymentLine.adjusts_id)"
    )
    hold: Mapped[Hold | None] = relationship()

    def __str__(self) -> str:
        return f"{self.scheduled_payment}, {self.line_item}"
