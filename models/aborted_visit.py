"""Visits that could not take place through no fault of the provider."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Time
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Quantity, Recorded, Tenanted, Words

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.user import PortalUser


class AbortedVisit(Tenanted, Model):
    """A visit that could not take place through no fault of the provider.

    `planned_units` and `payable` are units of the line; the settings that gave `payable` are kept beside it.
    """

    __tablename__ = "aborted_visit"
    __table_args__ = (
        CheckConstraint("planned_minutes > 0 AND waited_minutes >= 0", name="minutes"),
        CheckConstraint("payable >= 0 AND payable <= planned_units", name="payable"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int] = mapped_column(index=True)
    visit_date: Mapped[Day]
    planned_start: Mapped[time] = mapped_column(Time)
    planned_minutes: Mapped[int]
    told_at: Mapped[Instant | None]
    arrived_at: Mapped[time | None] = mapped_column(Time)
    waited_minutes: Mapped[int] = mapped_column(default=0)
    informed: Mapped[Words] = mapped_column(default="", server_default="")
    reason: Mapped[Words]
    comment: Mapped[Words] = mapped_column(default="", server_default="")
    planned_units: Mapped[Quantity]
    payable: Mapped[Quantity]
    rule: Mapped[Words]
    recorded_at: Mapped[Recorded]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship()
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(AbortedVisit.line_item_id)")
    recorded_by: Mapped[PortalUser | None] = relationship(foreign_keys=[recorded_by_id])

    def __str__(self) -> str:
        return f"{self.line_item} on {self.visit_date:%-d %B %Y}"
