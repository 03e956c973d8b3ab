"""Files that came with a message, in a table of their own, so that no list loads one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Recorded, TenantedByParent, Words

if TYPE_CHECKING:
    from models.conversation import Message
    from models.organisation import Organisation


class Attachment(TenantedByParent, Model):
    """One file of one message; never changed once sent.

    `kind` is what its content says it is, `filename` a name made safe that ends with it, `size` in bytes.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("kind IN ('pdf', 'png', 'jpg', 'docx', 'xlsx', 'csv', 'txt', 'eml')", name="kind"),
        CheckConstraint("size = length(content) AND size > 0", name="size"),
        CheckConstraint("filename !~ '[/\\\\]' AND filename LIKE '%.' || kind", name="filename"),
        ForeignKeyConstraint(["organisation_id", "message_id"], ["message.organisation_id", "message.id"]),
        Index("ix_attachment_sent", "organisation_id", "attached_at"),
    )
    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(index=True)
    from_council: Mapped[bool]
    filename: Mapped[Words]
    kind: Mapped[Words]
    size: Mapped[int]
    sha256: Mapped[Words]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    attached_at: Mapped[Recorded]
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(Attachment.organisation_id)"
    )
    message: Mapped[Message] = relationship(
        back_populates="attachments", primaryjoin="Message.id == foreign(Attachment.message_id)"
    )

    def __str__(self) -> str:
        return self.filename
