"""Invoices: the provider's claim for the actuals of a period."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Computed,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Sequence,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.actual import Actual
from models.base import Day, Instant, Key, Money, Price, Quantity, Recorded, Tenanted, TenantedByParent, Words, words
from models.line_item import LineItem, Rate
from models.organisation import Organisation
from models.payment_period import PaymentPeriod
from rules.paid import paid_called
from rules.states import InvoiceState, LineKind, Unit, VatCode

if TYPE_CHECKING:
    from models.user import PortalUser

invoice_number = Sequence("invoice_number", metadata=Model.metadata)


# Sent, not paid and not turned down: money the council owes, or will once it has looked.
UNPAID = (InvoiceState.SUBMITTED, InvoiceState.ACCEPTED, InvoiceState.IN_RUN)


def late_sql(of: type[Invoice], day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition that money of an invoice is owed on a day after the one it was due by."""
    return and_(of.state.in_(UNPAID), of.disputed_on.is_(None), of.gross > 0, of.due_by < day)


class Invoice(Tenanted, Model):
    """An invoice of one organisation for one period; its amounts are the sums of its lines, in pounds.

    The database gives it its number when it leaves the drafts, so that looking takes none. `live` follows from the
    state: a rejected or withdrawn invoice is not live, and frees its weeks; `closed_at` is when that was. While it has
    a `disputed_on` it is not paid. `received_on` is the day in London on which it was sent, from which its `due_by`
    counts; `waits_because` are the checks it failed then, one a line; `reminded_on` is when officers were told that it
    is unpaid.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("id", "live"),
        Index(
            "uq_invoice_draft", "organisation_id", "period_id", unique=True, postgresql_where=text("state = 'draft'")
        ),
        CheckConstraint("gross = net + vat", name="gross"),
        CheckConstraint("(state = 'draft') = (number IS NULL)", name="numbered_when_sent"),
        CheckConstraint("state = 'draft' OR num_nonnulls(submitted_at, received_on) = 2", name="submitted_when"),
        CheckConstraint("state <> 'rejected' OR rejected_reason <> ''", name="rejected_why"),
        CheckConstraint(
            "state <> 'withdrawn' OR withdrawn_reason <> '' AND closed_at IS NOT NULL", name="withdrawn_why"
        ),
        CheckConstraint("(disputed_on IS NULL) = (dispute_reason = '')", name="disputed_why"),
    )
    id: Mapped[Key]
    number: Mapped[str | None] = mapped_column(
        Text, unique=True, server_default=FetchedValue(), server_onupdate=FetchedValue()
    )
    period_id: Mapped[int] = mapped_column(ForeignKey("payment_period.id"), index=True)
    own_reference: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[InvoiceState] = mapped_column(words(InvoiceState), default=InvoiceState.DRAFT)
    live: Mapped[bool] = mapped_column(Computed("state NOT IN ('rejected', 'withdrawn')", persisted=True))
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
    created_at: Mapped[Recorded]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    submitted_at: Mapped[Instant | None]
    submitted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    received_on: Mapped[Day | None] = mapped_column(server_default=FetchedValue(), server_onupdate=FetchedValue())
    waits_because: Mapped[Words] = mapped_column(default="", server_default="")
    accepted_at: Mapped[Instant | None]
    due_by: Mapped[Day | None]
    rejected_reason: Mapped[Words] = mapped_column(default="", server_default="")
    withdrawn_reason: Mapped[Words] = mapped_column(default="", server_default="")
    closed_at: Mapped[Instant | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    disputed_on: Mapped[Day | None]
    dispute_reason: Mapped[Words] = mapped_column(default="", server_default="")
    reminded_on: Mapped[Day | None]
    organisation: Mapped[Organisation] = relationship()
    period: Mapped[PaymentPeriod] = relationship()
    created_by: Mapped[PortalUser | None] = relationship(foreign_keys=[created_by_id])
    submitted_by: Mapped[PortalUser | None] = relationship(foreign_keys=[submitted_by_id])
    closed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[closed_by_id])
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice",
        primaryjoin="Invoice.id == foreign(InvoiceLine.invoice_id)",
        order_by="InvoiceLine.number",
    )

    @hybrid_property
    def to_check(self) -> bool:
        """Whether the Payments Team has to accept, reject or dispute it."""
        return self.state is InvoiceState.SUBMITTED and self.disputed_on is None

    @to_check.inplace.expression
    @classmethod
    def _to_check(cls) -> ColumnElement[bool]:
        return and_(cls.state == InvoiceState.SUBMITTED, cls.disputed_on.is_(None))

    @hybrid_property
    def in_dispute(self) -> bool:
        """Whether it is unpaid and the council disputes it."""
        return self.state in UNPAID and self.disputed_on is not None

    @in_dispute.inplace.expression
    @classmethod
    def _in_dispute(cls) -> ColumnElement[bool]:
        return and_(cls.state.in_(UNPAID), cls.disputed_on.is_not(None))

    def _late_on(self, day: date) -> bool:
        """Whether money of it is owed on a day after the one it was due by, and nobody disputes it."""
        unpaid = self.state in UNPAID and self.disputed_on is None and self.gross > 0
        return unpaid and self.due_by is not None and self.due_by < day

    late_on = hybrid_method(_late_on, late_sql)

    def called(self, pay_date: date | None, today: date) -> str:
        """Return what it is called to its provider, where its run pays on a day: its state, or "On its way"."""
        pays = self.state is InvoiceState.PAID and self.gross > 0
        return paid_called(self.state, pay_date if pays else None, today)

    def __str__(self) -> str:
        return self.number or "Draft invoice"


# Two invoices with one reference of the provider's are one too many, whatever its case and blanks.
Index(
    "uq_invoice_own_reference",
    Invoice.organisation_id,
    func.same_key(Invoice.own_reference),
    unique=True,
    postgresql_where=text("live AND own_reference <> ''"),
)


class InvoiceLine(TenantedByParent, Model):
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
    invoice_id: Mapped[int]
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
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(InvoiceLine.organisation_id)"
    )
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
