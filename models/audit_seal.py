"""The seals of the audit trail: each holds what its events looked like, and the hash of the seal before it."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import ARRAY, CheckConstraint, Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Recorded

DIGEST_BYTES = 32


class AuditSeal(Model):
    """Some events of the trail, sealed for good: their ids in ascending order and a SHA-256 of each, one after another.

    `id` counts from 1 without a gap. `before` is the hash of the seal before, so that the chain cannot fork (it is
    unique), lose a link, or change its order.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (
        CheckConstraint(
            f"length(digests) = {DIGEST_BYTES} * cardinality(event_ids) AND cardinality(event_ids) > 0",
            name="digest_each",
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Recorded] = mapped_column(index=True)
    event_ids: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    digests: Mapped[bytes] = mapped_column(LargeBinary)
    before: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)

    def __str__(self) -> str:
        return f"Seal {self.id}"

    @property
    def digest_of(self) -> dict[int, bytes]:
        """The digest of each event, by its id."""
        places = range(0, len(self.digests), DIGEST_BYTES)
        return dict(zip(self.event_ids, (self.digests[at : at + DIGEST_BYTES] for at in places), strict=True))
