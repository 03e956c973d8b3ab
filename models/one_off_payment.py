"""What the council pays once, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Money, Tenanted, Words, words
from rules.states import OneOffState, VatCode

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.payment_period import PaymentPeriod
    from models.proposal import Proposal

Sequence("one_off_payment_number", metadata=Model.metadata)


class OneOffPayment(Tenanted, Model):
    """A payment the council makes once, with a reason; pounds, net of VAT.

    The database takes it only in the transaction in which the proposal to make it is confirmed.
    """

    __tablename__ = "one_off_payment"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("net > 0", name="more_than_nothing"),
        CheckConstraint("reason <> ''", name="reason"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    number: Mapped[Words] = mapped_column(
        unique=True, server_default=text("'OP-' || lpad(nextval('one_off_payment_number')::text, 6, '0')")
    )
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    period_id: Mapped[int | None] = mapped_column(ForeignKey("payment_period.id"), index=True)
    net: Mapped[Money]
    vat_code: Mapped[VatCode] = mapped_column(words(VatCode), default=VatCode.EXEMPT)
    reason: Mapped[Words]
    state: Mapped[OneOffState] = mapped_column(words(OneOffState), default=OneOffState.WAITING)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation: Mapped[Organisation] = relationship()
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(OneOffPayment.line_item_id)")
    period: Mapped[PaymentPeriod | None] = relationship()
    proposal: Mapped[Proposal | None] = relationship()

    def __str__(self) -> str:
        return self.number
