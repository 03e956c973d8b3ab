"""Payment runs, what each pays, and the remittance advice that tells an organisation about it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.absence_claim import AbsenceClaim, AbsenceClaimLine
from models.base import Day, Instant, Key, Money, Price, Quantity, Recorded, Tenanted, Words, words
from models.invoice import Invoice, InvoiceLine
from models.organisation import Organisation
from models.scheduled_payment import OneOffPayment, Recovery, ScheduledPayment
from rules.states import LineKind, RunState, Unit

if TYPE_CHECKING:
    from models.user import PortalUser

for name in ("payment_run_number", "remittance_number"):
    Sequence(name, metadata=Model.metadata)


class PaymentRun(Model):
    """Everything paid on one day: prepared by one officer, approved by another, released, settled."""

    __tablename__ = "payment_run"
    __table_args__ = (
        CheckConstraint("approved_by_id <> prepared_by_id", name="two_officers"),
        CheckConstraint("state = 'draft' OR approved_by_id IS NOT NULL", name="approved_by_whom"),
        CheckConstraint("state IN ('draft', 'approved') OR released_at IS NOT NULL", name="released_when"),
    )
    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True, server_default=text("nextval('payment_run_number')"))
    pay_date: Mapped[Day]
    state: Mapped[RunState] = mapped_column(words(RunState), default=RunState.DRAFT)
    payment_count: Mapped[int] = mapped_column(default=0)
    total: Mapped[Money] = mapped_column(default=Decimal(0))
    prepared_at: Mapped[Recorded]
    prepared_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    approved_at: Mapped[Instant | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    released_at: Mapped[Instant | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    prepared_by: Mapped[PortalUser] = relationship(foreign_keys=[prepared_by_id])
    approved_by: Mapped[PortalUser | None] = relationship(foreign_keys=[approved_by_id])
    released_by: Mapped[PortalUser | None] = relationship(foreign_keys=[released_by_id])
    sources: Mapped[list[PaymentSource]] = relationship(back_populates="run")

    def __str__(self) -> str:
        return f"Payment run {self.number}"


class PaymentSource(Tenanted, Model):
    """One invoice, scheduled payment, claim, one-off payment or recovery in a payment run; each in one run at most.

    Amounts in pounds; a recovery's are negative.
    """

    __tablename__ = "payment_source"
    __table_args__ = (
        CheckConstraint(
            "num_nonnulls(invoice_id, scheduled_payment_id, absence_claim_id, one_off_payment_id, recovery_id) = 1",
            name="one_source",
        ),
        CheckConstraint("gross = net + vat", name="gross"),
        ForeignKeyConstraint(["organisation_id", "invoice_id"], ["invoice.organisation_id", "invoice.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "scheduled_payment_id"], ["scheduled_payment.organisation_id", "scheduled_payment.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "absence_claim_id"], ["absence_claim.organisation_id", "absence_claim.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "one_off_payment_id"], ["one_off_payment.organisation_id", "one_off_payment.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "recovery_id"], ["recovery.organisation_id", "recovery.id"]),
    )
    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(unique=True)
    scheduled_payment_id: Mapped[int | None] = mapped_column(unique=True)
    absence_claim_id: Mapped[int | None] = mapped_column(unique=True)
    one_off_payment_id: Mapped[int | None] = mapped_column(unique=True)
    recovery_id: Mapped[int | None] = mapped_column(unique=True)
    net: Mapped[Money]
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    organisation: Mapped[Organisation] = relationship()
    run: Mapped[PaymentRun] = relationship(back_populates="sources")
    invoice: Mapped[Invoice | None] = relationship(primaryjoin="Invoice.id == foreign(PaymentSource.invoice_id)")
    scheduled_payment: Mapped[ScheduledPayment | None] = relationship(
        primaryjoin="ScheduledPayment.id == foreign(PaymentSource.scheduled_payment_id)"
    )
    absence_claim: Mapped[AbsenceClaim | None] = relationship(
        primaryjoin="AbsenceClaim.id == foreign(PaymentSource.absence_claim_id)"
    )
    one_off_payment: Mapped[OneOffPayment | None] = relationship(
        primaryjoin="OneOffPayment.id == foreign(PaymentSource.one_off_payment_id)"
    )
    recovery: Mapped[Recovery | None] = relationship(primaryjoin="Recovery.id == foreign(PaymentSource.recovery_id)")

    def __str__(self) -> str:
        return str(
            self.invoice or self.scheduled_payment or self.absence_claim or self.one_off_payment or self.recovery
        )


class Remittance(Tenanted, Model):
    """What one organisation was paid in a run. `total` is what reaches the bank; `carried_forward` what it now owes."""

    __tablename__ = "remittance"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("run_id", "organisation_id"),
        CheckConstraint("total >= 0 AND carried_forward >= 0", name="not_negative"),
        CheckConstraint("total - carried_forward = net + vat", name="total"),
    )
    id: Mapped[Key]
    number: Mapped[Words] = mapped_column(
        unique=True, server_default=text("'R-' || lpad(nextval('remittance_number')::text, 6, '0')")
    )
    run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"), index=True)
    pay_date: Mapped[Day]
    bank_reference: Mapped[Words]
    net: Mapped[Money]
    vat: Mapped[Money]
    adjustments: Mapped[Money] = mapped_column(default=Decimal(0))
    recovered: Mapped[Money] = mapped_column(default=Decimal(0))
    total: Mapped[Money]
    carried_forward: Mapped[Money] = mapped_column(default=Decimal(0))
    organisation: Mapped[Organisation] = relationship()
    run: Mapped[PaymentRun] = relationship()
    lines: Mapped[list[RemittanceLine]] = relationship(
        back_populates="remittance",
        primaryjoin="Remittance.id == foreign(RemittanceLine.remittance_id)",
        order_by="RemittanceLine.number",
    )

    def __str__(self) -> str:
        return self.number


class RemittanceLine(Tenanted, Model):
    """One line of a remittance: where its pounds come from. Written once, at release."""

    __tablename__ = "remittance_line"
    __table_args__ = (
        UniqueConstraint("remittance_id", "number"),
        CheckConstraint("gross = net + vat", name="gross"),
        ForeignKeyConstraint(["organisation_id", "remittance_id"], ["remittance.organisation_id", "remittance.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "invoice_line_id"], ["invoice_line.organisation_id", "invoice_line.id"]
        ),
        ForeignKeyConstraint(
            ["organisation_id", "absence_claim_line_id"],
            ["absence_claim_line.organisation_id", "absence_claim_line.id"],
        ),
    )
    id: Mapped[Key]
    remittance_id: Mapped[int] = mapped_column(index=True)
    number: Mapped[int]
    source: Mapped[Words]
    kind: Mapped[LineKind] = mapped_column(words(LineKind))
    invoice_line_id: Mapped[int | None] = mapped_column(unique=True)
    absence_claim_line_id: Mapped[int | None] = mapped_column(unique=True)
    line_reference: Mapped[Words] = mapped_column(default="", server_default="")
    person_reference: Mapped[Words] = mapped_column(default="", server_default="")
    week_starting: Mapped[Day | None]
    units: Mapped[Quantity | None]
    unit: Mapped[Unit | None] = mapped_column(words(Unit))
    rate: Mapped[Price | None]
    net: Mapped[Money]
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money]
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    remittance: Mapped[Remittance] = relationship(
        back_populates="lines", primaryjoin="Remittance.id == foreign(RemittanceLine.remittance_id)"
    )
    invoice_line: Mapped[InvoiceLine | None] = relationship(
        primaryjoin="InvoiceLine.id == foreign(RemittanceLine.invoice_line_id)"
    )
    absence_claim_line: Mapped[AbsenceClaimLine | None] = relationship(
        primaryjoin="AbsenceClaimLine.id == foreign(RemittanceLine.absence_claim_line_id)"
    )

    def __str__(self) -> str:
        return f"{self.remittance} line {self.number}"
