"""What an organisation owes, taken off its next payments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Money, Tenanted, Words

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.payment_run import PaymentRun
    from models.proposal import Proposal


def _all_of_it(context: DefaultExecutionContext) -> Decimal:
    amount: Decimal = context.get_current_parameters()["amount"]  # type: ignore[no-untyped-call]
    return amount


class Recovery(Tenanted, Model):
    """What an organisation owes: its total in a run was below nothing, or two officers decided so. Pounds.

    `balance` is what no run has taken yet; the database keeps it, with every source of a run that takes some of it, and
    never lets it fall below nothing. `instalment` is the most that one run takes, agreed by two officers; without one a
    run takes all. While it is paused no run takes any.
    """

    __tablename__ = "recovery"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("from_run_id", "organisation_id"),
        CheckConstraint("amount > 0", name="more_than_nothing"),
        CheckConstraint("balance >= 0 AND balance <= amount", name="balance"),
        CheckConstraint("num_nonnulls(from_run_id, proposal_id) = 1", name="where_from"),
        CheckConstraint("proposal_id IS NULL OR reason <> ''", name="reason"),
        CheckConstraint("instalment > 0", name="instalment"),
        CheckConstraint("(paused_on IS NULL) = (paused_reason = '')", name="paused_why"),
    )
    id: Mapped[Key]
    from_run_id: Mapped[int | None] = mapped_column(ForeignKey("payment_run.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    amount: Mapped[Money]
    balance: Mapped[Money] = mapped_column(default=_all_of_it)
    instalment: Mapped[Money | None]
    paused_on: Mapped[Day | None]
    paused_reason: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    from_run: Mapped[PaymentRun | None] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    def __str__(self) -> str:
        return f"Recovery of £{self.amount}"
