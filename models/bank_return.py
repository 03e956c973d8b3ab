"""Payments that the bank sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Money, Recorded, Tenanted, Words
from rules.bank_return import reason_of

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.payment_run import PaymentRun
    from models.user import PortalUser


class BankReturn(Tenanted, Model):
    """What a run paid an organisation and the bank sent back, in pounds, once; kept for good.

    The sources it un-paid name it (`PaymentSource.bank_return_id`); each of them can be paid in another run.
    """

    __tablename__ = "bank_return"
    __table_args__ = (
        UniqueConstraint("run_id", "organisation_id"),
        UniqueConstraint("organisation_id", "run_id", "id"),
        CheckConstraint("amount > 0", name="more_than_nothing"),
        CheckConstraint("code ~ '^[0-9A-Z]$'", name="code"),
        ForeignKeyConstraint(["run_id", "organisation_id"], ["remittance.run_id", "remittance.organisation_id"]),
    )
    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"))
    amount: Mapped[Money]
    code: Mapped[Words]
    returned_on: Mapped[Day]
    recorded_at: Mapped[Recorded]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship()
    run: Mapped[PaymentRun] = relationship()
    recorded_by: Mapped[PortalUser] = relationship()

    @property
    def reason(self) -> str:
        """Why it came back, in words."""
        return reason_of(self.code)

    def __str__(self) -> str:
        return f"Returned by the bank from {self.run}"
