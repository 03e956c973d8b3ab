"""Invoices: the provider's claim for the actuals of a period."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    UniqueConstraint,
    and_,
    exists,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.actual import Actual
from models.base import Day, Instant, Key, Money, Price, Quantity, Recorded, Tenanted, Words, words
from models.line_item import LineItem, Rate
from models.organisation import Organisation
from models.payment_period import PaymentPeriod
from rules.states import InvoiceState, LineKind, Unit, VatCode

if TYPE_CHECKING:
    from models.user import PortalUser

invoice_number = Sequence("invoice_number", metadata=Model.metadata)


class Invoice(Tenanted, Model):
    """An invoice of one organisation for one period; its amounts are the sums of its lines, in pounds.

    `live` follows from the state: a rejected invoice is not live, and frees its weeks.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("id", "live"),
        Index(
            "uq_invoice_draft", "organisation_id", "period_id", unique=True, postgresql_where=text("state = 'draft'")
        ),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("state = 'draft' OR submitted_at IS NOT NULL", name="submitted_when"),
        CheckConstraint("state <> 'rejected' OR rejected_reason <> ''", name="rejected_why"),
    )
    id: Mapped[Key]
    number: Mapped[Words] = mapped_column(
        unique=True, server_default=text("'INV-' || lpad(nextval('invoice_number')::text, 6, '0')")
    )
    period_id: Mapped[int] = mapped_column(ForeignKey("payment_period.id"), index=True)
    own_reference: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[InvoiceState] = mapped_column(words(InvoiceState), default=InvoiceState.DRAFT)
    live: Mapped[bool] = mapped_column(Computed("state <> 'rejected'", persisted=True))
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
    created_at: Mapped[Recorded]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    submitted_at: Mapped[Instant | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    accepted_at: Mapped[Instant | None]
    due_by: Mapped[Day | None]
    rejected_reason: Mapped[Words] = mapped_column(default="", server_default="")
    disputed_on: Mapped[Day | None]
    dispute_reason: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    period: Mapped[PaymentPeriod] = relationship()
    created_by: Mapped[PortalUser | None] = relationship(foreign_keys=[created_by_id])
    submitted_by: Mapped[PortalUser | None] = relationship(foreign_keys=[submitted_by_id])
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice",
        primaryjoin="Invoice.id == foreign(InvoiceLine.invoice_id)",
        order_by="InvoiceLine.number",
    )

    def __str__(self) -> str:
        return self.number


class InvoiceLine(Tenanted, Model):
    """One priced segment: one line item, one week, one rate version. Written once, at submission.

    `units` are the payable units of the segment; `net` is round2(units x rate). `planned`, `delivered` and
    `aborted_payable` are those of the whole week, so that the figure can be explained after later corrections;
    `actual_version` is the version of the week that was priced, `rate_id` the rate version it was priced by, `rule` the
    setting of its exception level.
    A difference (UNITS_DIFF, RATE_DIFF) takes each line that stands for the week back, with a minus (`adjusts_id`),
    and has a line for each segment as it is now.
    """

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("invoice_id", "number"),
        Index(
            "uq_invoice_line_live_week",
            "line_item_id",
            "week_starting",
            "segment",
            unique=True,
            postgresql_where=text("live AND kind IN ('CURRENT', 'LATE')"),
        ),
        # A line is taken back once; every difference takes at least one back, so it is settled once.
        Index("uq_invoice_line_live_taken_back", "adjusts_id", unique=True, postgresql_where=text("live")),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("adjusts_id IS NULL OR kind IN ('UNITS_DIFF', 'RATE_DIFF')", name="taken_back"),
        CheckConstraint("net = round(units * rate, 2)", name="net"),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoice.organisation_id", "invoice.id"]),
        ForeignKeyConstraint(["invoice_id", "live"], ["invoice.id", "invoice.live"], onupdate="CASCADE"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
    )
    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(index=True)
    live: Mapped[bool] = mapped_column(default=True)
    number: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(words(LineKind))
    line_item_id: Mapped[int] = mapped_column(index=True)
    actual_id: Mapped[int] = mapped_column(index=True)
    actual_version: Mapped[int | None]
    adjusts_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_line.id"))
    week_starting: Mapped[Day]
    segment: Mapped[int] = mapped_column(default=1)
    planned: Mapped[Quantity]
    delivered: Mapped[Quantity]
    aborted_payable: Mapped[Quantity] = mapped_column(default=Decimal(0))
    units: Mapped[Quantity]
    unit: Mapped[Unit] = mapped_column(words(Unit))
    rate: Mapped[Price]
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rate.id"), index=True)
    net: Mapped[Money]
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    rule: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    invoice: Mapped[Invoice] = relationship(
        back_populates="lines", primaryjoin="Invoice.id == foreign(InvoiceLine.invoice_id)"
    )
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(InvoiceLine.line_item_id)")
    actual: Mapped[Actual] = relationship(primaryjoin="Actual.id == foreign(InvoiceLine.actual_id)")
    adjusts: Mapped[InvoiceLine | None] = relationship(remote_side="InvoiceLine.id")
    priced_by: Mapped[Rate | None] = relationship()

    @classmethod
    def stands(cls) -> ColumnElement[bool]:
        """Return the SQL condition that a line counts: on a live invoice, and no pair with one that takes it back.

        A line that takes back one whose invoice is rejected since stands by itself.
        """
        taking, taken = aliased(cls), aliased(cls)
        return and_(
            cls.live,
            ~exists().where(taking.adjusts_id == cls.id, taking.live),
            ~exists().where(taken.id == cls.adjusts_id, taken.live),
        )

    def __str__(self) -> str:
        return f"{self.invoice} line {self.number}"
