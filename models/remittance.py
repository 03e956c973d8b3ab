"""Remittance advice: what one organisation was paid in a run, line by line."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, FineQuantity, Key, Money, Price, Tenanted, Words, words
from rules.states import LineKind, Unit

if TYPE_CHECKING:
    from models.absence_claim import AbsenceClaimLine
    from models.bank_return import BankReturn
    from models.change_request import ChangeRequest
    from models.invoice import InvoiceLine
    from models.organisation import Organisation
    from models.payment_run import PaymentRun

Sequence("remittance_number", metadata=Model.metadata)


class Remittance(Tenanted, Model):
    """What one organisation was paid in a run. `total` is what reaches the bank; `carried_forward` what it now owes.

    `account` is the confirmed request in which the account stands that it was paid into, as it was at release.
    """

    __tablename__ = "remittance"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("run_id", "organisation_id"),
        CheckConstraint("total >= 0 AND carried_forward >= 0", name="not_negative"),
        CheckConstraint("total - carried_forward = net + vat", name="total"),
        ForeignKeyConstraint(
            ["organisation_id", "account_id"], ["change_request.organisation_id", "change_request.id"]
        ),
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
    account_id: Mapped[int | None]
    organisation: Mapped[Organisation] = relationship()
    account: Mapped[ChangeRequest | None] = relationship(
        primaryjoin="ChangeRequest.id == foreign(Remittance.account_id)"
    )
    run: Mapped[PaymentRun] = relationship()
    bank_return: Mapped[BankReturn | None] = relationship(
        primaryjoin="and_(Remittance.run_id == foreign(BankReturn.run_id),"
        " Remittance.organisation_id == foreign(BankReturn.organisation_id))",
        viewonly=True,
        uselist=False,
    )
    lines: Mapped[list[RemittanceLine]] = relationship(
        back_populates="remittance",
        primaryjoin="Remittance.id == foreign(RemittanceLine.remittance_id)",
        order_by="RemittanceLine.number",
    )

    def __str__(self) -> str:
        return self.number


class RemittanceLine(Tenanted, Model):
    """One line of a remittance: where its pounds come from. Written once, at release.

    `units` are kept to six places, so that units × rate is the amount.
    """

    __tablename__ = "remittance_line"
    __table_args__ = (
        UniqueConstraint("remittance_id", "number"),
        # Of a payment that the bank sent back, the next one holds the same lines.
        UniqueConstraint("invoice_line_id", "remittance_id"),
        UniqueConstraint("absence_claim_line_id", "remittance_id"),
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
    remittance_id: Mapped[int]
    number: Mapped[int]
    source: Mapped[Words]
    kind: Mapped[LineKind] = mapped_column(words(LineKind))
    invoice_line_id: Mapped[int | None]
    absence_claim_line_id: Mapped[int | None]
    line_reference: Mapped[Words] = mapped_column(default="", server_default="")
    person_reference: Mapped[Words] = mapped_column(default="", server_default="")
    week_starting: Mapped[Day | None]
    units: Mapped[FineQuantity | None]
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
