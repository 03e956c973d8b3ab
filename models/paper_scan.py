"""Scans of signed paper ISOs, in a table of their own, so that no list loads one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Recorded, Words

if TYPE_CHECKING:
    from models.paper_order import PaperOrder
    from models.user import PortalUser


class PaperScan(Model):
    """The scan of a signed paper ISO: a PDF or a picture, with who attached it; a later one replaces it.

    `kind` is what the content itself says it is. `size` is in bytes.
    """

    __tablename__ = "paper_scan"
    __table_args__ = (
        CheckConstraint("kind IN ('pdf', 'png', 'jpg')", name="kind"),
        CheckConstraint("size = length(content) AND size > 0", name="size"),
    )
    id: Mapped[Key]
    paper_order_id: Mapped[int] = mapped_column(ForeignKey("paper_order.id", ondelete="CASCADE"), unique=True)
    filename: Mapped[Words]
    kind: Mapped[Words]
    size: Mapped[int]
    sha256: Mapped[Words]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    attached_at: Mapped[Recorded]
    attached_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    paper_order: Mapped[PaperOrder] = relationship(back_populates="scan")
    attached_by: Mapped[PortalUser | None] = relationship()

    def __str__(self) -> str:
        return self.filename
