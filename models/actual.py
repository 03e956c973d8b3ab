"""What was delivered on a line in a week, and every version of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from flask_appbuilder import Model
from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SQLColumnExpression,
    UniqueConstraint,
    and_,
    exists,
    literal,
    or_,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import (
    ByDay,
    Day,
    Instant,
    Key,
    Quantity,
    Recorded,
    TenantedByParent,
    Units,
    Words,
    words,
)
from models.exception_check import ExceptionCheck
from rules.states import ActualState

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.user import PortalUser


class Actual(ByDay, TenantedByParent, Model):
    """What was delivered on one line in one week, and what follows from it (units of the line, two places).

    `planned`, `aborted`, `aborted_payable`, `missed`, `extra` and `payable` are worked out, never typed; the database
    refuses a row in which they do not agree. `version` counts the saves, so that nobody overwrites what they have not
    seen; the database keeps each version as an ActualVersion. `source` says where the latest figures came from.
    `repriced_at` says that a price of its line changed for this week after it was invoiced: the database marks it, and
    the next invoice compares.
    """

    # The sources of a week that was confirmed with all others not started, of a period or of one week, and of a week
    # for which that was undone.
    TOGETHER: ClassVar = "All weeks as planned"
    ONE_WEEK: ClassVar = "Week as planned"
    AS_PLANNED: ClassVar = (TOGETHER, ONE_WEEK)
    UNDONE: ClassVar = "Confirmation undone"

    __tablename__ = "actual"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        UniqueConstraint("line_item_id", "week_starting"),
        Index("ix_actual_week", "organisation_id", "week_starting"),
        Index("ix_actual_repriced", "organisation_id", postgresql_where=text("repriced_at IS NOT NULL")),
        CheckConstraint("extract(isodow from week_starting) = 1", name="monday"),
        CheckConstraint("least(mon, tue, wed, thu, fri, sat, sun, delivered) >= 0", name="not_negative"),
        CheckConstraint("greatest(mon, tue, wed, thu, fri, sat, sun) <= 24 OR NOT in_hours", name="day_is_24_hours"),
        CheckConstraint("missed = greatest(0, planned - aborted - delivered)", name="missed"),
        CheckConstraint("extra = greatest(0, delivered + aborted - planned)", name="extra"),
        CheckConstraint("payable >= 0 AND payable <= delivered + aborted_payable", name="payable"),
        CheckConstraint(
            "reason <> '' OR state = 'draft' OR delivered + aborted = planned", name="reason_where_differs"
        ),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int]
    week_starting: Mapped[Day]
    state: Mapped[ActualState] = mapped_column(words(ActualState), default=ActualState.DRAFT)
    in_hours: Mapped[bool] = mapped_column(default=True)
    delivered: Mapped[Quantity]
    planned: Mapped[Quantity]
    aborted: Mapped[Quantity] = mapped_column(default=Decimal(0))
    aborted_payable: Mapped[Quantity] = mapped_column(default=Decimal(0))
    missed: Mapped[Quantity]
    extra: Mapped[Quantity]
    payable: Mapped[Quantity]
    reason: Mapped[Words] = mapped_column(default="", server_default="")
    comment: Mapped[Words] = mapped_column(default="", server_default="")
    source: Mapped[Words] = mapped_column(default="", server_default="")
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[Recorded]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    confirmed_at: Mapped[Instant | None]
    repriced_at: Mapped[Instant | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(primaryjoin="Organisation.id == foreign(Actual.organisation_id)")
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(Actual.line_item_id)")
    check: Mapped[ExceptionCheck | None] = relationship(
        back_populates="actual", primaryjoin="Actual.id == foreign(ExceptionCheck.actual_id)", uselist=False
    )
    changed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[changed_by_id])
    confirmed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[confirmed_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_held(self) -> bool:
        """Whether this week is over its exception level and Service Brokerage has not decided yet."""
        return self.check is not None and self.check.held

    @classmethod
    def started(cls) -> ColumnElement[bool]:
        """Return the SQL condition that somebody entered something for a week and did not take all of it back."""
        return and_(cls.id.is_not(None), or_(cls.state != ActualState.DRAFT, cls.source != cls.UNDONE))

    @classmethod
    def of_line(cls, line_id: int | SQLColumnExpression[int], week: date | ColumnElement[date]) -> ColumnElement[bool]:
        """Return the SQL condition that a row is of a line's week, by its Monday: what outer joins join by."""
        return and_(cls.line_item_id == line_id, cls.week_starting == week)

    @classmethod
    def unconfirmed(cls) -> ColumnElement[bool]:
        """Return the SQL condition that a week still has to be confirmed: of an outer join, also where none is kept."""
        return or_(cls.id.is_(None), cls.state == ActualState.DRAFT)

    @classmethod
    def to_invoice(cls) -> ColumnElement[bool]:
        """Return the SQL condition that a week is confirmed, on no invoice and not held (rules.md 5 and 8)."""
        held = exists().where(ExceptionCheck.actual_id == cls.id, ExceptionCheck.held)
        # Written into the SQL, not bound: a plan for any state cannot use the index of the confirmed weeks.
        confirmed = literal(ActualState.CONFIRMED, cls.state.type, literal_execute=True)
        return and_(cls.state == confirmed, ~held.correlate_except(ExceptionCheck))

    @classmethod
    def over_level_and_open(cls) -> ColumnElement[bool]:
        """Return the SQL condition that a week is over its exception level, decided about or not, and on no invoice."""
        over = exists().where(ExceptionCheck.actual_id == cls.id, ExceptionCheck.over)
        is_open = cls.state.in_((ActualState.DRAFT, ActualState.CONFIRMED))
        return and_(is_open, over.correlate_except(ExceptionCheck))

    def __str__(self) -> str:
        return f"{self.line_item} week of {self.week_starting:%-d %B %Y}"


class ActualVersion(ByDay, TenantedByParent, Model):
    """A line's week as it was saved once, who saved it, when, and where the figures came from.

    The database writes these by itself whenever figures, reason or comment of an actual change, and keeps them as they
    are: no code can forget one, or change one. `aborted_days` are the payable units of its aborted visits, Monday to
    Sunday, as they were then; None where nothing was payable for any.
    """

    __tablename__ = "actual_version"
    __table_args__ = (
        UniqueConstraint("actual_id", "version"),
        CheckConstraint("cardinality(aborted_days) = 7", name="aborted_days"),
        ForeignKeyConstraint(["organisation_id", "actual_id"], ["actual.organisation_id", "actual.id"]),
    )
    id: Mapped[Key]
    actual_id: Mapped[int]
    version: Mapped[int]
    state: Mapped[ActualState] = mapped_column(words(ActualState))
    delivered: Mapped[Quantity]
    planned: Mapped[Quantity]
    aborted: Mapped[Quantity]
    aborted_payable: Mapped[Quantity]
    aborted_days: Mapped[list[Decimal] | None] = mapped_column(ARRAY(Units(10, 2)))
    payable: Mapped[Quantity]
    reason: Mapped[Words]
    comment: Mapped[Words]
    source: Mapped[Words]
    saved_at: Mapped[Instant]
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(ActualVersion.organisation_id)"
    )
    actual: Mapped[Actual] = relationship(primaryjoin="Actual.id == foreign(ActualVersion.actual_id)")
    saved_by: Mapped[PortalUser | None] = relationship(foreign_keys=[saved_by_id])

    def __str__(self) -> str:
        return f"{self.actual}, version {self.version}"
