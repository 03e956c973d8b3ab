"""Signing in, half-way and done: what a browser's cookie stands for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from rules.states import SignInStep

if TYPE_CHECKING:
    from models.user import PortalUser


class SignIn(Model):
    """Somebody half-way through signing in. The cookie holds a token, another at each step; the step stands here."""

    __tablename__ = "sign_in"
    id: Mapped[Key]
    token_hash: Mapped[Words] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    step: Mapped[SignInStep] = mapped_column(words(SignInStep))
    at: Mapped[Recorded]
    user: Mapped[PortalUser] = relationship(foreign_keys=[user_id])


class UserSession(Model):
    """One signed-in browser. The cookie holds a token; the server keeps its hash, and ends it when it likes.

    `browser` is what it calls itself, in words, and `address` the network address it signed in from.
    """

    __tablename__ = "user_session"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "contact_id"], ["contact.organisation_id", "contact.id"]),
        CheckConstraint("(organisation_id IS NULL) = (contact_id IS NULL)", name="contact_of_organisation"),
    )
    id: Mapped[Key]
    token_hash: Mapped[Words] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    contact_id: Mapped[int | None]
    address: Mapped[Words] = mapped_column(default="", server_default="")
    browser: Mapped[Words] = mapped_column(default="", server_default="")
    created_at: Mapped[Recorded]
    last_seen_at: Mapped[Recorded]
    ended_at: Mapped[Instant | None]
    user: Mapped[PortalUser] = relationship(foreign_keys=[user_id])

    has_kept_forms = False  # whether something is kept that this person typed; read with the session
