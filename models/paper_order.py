"""Paper ISOs: agreements issued on paper while a system was down."""

from __future__ import annotations

from decimal import Decimal

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import ByDay, Day, Instant, Key, Price, Quantity, Tenanted, Words, words
from models.contract_document import ContractDocument
from models.organisation import Organisation
from rules.states import PaperState, PlanKind, Unit


class PaperOrder(ByDay, Tenanted, Model):
    """One paper ISO as it was written, and the contract document it became; empty where the paper says nothing."""

    __tablename__ = "paper_order"
    __table_args__ = (
        CheckConstraint("(state IN ('replaced', 'migrated')) = (document_id IS NOT NULL)", name="became_what"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
    )
    id: Mapped[Key]
    reference: Mapped[Words] = mapped_column(unique=True)
    service_name: Mapped[Words] = mapped_column(default="", server_default="")
    person_reference: Mapped[Words]
    person_name: Mapped[Words] = mapped_column(default="", server_default="")
    element_name: Mapped[Words]
    unit: Mapped[Unit] = mapped_column(words(Unit))
    plan_kind: Mapped[PlanKind | None] = mapped_column(words(PlanKind))
    weekly_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    rate: Mapped[Price | None]
    start: Mapped[Day]
    end: Mapped[Day | None]
    issued_on: Mapped[Day]
    state: Mapped[PaperState] = mapped_column(words(PaperState), default=PaperState.WAITING)
    review_reasons: Mapped[Words] = mapped_column(default="", server_default="")
    document_id: Mapped[int | None] = mapped_column(index=True)
    settled_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    document: Mapped[ContractDocument | None] = relationship(
        primaryjoin="ContractDocument.id == foreign(PaperOrder.document_id)"
    )

    def __str__(self) -> str:
        return self.reference
