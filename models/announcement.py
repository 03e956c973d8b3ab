"""Announcements on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Dated, Key, Words

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.sector import Sector


class Announcement(Dated, Model):
    """A notice on the page from `start` to `end` inclusive: to everybody, or to one sector, or to one organisation."""

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("num_nonnulls(sector_id, organisation_id) <= 1", name="one_audience"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
    )
    id: Mapped[Key]
    title: Mapped[Words]
    body: Mapped[Words]
    sector_id: Mapped[int | None] = mapped_column(ForeignKey("sector.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    sector: Mapped[Sector | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()

    def __str__(self) -> str:
        return self.title
