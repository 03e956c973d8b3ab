"""The check of a week against its exception level, and which decision about it is in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKeyConstraint, and_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Key, Percentage, PolicyQuantity, Quantity, Recorded, TenantedByParent, Words

if TYPE_CHECKING:
    from models.actual import Actual
    from models.exception_decision import ExceptionDecision
    from models.organisation import Organisation


class ExceptionCheck(TenantedByParent, Model):
    """How far above plan one week went, with the allowance it was held against and the decision in force about it.

    `rule` names the setting and its date; `claimed` is what is payable before any decision. `decided` is None until
    Service Brokerage has decided about these figures; the database takes no decision about any other.
    """

    __tablename__ = "exception_check"
    __table_args__ = (
        CheckConstraint("over = (claimed - planned > allowance)", name="over"),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
        ForeignKeyConstraint(
            ["actual_id", "decision_id", "planned", "claimed"],
            [f"exception_decision.{name}" for name in ("actual_id", "id", "planned", "claimed")],
        ),
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
    decision_id: Mapped[int | None]
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ExceptionCheck.organisation_id)"
    )
    actual: Mapped[Actual] = relationship(
        back_populates="check", primaryjoin="Actual.id == foreign(ExceptionCheck.actual_id)"
    )
    decided: Mapped[ExceptionDecision | None] = relationship(
        primaryjoin="ExceptionDecision.id == foreign(ExceptionCheck.decision_id)"
    )

    @hybrid_property
    def held(self) -> bool:
        """Whether the week is over its level and Service Brokerage has not decided (rules.md 5)."""
        return self.over and self.decision_id is None

    @held.inplace.expression
    @classmethod
    def _held(cls) -> ColumnElement[bool]:
        return and_(cls.over, cls.decision_id.is_(None))

    def __str__(self) -> str:
        return f"{self.actual}: {self.claimed} against {self.planned} planned"
