"""What people and others pay for themselves of a line that is paid net, where it changes while the line goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    ScalarSelect,
    Text,
    UniqueConstraint,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Money, TenantedByParent, Words
from models.line_item import LineItem
from rules.money import pounds
from rules.scheduled import Deductions

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.proposal import Proposal


class Deduction(TenantedByParent, Model):
    """Another contribution and top-up of a line, pounds a week, from `start` on until its next one starts.

    What is deducted from the line's first day stands on the line itself.
    """

    __tablename__ = "deduction"
    __table_args__ = (
        UniqueConstraint("line_item_id", "start"),
        CheckConstraint("contribution >= 0 AND top_up >= 0", name="not_negative"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int]
    start: Mapped[Day]
    contribution: Mapped[Money]
    top_up: Mapped[Money]
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(Deduction.organisation_id)"
    )
    line_item: Mapped[LineItem] = relationship(
        back_populates="deductions", primaryjoin="LineItem.id == foreign(Deduction.line_item_id)"
    )
    proposal: Mapped[Proposal | None] = relationship()

    @classmethod
    def of_line(cls) -> ScalarSelect[Any]:
        """Return the SQL of all that a line of the query around it has of these, as JSON; `read_versions` reads it."""
        texts = (cast(column, Text) for column in (cls.start, cls.contribution, cls.top_up))
        ordered = aggregate_order_by(func.json_build_array(*texts), cls.start)
        return (
            select(func.json_agg(ordered)).where(cls.line_item_id == LineItem.id).correlate(LineItem).scalar_subquery()
        )

    @staticmethod
    def read_versions(found: Iterable[Iterable[str]] | None) -> list[Deductions]:
        """Return what `of_line` came to, oldest first."""
        rows = (list(row) for row in found or ())
        return [Deductions(date.fromisoformat(start), Decimal(part), Decimal(more)) for start, part, more in rows]

    @property
    def version(self) -> Deductions:
        """This deduction as the rules know it."""
        return Deductions(self.start, self.contribution, self.top_up)

    def __str__(self) -> str:
        return f"{pounds(self.contribution)} and {pounds(self.top_up)} a week from {self.start:%-d %B %Y}"
