"""Wrong passwords and codes, counted by whose account and from where."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Instant, Key, Recorded, Words


class WrongTry(Model):
    """How often somebody was wrong about an account at a place, and until when this place is locked out of it.

    The account is a person's, or that of an address nobody has (a hash of it): both count alike, so that nobody learns
    which exist. Without either it is every account. The place is a network address, a known device, a session, or ""
    for wherever strangers come from. `told` is whether the person was written to about it.
    """

    __tablename__ = "wrong_try"
    __table_args__ = (
        UniqueConstraint("user_id", "email_hash", "place", postgresql_nulls_not_distinct=True),
        CheckConstraint("num_nonnulls(user_id, email_hash) <= 1", name="one_account"),
        CheckConstraint("tries >= 0", name="tries"),
    )
    id: Mapped[Key]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"))
    email_hash: Mapped[Words | None]
    place: Mapped[Words]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[Instant | None]
    first_at: Mapped[Recorded] = mapped_column(index=True)
    told: Mapped[bool] = mapped_column(default=False, server_default="false")
