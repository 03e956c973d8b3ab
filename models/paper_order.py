"""Paper ISOs: agreements issued on paper while a system was down."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, and_, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import ByDay, Day, Instant, Key, Price, Quantity, Recorded, Tenanted, Words, words
from models.contract_document import ContractDocument
from models.organisation import Organisation
from models.proposal import Proposal
from rules.agreement_states import PaperState, ProposalState
from rules.states import PlanKind, Unit

if TYPE_CHECKING:
    from models.conversation import Conversation
    from models.line_item import LineItem
    from models.paper_scan import PaperScan
    from models.user import PortalUser


class PaperOrder(ByDay, Tenanted, Model):
    """One paper ISO as it was written, and the contract document it became; empty where the paper says nothing.

    Whoever wrote it down last has registered it; another officer confirms it, and the database refuses the same one. A
    confirmed paper ISO that is changed has to be confirmed anew, one that became something stays as it is.
    """

    __tablename__ = "paper_order"
    __table_args__ = (
        CheckConstraint("(state IN ('replaced', 'migrated')) = (document_id IS NOT NULL)", name="became_what"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name="confirmed_by_whom"),
        CheckConstraint("confirmed_by_id IS NULL OR registered_by_id IS NOT NULL", name="registered_by_whom"),
        CheckConstraint("confirmed_by_id <> registered_by_id", name="two_officers"),
        CheckConstraint("state = 'waiting' OR confirmed_at IS NOT NULL", name="taken_when_confirmed"),
        CheckConstraint("state <> 'not an agreement' OR note <> ''", name="no_agreement_why"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ForeignKeyConstraint(
            ["organisation_id", "conversation_id"], ["conversation.organisation_id", "conversation.id"]
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
    registered_at: Mapped[Recorded]
    registered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[Instant | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    review_reasons: Mapped[Words] = mapped_column(default="", server_default="")
    note: Mapped[Words] = mapped_column(default="", server_default="")
    document_id: Mapped[int | None] = mapped_column(index=True)
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(index=True)
    settled_at: Mapped[Instant | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship()
    document: Mapped[ContractDocument | None] = relationship(
        primaryjoin="ContractDocument.id == foreign(PaperOrder.document_id)"
    )
    line_item: Mapped[LineItem | None] = relationship(primaryjoin="LineItem.id == foreign(PaperOrder.line_item_id)")
    conversation: Mapped[Conversation | None] = relationship(
        primaryjoin="Conversation.id == foreign(PaperOrder.conversation_id)"
    )
    proposal: Mapped[Proposal | None] = relationship()
    registered_by: Mapped[PortalUser | None] = relationship(foreign_keys=[registered_by_id])
    confirmed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[confirmed_by_id])
    settled_by: Mapped[PortalUser | None] = relationship(foreign_keys=[settled_by_id])
    scan: Mapped[PaperScan | None] = relationship(back_populates="paper_order", passive_deletes="all")

    @classmethod
    def to_confirm(cls) -> ColumnElement[bool]:
        """Return the SQL condition that a second officer has to confirm it."""
        return and_(cls.state == PaperState.WAITING, cls.confirmed_at.is_(None))

    @classmethod
    def to_confirm_by(cls, officer: ColumnElement[int] | int) -> ColumnElement[bool]:
        """Return the SQL condition that this officer may be the second: another is known to have registered it."""
        return and_(cls.to_confirm(), cls.registered_by_id.is_distinct_from(officer), cls.registered_by_id.is_not(None))

    @classmethod
    def to_migrate(cls) -> ColumnElement[bool]:
        """Return the SQL condition that the next run takes it."""
        return and_(cls.state == PaperState.WAITING, cls.confirmed_at.is_not(None))

    @classmethod
    def to_review(cls) -> ColumnElement[bool]:
        """Return the SQL condition that somebody has to say what it is: no answer of theirs waits to be confirmed."""
        answered = cls.proposal.has(Proposal.state == ProposalState.PROPOSED)
        return and_(cls.state == PaperState.REVIEW, or_(cls.proposal_id.is_(None), ~answered))

    def __str__(self) -> str:
        return self.reference
