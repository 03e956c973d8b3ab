"""Versions of contract documents: exactly what a provider was shown, and what they answered (rules.md 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, TenantedByParent, Words, words
from rules.agreement_states import DocumentState

if TYPE_CHECKING:
    from models.contract_document import ContractDocument
    from models.organisation import Organisation
    from models.proposal import Proposal
    from models.user import PortalUser


class DocumentVersion(TenantedByParent, Model):
    """One version of a contract document as it was published: its content (rules/document_content.py) and its digest.

    Written once: the database changes nothing of it but its answer, and that once. Accepting signs the digest.
    """

    __tablename__ = "document_version"
    __table_args__ = (
        UniqueConstraint("document_id", "number"),
        Index(
            "uq_document_version_one_answerable",
            "document_id",
            unique=True,
            postgresql_where=text("state IN ('published', 'accepted')"),
        ),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("state <> 'draft'", name="published"),
        CheckConstraint("digest = encode(sha256(convert_to(content, 'UTF8')), 'hex')", name="digest_of_content"),
        CheckConstraint("signed_digest IS NULL OR signed_digest = digest", name="signed_what_was_shown"),
        CheckConstraint("state <> 'accepted' OR signed_digest IS NOT NULL", name="accepted_is_signed"),
        CheckConstraint("state <> 'rejected' OR rejected_reason <> ''", name="rejected_why"),
        ForeignKeyConstraint(
            ["organisation_id", "document_id"], ["contract_document.organisation_id", "contract_document.id"]
        ),
    )
    id: Mapped[Key]
    document_id: Mapped[int]
    number: Mapped[int]
    state: Mapped[DocumentState] = mapped_column(words(DocumentState), default=DocumentState.PUBLISHED)
    content: Mapped[Words]
    digest: Mapped[Words]
    published_at: Mapped[Instant]
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    answered_at: Mapped[Instant | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    signed_digest: Mapped[Words | None]
    rejected_reason: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(DocumentVersion.organisation_id)"
    )
    document: Mapped[ContractDocument] = relationship(
        back_populates="versions", primaryjoin="ContractDocument.id == foreign(DocumentVersion.document_id)"
    )
    answered_by: Mapped[PortalUser | None] = relationship(foreign_keys=[answered_by_id])
    proposal: Mapped[Proposal | None] = relationship()

    def __str__(self) -> str:
        return f"{self.document}, version {self.number}"
