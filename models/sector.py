"""Sectors, and when each gets the portal."""

from __future__ import annotations

from flask_appbuilder import Model
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Words


class Sector(Model):
    """A kind of care: home support, residential, nursing …; each has its own roll-out date."""

    __tablename__ = "sector"
    id: Mapped[Key]
    name: Mapped[Words] = mapped_column(unique=True)
    rollout: Mapped[Rollout | None] = relationship(back_populates="sector", uselist=False)

    def __str__(self) -> str:
        return self.name


class Rollout(Model):
    """The date on which a sector gets the portal."""

    __tablename__ = "rollout"
    id: Mapped[Key]
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"), unique=True)
    opens_on: Mapped[Day]
    sector: Mapped[Sector] = relationship(back_populates="rollout")

    def __str__(self) -> str:
        return f"{self.sector} from {self.opens_on:%-d %B %Y}"
