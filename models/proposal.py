"""Proposals: what decides money is proposed by one officer and confirmed by another (rules.md 14)."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    SmallInteger,
    and_,
    cast,
    exists,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from rules.agreement_states import ProposalKind, ProposalState

if TYPE_CHECKING:
    from models.contract_document import ContractDocument
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.user import PortalUser


class Proposal(Model):
    """What an officer proposed about money: `payload` is what it would do, in the words of its kind's workflow.

    `unusual` lists what has to be looked at, each with a code and a sentence; `ticked` the codes that were looked at.
    The database refuses a confirmation by who proposed it (unless `officers` is 1, which it takes only where the policy
    says so), one with something unusual unticked, and any change of what was proposed. `decided_in` is the transaction
    that confirmed it: only in that one do plans, rates and dates of a live line change, and only of the line or the
    document it is about. `seen_at` says when who made it saw that it was sent back.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_waiting", "proposed_at", postgresql_where=text("state = 'proposed'")),
        Index("ix_proposal_decided_in", "decided_in", postgresql_where=text("decided_in IS NOT NULL")),
        CheckConstraint("officers IN (1, 2)", name="officers"),
        CheckConstraint("state <> 'confirmed' OR officers = 1 OR decided_by_id <> proposed_by_id", name="two_officers"),
        CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL) AND (state = 'proposed') = (decided_by_id IS NULL)",
            name="decided_by_whom",
        ),
        CheckConstraint("state <> 'sent back' OR reason <> ''", name="sent_back_why"),
    )
    id: Mapped[Key]
    kind: Mapped[ProposalKind] = mapped_column(words(ProposalKind))
    state: Mapped[ProposalState] = mapped_column(words(ProposalState), default=ProposalState.PROPOSED)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("contract_document.id"), index=True)
    line_item_id: Mapped[int | None] = mapped_column(ForeignKey("line_item.id"), index=True)
    title: Mapped[Words]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    unusual: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    ticked: Mapped[list[str]] = mapped_column(JSONB, default=list, server_default="[]")
    officers: Mapped[int] = mapped_column(SmallInteger, default=2, server_default="2")
    note: Mapped[Words] = mapped_column(default="", server_default="")
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    proposed_at: Mapped[Recorded]
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_in: Mapped[int | None] = mapped_column(BigInteger)
    seen_at: Mapped[Instant | None]
    organisation: Mapped[Organisation | None] = relationship()
    document: Mapped[ContractDocument | None] = relationship()
    line_item: Mapped[LineItem | None] = relationship()
    proposed_by: Mapped[PortalUser] = relationship(foreign_keys=[proposed_by_id])
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])

    @classmethod
    def waits_for(cls, officer_id: int | ColumnElement[int], kinds: Collection[ProposalKind]) -> ColumnElement[bool]:
        """Return the SQL condition that an officer who decides these kinds can confirm it (rules.md 14).

        Not their own where it takes two. The desk and every count of what waits there ask this.
        """
        return and_(
            cls.state == ProposalState.PROPOSED,
            cls.kind.in_(kinds),
            or_(cls.proposed_by_id != officer_id, cls.officers == 1),
        )

    @classmethod
    def documents_to_publish(cls) -> Select[int]:
        """Return the query of the ids of the drafts that wait for another officer to publish them."""
        each = cast(func.jsonb_array_elements_text(cls.payload["documents"]), Integer)
        return select(each).where(cls.kind == ProposalKind.PUBLISH, cls.state == ProposalState.PROPOSED)

    @classmethod
    def waits_for_another(cls, officer_id: int) -> ColumnElement[bool]:
        """Return the SQL condition that an officer proposed it, and another has not decided it yet."""
        return and_(cls.state == ProposalState.PROPOSED, cls.proposed_by_id == officer_id, cls.officers > 1)

    @classmethod
    def sent_back_to(cls, officer_id: int) -> ColumnElement[bool]:
        """Return the SQL condition that it came back to an officer, who has not looked at it or proposed it anew."""
        later = aliased(cls)
        about = ("organisation_id", "document_id", "line_item_id", "kind", "proposed_by_id")
        same = (getattr(later, name).is_not_distinct_from(getattr(cls, name)) for name in about)
        anew = exists().where(later.id > cls.id, *same).correlate_except(later)
        sent_back = cls.state == ProposalState.SENT_BACK
        return and_(sent_back, cls.proposed_by_id == officer_id, cls.seen_at.is_(None), ~anew)

    def __str__(self) -> str:
        return self.title
