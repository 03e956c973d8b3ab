"""Payment runs and what is paid in them."""

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
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Money, Recorded, Tenanted, words
from rules.states import RunState

if TYPE_CHECKING:
    from models.absence_claim import AbsenceClaim
    from models.bank_return import BankReturn
    from models.invoice import Invoice
    from models.one_off_payment import OneOffPayment
    from models.organisation import Organisation
    from models.recovery import Recovery
    from models.scheduled_payment import ScheduledPayment
    from models.user import PortalUser

Sequence("payment_run_number", metadata=Model.metadata)

WAITS = (RunState.DRAFT, RunState.APPROVED)


class PaymentRun(Model):
    """Everything paid on one day: prepared by one officer, approved by another, released, settled.

    The database refuses an approval or a release by somebody who manages users, an approval of more than the officer's
    limit or with a finding nobody has looked at; what was released stays so.
    """

    __tablename__ = "payment_run"
    __table_args__ = (
        CheckConstraint("approved_by_id <> prepared_by_id", name="two_officers"),
        CheckConstraint("state = 'draft' OR approved_by_id IS NOT NULL", name="approved_by_whom"),
        CheckConstraint("state IN ('draft', 'approved') OR released_at IS NOT NULL", name="released_when"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_when"),
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
    settled_at: Mapped[Instant | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    prepared_by: Mapped[PortalUser] = relationship(foreign_keys=[prepared_by_id])
    approved_by: Mapped[PortalUser | None] = relationship(foreign_keys=[approved_by_id])
    released_by: Mapped[PortalUser | None] = relationship(foreign_keys=[released_by_id])
    settled_by: Mapped[PortalUser | None] = relationship(foreign_keys=[settled_by_id])
    sources: Mapped[list[PaymentSource]] = relationship(back_populates="run")

    @hybrid_property
    def waits(self) -> bool:
        """Whether an officer has yet to approve or to release it (rules.md 10)."""
        return self.state in WAITS

    @waits.inplace.expression
    @classmethod
    def _waits(cls) -> ColumnElement[bool]:
        return cls.state.in_(WAITS)

    @classmethod
    def to_settle(cls, day: date) -> ColumnElement[bool]:
        """Return the SQL condition that a released run's pay date has come, so that somebody settles it."""
        return and_(cls.state == RunState.RELEASED, cls.pay_date <= day)

    def __str__(self) -> str:
        return f"Payment run {self.number}"


class PaymentSource(Tenanted, Model):
    """One invoice, scheduled payment, claim, one-off payment or recovery in a payment run; each in one run at most.

    One that came back from the bank (`bank_return_id`) can be in another run. Of a recovery each run takes once, and
    many may take some of it. Amounts in pounds; a recovery's are negative.
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
        ForeignKeyConstraint(
            ["organisation_id", "run_id", "bank_return_id"],
            ["bank_return.organisation_id", "bank_return.run_id", "bank_return.id"],
        ),
        CheckConstraint("recovery_id IS NULL OR gross < 0", name="taking"),
        UniqueConstraint("run_id", "recovery_id"),
        *(
            Index(f"uq_payment_source_{name}", name, unique=True, postgresql_where=text("bank_return_id IS NULL"))
            for name in ("invoice_id", "scheduled_payment_id", "absence_claim_id", "one_off_payment_id")
        ),
    )
    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"), index=True)
    invoice_id: Mapped[int | None]
    scheduled_payment_id: Mapped[int | None]
    absence_claim_id: Mapped[int | None]
    one_off_payment_id: Mapped[int | None]
    recovery_id: Mapped[int | None] = mapped_column(index=True)
    bank_return_id: Mapped[int | None]
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
    bank_return: Mapped[BankReturn | None] = relationship(
        primaryjoin="BankReturn.id == foreign(PaymentSource.bank_return_id)"
    )

    def __str__(self) -> str:
        return str(
            self.invoice or self.scheduled_payment or self.absence_claim or self.one_off_payment or self.recovery
        )
