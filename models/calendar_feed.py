"""The secret address by which an organisation's dates are subscribed to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Tenanted, Words

if TYPE_CHECKING:
    from models.organisation import Organisation


class CalendarFeed(Tenanted, Model):
    """An organisation's calendar address, of which only the hash is kept; a new one makes the old one open nothing.

    `reads` counts how often it was asked for since `reads_since`.
    """

    __tablename__ = "calendar_feed"
    __table_args__ = (UniqueConstraint("organisation_id"), CheckConstraint("reads >= 0", name="reads"))
    id: Mapped[Key]
    token_hash: Mapped[Words] = mapped_column(unique=True)
    made_at: Mapped[Recorded]
    reads: Mapped[int] = mapped_column(default=0, server_default="0")
    reads_since: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()

    def __str__(self) -> str:
        return f"Calendar of {self.organisation}"
