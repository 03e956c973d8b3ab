"""What was asked of the portal lately, counted by account and by network address."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Instant, Key, Words


class RateCount(Model):
    """How many requests of a kind one account or address has sent since a moment, for all web processes together.

    `who` is "account 12", "address 192.0.2.7", or "e-mail" with the hash of one. Once the time of the kind's rate is
    over it begins anew.
    """

    __tablename__ = "rate_count"
    __table_args__ = (UniqueConstraint("kind", "who"), CheckConstraint("requests > 0", name="requests"))
    id: Mapped[Key]
    kind: Mapped[Words]
    who: Mapped[Words]
    began_at: Mapped[Instant] = mapped_column(index=True)
    requests: Mapped[int]
