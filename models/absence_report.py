"""Absences that providers report on lines paid every four weeks; they lower that payment (rules.md 7 and 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Recorded, TenantedByParent, Words, words
from rules.period import days_from
from rules.states import AbsenceReason

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.user import PortalUser


class AbsenceReport(TenantedByParent, Model):
    """Somebody is away from `first_day` to `last_day`, both inclusive; no last day: nobody knows yet.

    A day of a line is in one report that was not withdrawn. What was reported stays; its last day may become known, and
    it may be withdrawn until a payment that it lowers is finalised.
    """

    __tablename__ = "absence_report"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("last_day >= first_day", name="days"),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        ExcludeConstraint(
            ("line_item_id", "="),
            (text("daterange(first_day, last_day, '[]')"), "&&"),
            name="ex_absence_report_overlap",
            using="gist",
            where=text("withdrawn_at IS NULL"),
        ),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int] = mapped_column(index=True)
    first_day: Mapped[Day]
    last_day: Mapped[Day | None]
    reason: Mapped[AbsenceReason] = mapped_column(words(AbsenceReason))
    notified_on: Mapped[Day | None]
    notified_to: Mapped[Words] = mapped_column(default="", server_default="")
    comment: Mapped[Words] = mapped_column(default="", server_default="")
    reported_at: Mapped[Recorded]
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    withdrawn_at: Mapped[Instant | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(AbsenceReport.organisation_id)"
    )
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(AbsenceReport.line_item_id)")
    reported_by: Mapped[PortalUser | None] = relationship(foreign_keys=[reported_by_id])
    withdrawn_by: Mapped[PortalUser | None] = relationship(foreign_keys=[withdrawn_by_id])

    @property
    def days(self) -> str:
        """The days as people read them: "9 to 18 November 2026", "from 9 November 2026, no last day yet"."""
        return days_from(self.first_day, self.last_day)

    def __str__(self) -> str:
        return f"{self.reason.value}, {self.days}"
