"""Passkeys: keys on a person's own devices that prove who they are, and what a device is asked to sign (WebAuthn)."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Instant, Key, Recorded, Words, words
from rules.states import PasskeyPurpose


class Passkey(Model):
    """The public half of a passkey, under the name its owner gave it. The other half never leaves their device.

    `sign_count` is what the device last counted its signatures to: one that counts back is a copy. Devices that share a
    passkey count none, and it stays 0. `last_used_at` is none until it has proved something.
    """

    __tablename__ = "passkey"
    __table_args__ = (
        CheckConstraint("length(credential_id) BETWEEN 1 AND 1023", name="credential_id"),
        CheckConstraint("sign_count >= 0", name="sign_count"),
    )
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[Words]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    added_at: Mapped[Recorded]
    last_used_at: Mapped[Instant | None]


class PasskeyChallenge(Model):
    """What a device is asked to sign now: for one purpose, in one browser, once and soon.

    The browser is known by its half-done sign-in, or by its session where somebody is signed in.
    """

    __tablename__ = "passkey_challenge"
    __table_args__ = (CheckConstraint("num_nonnulls(sign_in_id, session_id) = 1", name="one_browser"),)
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("user_session.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[PasskeyPurpose] = mapped_column(words(PasskeyPurpose))
    challenge: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    made_at: Mapped[Recorded]
