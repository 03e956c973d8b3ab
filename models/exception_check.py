"""The check of a week against its exception level, and what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, ForeignKeyConstraint, and_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    Instant,
    Key,
    Percentage,
    PolicyQuantity,
    Quantity,
    Recorded,
    TenantedByParent,
    Words,
    words,
)
from rules.states import Decision

if TYPE_CHECKING:
    from models.actual import Actual
    from models.organisation import Organisation
    from models.user import PortalUser


class ExceptionCheck(TenantedByParent, Model):
    """How far above plan one week went, with the allowance it was held against and what Service Brokerage decided.

    `rule` names the setting and its date; `claimed` is what was payable before the decision. A decision approves as
    claimed, approves up to `decided_units`, or refuses (the plan is payable).
    """

    __tablename__ = "exception_check"
    __table_args__ = (
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_when"),
        CheckConstraint("decision IS NULL OR decision_reason <> ''", name="decided_why"),
        CheckConstraint(
            "decision IS DISTINCT FROM 'approved up to' OR (decided_units >= planned AND decided_units < claimed)",
            name="decided_units_between",
        ),
        CheckConstraint("over = (claimed - planned > allowance)", name="over"),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
    )
    id: Mapped[Key]
    actual_id: Mapped[int] = mapped_column(unique=True)
    planned: Mapped[Quantity]
    claimed: Mapped[Quantity]
    percent: Mapped[Percentage]
    least_units: Mapped[PolicyQuantity]
    extras_allowed: Mapped[bool]
    allowance: Mapped[PolicyQuantity]
    over: Mapped[bool]
    rule: Mapped[Words]
    checked_at: Mapped[Recorded]
    decision: Mapped[Decision | None] = mapped_column(words(Decision))
    decided_units: Mapped[Quantity | None]
    decision_reason: Mapped[Words] = mapped_column(default="", server_default="")
    decided_at: Mapped[Instant | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ExceptionCheck.organisation_id)"
    )
    actual: Mapped[Actual] = relationship(
        back_populates="check", primaryjoin="Actual.id == foreign(ExceptionCheck.actual_id)"
    )
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])

    @hybrid_property
    def held(self) -> bool:
        """Whether the week is over its level and Service Brokerage has not decided (rules.md 5)."""
        return self.over and self.decision is None

    @held.inplace.expression
    @classmethod
    def _held(cls) -> ColumnElement[bool]:
        return and_(cls.over, cls.decision.is_(None))

    def __str__(self) -> str:
        return f"{self.actual}: {self.claimed} against {self.planned} planned"
