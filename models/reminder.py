"""Reminders that were sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Recorded, Tenanted, Words, words
from rules.mail_states import ReminderKind

if TYPE_CHECKING:
    from models.organisation import Organisation


class Reminder(Tenanted, Model):
    """An organisation was reminded of one thing, once: `about` says of which, a period's first day or a record's id."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "about"),)
    id: Mapped[Key]
    kind: Mapped[ReminderKind] = mapped_column(words(ReminderKind))
    about: Mapped[Words]
    sent_at: Mapped[Recorded]
    organisation: Mapped[Organisation] = relationship()

    def __str__(self) -> str:
        return f"{self.kind.value}, {self.about}"
