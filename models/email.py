"""The mail outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from models.sealed import Sealed
from rules.states import EmailState

if TYPE_CHECKING:
    from models.organisation import Organisation


class Email(Model):
    """An e-mail waiting to be sent, or sent. It carries no figures and no names of people who receive care.

    One that holds a secret, a link or a password, loses its text once it was sent, or once its link opens nothing any
    more. The text is sealed.
    """

    __tablename__ = "email"
    id: Mapped[Key]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    recipient: Mapped[Words]
    subject: Mapped[Words]
    body: Mapped[str] = mapped_column(Sealed)
    state: Mapped[EmailState] = mapped_column(words(EmailState), default=EmailState.WAITING)
    holds_secret: Mapped[bool] = mapped_column(default=False, server_default="false")
    attempts: Mapped[int] = mapped_column(default=0)
    written_at: Mapped[Recorded]
    sent_at: Mapped[Instant | None]
    problem: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation | None] = relationship()

    def __str__(self) -> str:
        return self.subject
