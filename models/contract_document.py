"""Contract documents: Individual Service Orders (ISOs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, UniqueConstraint, and_, or_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Tenanted, Words, words
from models.proposal import Proposal
from rules.agreement_states import DocumentState

if TYPE_CHECKING:
    from models.document_version import DocumentVersion
    from models.line_item import LineItem
    from models.organisation import Organisation, Service
    from models.person import Person
    from models.user import PortalUser

IN_FORCE = (DocumentState.PUBLISHED, DocumentState.ACCEPTED)
TAKES_ACTUALS = (*IN_FORCE, DocumentState.ENDED)


class ContractDocument(Tenanted, Model):
    """An Individual Service Order (ISO): the contract for one person's care with one organisation.

    `version` is the number of the version published last, 0 before the first; `state` is where that one stands. Each is
    kept as it was shown, as a DocumentVersion. `accepted_at` and `accepted_by` are of the version accepted last.
    """

    __tablename__ = "contract_document"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("reference"),
        CheckConstraint("state <> 'replaced'", name="versions_are_replaced"),
        CheckConstraint("(state = 'accepted') <= (accepted_at IS NOT NULL)", name="accepted_when"),
        CheckConstraint("state <> 'rejected' OR rejected_reason <> ''", name="rejected_why"),
        CheckConstraint("state = 'draft' OR version > 0", name="published_has_a_version"),
        CheckConstraint("state <> 'withdrawn' OR withdrawn_reason <> ''", name="withdrawn_why"),
        ForeignKeyConstraint(["organisation_id", "service_id"], ["service.organisation_id", "service.id"]),
    )
    id: Mapped[Key]
    service_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    reference: Mapped[Words]
    version: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[DocumentState] = mapped_column(words(DocumentState), default=DocumentState.DRAFT)
    terms: Mapped[Words] = mapped_column(default="", server_default="")
    published_at: Mapped[Instant | None]
    accepted_at: Mapped[Instant | None]
    accepted_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    rejected_at: Mapped[Instant | None]
    rejected_reason: Mapped[Words] = mapped_column(default="", server_default="")
    withdrawn_at: Mapped[Instant | None]
    withdrawn_reason: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship()
    service: Mapped[Service] = relationship(primaryjoin="Service.id == foreign(ContractDocument.service_id)")
    person: Mapped[Person] = relationship()
    accepted_by: Mapped[PortalUser | None] = relationship(foreign_keys=[accepted_by_id])
    line_items: Mapped[list[LineItem]] = relationship(
        back_populates="document",
        primaryjoin="ContractDocument.id == foreign(LineItem.document_id)",
        order_by="LineItem.reference",
    )
    versions: Mapped[list[DocumentVersion]] = relationship(
        back_populates="document",
        primaryjoin="ContractDocument.id == foreign(DocumentVersion.document_id)",
        order_by="DocumentVersion.number.desc()",
    )

    @classmethod
    def to_send(cls) -> ColumnElement[bool]:
        """Return the SQL condition that it is a draft that nobody has sent to another officer to be published."""
        return and_(cls.state == DocumentState.DRAFT, cls.id.not_in(Proposal.documents_to_publish()))

    @hybrid_property
    def in_force(self) -> bool:
        """Whether its last version was published or accepted (rules.md 11)."""
        return self.state in IN_FORCE

    @in_force.inplace.expression
    @classmethod
    def _in_force(cls) -> ColumnElement[bool]:
        return cls.state.in_(IN_FORCE)

    @hybrid_property
    def takes_actuals(self) -> bool:
        """Whether care is entered and claimed on its lines: in force, or ended with weeks that nobody entered yet.

        Or its last version was rejected, but one before it was accepted: the care goes on while the two sides talk.
        """
        return self.state in TAKES_ACTUALS or self._goes_on

    @takes_actuals.inplace.expression
    @classmethod
    def _takes_actuals(cls) -> ColumnElement[bool]:
        goes_on = and_(cls.state == DocumentState.REJECTED, cls.accepted_at.is_not(None))
        return or_(cls.state.in_(TAKES_ACTUALS), goes_on)

    @property
    def _goes_on(self) -> bool:
        return self.state is DocumentState.REJECTED and self.accepted_at is not None

    def __str__(self) -> str:
        return self.reference
