"""The mail outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from models.sealed import Sealed
from rules.mail_states import EmailState

if TYPE_CHECKING:
    from models.organisation import Organisation


class Email(Model):
    """An e-mail waiting to be sent, or sent. It carries no figures and no names of people who receive care.

    `letter` is the name of its kind in the code. One that holds a secret, a link or a password, loses its text once it
    was sent, or once its link opens nothing any more. The text is sealed. `message_id` stays the same however often it
    is tried; `claimed_at` is when it was last handed over. A notice (`is_notice`) may be put into the digest that is
    `digest_for` a contact.
    """

    __tablename__ = "email"
    __table_args__ = (
        CheckConstraint("state NOT IN ('sending', 'unclear') OR claimed_at IS NOT NULL", name="claimed"),
        CheckConstraint("(state = 'gathered') = (gathered_into_id IS NOT NULL)", name="gathered"),
    )
    id: Mapped[Key]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    recipient: Mapped[Words]
    subject: Mapped[Words]
    body: Mapped[str] = mapped_column(Sealed)
    letter: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[EmailState] = mapped_column(words(EmailState), default=EmailState.WAITING)
    holds_secret: Mapped[bool] = mapped_column(default=False, server_default="false")
    attempts: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[Recorded]
    sent_at: Mapped[Instant | None]
    problem: Mapped[Words] = mapped_column(default="", server_default="")
    message_id: Mapped[Words] = mapped_column(
        unique=True, default=lambda: str(uuid4()), server_default=text("gen_random_uuid()::text")
    )
    claimed_at: Mapped[Instant | None]
    is_notice: Mapped[bool] = mapped_column(default=False, server_default="false")
    digest_for_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"), index=True)
    gathered_into_id: Mapped[int | None] = mapped_column(ForeignKey("email.id"), index=True)
    organisation: Mapped[Organisation | None] = relationship()

    def __str__(self) -> str:
        return self.subject
