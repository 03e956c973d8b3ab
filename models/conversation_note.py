"""What officers note about a conversation among themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Recorded, Words

if TYPE_CHECKING:
    from models.conversation import Conversation
    from models.user import PortalUser


class ConversationNote(Model):
    """An internal note: no login of providers may look at this table. Never changed once written."""

    __tablename__ = "conversation_note"
    __table_args__ = (CheckConstraint("body <> ''", name="says_something"),)
    id: Mapped[Key]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    body: Mapped[Words]
    written_at: Mapped[Recorded]
    conversation: Mapped[Conversation] = relationship()
    author: Mapped[PortalUser] = relationship()

    def __str__(self) -> str:
        return self.body[:60]
