"""Forms that people send: what must not be lost, and what must not be done twice."""

from __future__ import annotations

from typing import Any

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Key, Recorded, Words


class KeptForm(Model):
    """What was typed into a form that reached the portal when it could not be saved, for a day, encrypted.

    It is for the person and the organisation the form was opened for; without a person for whoever has the page's
    personal link. The same form kept twice is kept once: `digest` is keyed, so that it says nothing about what was
    typed. `files` are those that came with it, encrypted too, None where they were too big or of an older form. One
    that was `refused` stands on the page that refused it, and is kept for its files alone.
    """

    __tablename__ = "kept_form"
    __table_args__ = (Index("ix_kept_form_page_hash", "page_hash"),)
    id: Mapped[Key]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    page_hash: Mapped[Words]
    digest: Mapped[Words] = mapped_column(unique=True)
    sealed: Mapped[Words]
    files: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    refused: Mapped[bool] = mapped_column(default=False, server_default="false")
    kept_at: Mapped[Recorded]


class SentForm(Model):
    """A form that was carried out, and its answer: where it is sent again, that answer is given again.

    It is written in the transaction of what the form does, so that two of one form wait for each other, and what was
    rolled back was not sent. `location` is empty until the answer is known.
    """

    __tablename__ = "sent_form"
    __table_args__ = (Index("ix_sent_form_sent_at", "sent_at"),)
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    fingerprint: Mapped[Words] = mapped_column(unique=True)
    location: Mapped[Words] = mapped_column(default="", server_default="")
    notices: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    sent_at: Mapped[Recorded]
