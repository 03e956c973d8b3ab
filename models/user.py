"""Who signs in: people, how they prove who they are, and their sessions."""

from __future__ import annotations

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from rules.states import CodeKind, SignInStep


class PortalUser(User):
    """A person who signs in: an officer of the council, or a contact of one or more organisations.

    `security_code` is a hash of the own six digits; `totp_secret` belongs to the authenticator app, and
    `totp_last_step` is the last time step that was used, so that no code works twice.
    """

    council: Mapped[bool] = mapped_column(default=False, server_default="false")
    must_change_password: Mapped[bool] = mapped_column(default=True, server_default="true")
    code_kind: Mapped[CodeKind | None] = mapped_column(words(CodeKind))
    security_code: Mapped[str | None] = mapped_column(Text)
    totp_secret: Mapped[str | None] = mapped_column(Text)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    failed_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[Instant | None]

    def __str__(self) -> str:
        return str(self.get_full_name())


class RecoveryCode(Model):
    """One of the ten codes that let somebody in once without their authenticator app."""

    __tablename__ = "recovery_code"
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[Words]
    used_at: Mapped[Instant | None]


class PasswordReset(Model):
    """A link to choose a new password, sent by e-mail: works once, for an hour."""

    __tablename__ = "password_reset"
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[Words] = mapped_column(unique=True)
    asked_at: Mapped[Recorded]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class SignIn(Model):
    """Somebody half-way through signing in. The cookie holds a token, another at each step; the step stands here."""

    __tablename__ = "sign_in"
    id: Mapped[Key]
    token_hash: Mapped[Words] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    step: Mapped[SignInStep] = mapped_column(words(SignInStep))
    at: Mapped[Recorded]
    user: Mapped[PortalUser] = relationship(foreign_keys=[user_id])


class UnknownAddress(Model):
    """Tries to sign in with an address nobody has: they lock like a person's, so that nobody learns which exist."""

    __tablename__ = "unknown_address"
    id: Mapped[Key]
    email_hash: Mapped[Words] = mapped_column(unique=True)
    failed_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[Instant | None]
    first_typed_at: Mapped[Recorded]


class UserSession(Model):
    """One signed-in browser. The cookie holds a token; the server keeps its hash, and ends it when it likes."""

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
    created_at: Mapped[Recorded]
    last_seen_at: Mapped[Recorded]
    ended_at: Mapped[Instant | None]
    user: Mapped[PortalUser] = relationship(foreign_keys=[user_id])
