"""Plans: what a line commissions, in versions that each begin on a day (rules.md 2)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import ByDay, Day, Key, Quantity, TenantedByParent, Words
from rules.plan import PlanVersion

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.proposal import Proposal


class Plan(ByDay, TenantedByParent, Model):
    """What a line commissions from `start` on, until its next plan starts: by day, or one quantity a week.

    Without an end of its own, so that a line's plans can neither overlap nor leave a gap.
    """

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("line_item_id", "start"),
        CheckConstraint("least(mon, tue, wed, thu, fri, sat, sun, weekly_quantity) >= 0", name="not_negative"),
        CheckConstraint("weekly_quantity = 0 OR mon + tue + wed + thu + fri + sat + sun = 0", name="one_of_two"),
        CheckConstraint("weekly_quantity + mon + tue + wed + thu + fri + sat + sun > 0", name="not_nothing"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int]
    start: Mapped[Day]
    weekly_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation: Mapped[Organisation] = relationship(primaryjoin="Organisation.id == foreign(Plan.organisation_id)")
    line_item: Mapped[LineItem] = relationship(
        back_populates="plans", primaryjoin="LineItem.id == foreign(Plan.line_item_id)"
    )
    proposal: Mapped[Proposal | None] = relationship()

    @property
    def version(self) -> PlanVersion:
        """This plan as the rules know it."""
        return PlanVersion(self.start, self.days, self.weekly_quantity)

    def __str__(self) -> str:
        return f"plan from {self.start:%-d %B %Y}"
