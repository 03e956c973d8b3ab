"""Who signs in: people, and how they prove who they are."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Money, Recorded, Words, words
from models.sealed import Sealed
from rules.states import CodeKind

if TYPE_CHECKING:
    from models.email import Email
    from models.passkey import Passkey
    from models.wrong_try import WrongTry


class PortalUser(User):
    """A person who signs in: an officer of the council, or a contact of one or more organisations.

    `security_code` is a hash of the own six digits, sealed, so that nobody finds them by trying; `totp_secret`
    belongs to the authenticator app, and `totp_last_step` is the last time step that was used, so that no code works
    twice. A given password from an e-mail works until `given_until`; one that was handed over otherwise has no such
    end. `approval_limit` is the most pounds of a payment run that an approver may approve, without one any sum; the
    database lets it rise only as a confirmed proposal, as it does with roles that pay. Who has `reset_until` creates
    a new security code only with the reset code an officer gave them (`reset_code` is its hash), before that moment.
    """

    council: Mapped[bool] = mapped_column(default=False, server_default="false")
    must_change_password: Mapped[bool] = mapped_column(default=True, server_default="true")
    given_until: Mapped[Instant | None]
    code_kind: Mapped[CodeKind | None] = mapped_column(words(CodeKind))
    # Read only where somebody proves who they are: no other query carries them, and a provider's login may not.
    password: Mapped[str | None] = mapped_column(String(256), use_existing_column=True, deferred=True)
    security_code: Mapped[str | None] = mapped_column(Sealed, deferred=True)
    totp_secret: Mapped[str | None] = mapped_column(Sealed, deferred=True)
    reset_code: Mapped[str | None] = mapped_column(Sealed, deferred=True)
    reset_until: Mapped[Instant | None] = mapped_column(deferred=True)
    totp_last_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    approval_limit: Mapped[Money | None]
    wrong_tries: Mapped[list[WrongTry]] = relationship(viewonly=True)
    passkeys: Mapped[list[Passkey]] = relationship(viewonly=True)

    @property
    def failed_attempts(self) -> int:
        """How many wrong passwords and codes are counted now, wherever they came from."""
        return sum(each.tries for each in self.wrong_tries if each.place)

    @property
    def passkey_count(self) -> int:
        """How many passkeys they can sign in with instead of their security code."""
        return len(self.passkeys)

    @property
    def locked_until(self) -> datetime | None:
        """Until when somewhere is locked out of the account; nothing where nobody is."""
        return max((each.locked_until for each in self.wrong_tries if each.locked_until), default=None)

    def given_password_is_over(self, at: datetime) -> bool:
        """Whether the password somebody was given, and never changed, works no longer at an instant."""
        return self.must_change_password and self.given_until is not None and self.given_until <= at

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"


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
    email_id: Mapped[int | None] = mapped_column(ForeignKey("email.id"), index=True)
    email: Mapped[Email | None] = relationship(foreign_keys=[email_id])
