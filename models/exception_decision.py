"""What Service Brokerage decided about weeks over the exception level, each time it did."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Quantity, TenantedByParent, Words, words
from rules.states import Decision

if TYPE_CHECKING:
    from models.actual import Actual
    from models.organisation import Organisation
    from models.user import PortalUser


class ExceptionDecision(TenantedByParent, Model):
    """One decision about one week, tied to the version it was about; written once, and kept when figures change.

    `planned` and `claimed` are what the week had then, in units of its line: a check can be settled by a decision about
    these figures and by no other. `units` are those it was approved up to, None for any other decision. It holds from
    `start` to `end`, both inclusive.
    """

    __tablename__ = "exception_decision"
    __table_args__ = (
        # What a check names of the decision that is in force for it.
        UniqueConstraint("actual_id", "id", "planned", "claimed"),
        CheckConstraint("reason <> ''", name="why"),
        CheckConstraint("(decision = 'approved up to') = (units IS NOT NULL)", name="units_given"),
        CheckConstraint("units >= planned AND units < claimed", name="units_between"),
        CheckConstraint('"end" >= start', name="dates"),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
    )
    id: Mapped[Key]
    actual_id: Mapped[int]
    actual_version: Mapped[int]
    planned: Mapped[Quantity]
    claimed: Mapped[Quantity]
    decision: Mapped[Decision] = mapped_column(words(Decision))
    units: Mapped[Quantity | None]
    reason: Mapped[Words]
    start: Mapped[Day]
    end: Mapped[Day]
    decided_at: Mapped[Instant]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ExceptionDecision.organisation_id)"
    )
    actual: Mapped[Actual] = relationship(primaryjoin="Actual.id == foreign(ExceptionDecision.actual_id)")
    decided_by: Mapped[PortalUser | None] = relationship(foreign_keys=[decided_by_id])

    def __str__(self) -> str:
        return decision_words(self.decision, self.units)


def decision_words(decision: Decision, units: Decimal | None) -> str:
    """Return a decision in a word or two: "approved up to 8.50"."""
    return decision.value if units is None else f"{decision.value} {units:.2f}"
