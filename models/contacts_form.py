"""The contacts form: a personal link by which an organisation names its contacts before its go-live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Recorded, Tenanted, Words

if TYPE_CHECKING:
    from models.email import Email
    from models.organisation import Organisation
    from models.user import PortalUser


class ContactsForm(Tenanted, Model):
    """One link sent to an organisation: its token as a hash, until when it works, and what became of it.

    A reminder is a link of its own. One is sent a day: who is asked twice on one is not asked again.
    """

    __tablename__ = "contacts_form"
    __table_args__ = (UniqueConstraint("organisation_id", "id"), UniqueConstraint("organisation_id", "sent_on"))
    id: Mapped[Key]
    token_hash: Mapped[Words] = mapped_column(unique=True)
    sent_on: Mapped[Day]
    sent_at: Mapped[Recorded]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    email_id: Mapped[int] = mapped_column(ForeignKey("email.id"), unique=True)
    expires_at: Mapped[Instant]
    opened_at: Mapped[Instant | None]
    answered_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    sent_by: Mapped[PortalUser | None] = relationship(foreign_keys=[sent_by_id])
    email: Mapped[Email] = relationship()

    def __str__(self) -> str:
        return f"{self.organisation}, {self.sent_on:%-d %B %Y}"
