"""What an organisation owes, taken off its next payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Money, Tenanted

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.payment_run import PaymentRun


class Recovery(Tenanted, Model):
    """What an organisation owes because its total in a run was below nothing; taken off its next payment. Pounds."""

    __tablename__ = "recovery"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("from_run_id", "organisation_id"),
        CheckConstraint("amount > 0", name="more_than_nothing"),
    )
    id: Mapped[Key]
    from_run_id: Mapped[int] = mapped_column(ForeignKey("payment_run.id"), index=True)
    amount: Mapped[Money]
    organisation: Mapped[Organisation] = relationship()
    from_run: Mapped[PaymentRun] = relationship()

    def __str__(self) -> str:
        return f"Recovery of £{self.amount}"
