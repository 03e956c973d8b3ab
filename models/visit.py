"""Visits as a provider's own system recorded them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, Computed, DateTime, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, Quantity, Recorded, TenantedByParent, Words, words
from rules.visit import Outcome

if TYPE_CHECKING:
    from models.line_item import LineItem
    from models.organisation import Organisation
    from models.user import PortalUser

BEGINS = "coalesce(planned_start, actual_start)"


class Visit(TenantedByParent, Model):
    """A visit as a provider's own system recorded it, with its raw minutes, and the file it came with.

    A visit is known by its line, when it begins, and its carer or slot, whatever its reference: systems number theirs
    anew. `begins` is the planned start, the actual one where none was planned. `twin` counts visits that are alike in
    all that: somebody said that each is meant, or they were stored before the portal looked. A visit sent again stands
    as in the last file that went in. `minutes` is how long it took, `counted` what it counts for after rounding
    (policy). The times are what London's clocks showed, as they were sent.
    """

    __tablename__ = "visit"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "upload_id"], ["upload.organisation_id", "upload.id"]),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        CheckConstraint("minutes >= 0 AND counted >= 0", name="minutes"),
        # Judged at the end of a statement: visits may change places in it.
        UniqueConstraint("line_item_id", "begins", "carer", "slot", "twin", deferrable=True, initially="IMMEDIATE"),
        Index("ix_visit_reference", "organisation_id", "reference"),
        Index("ix_visit_day", "line_item_id", "day"),
        Index("ix_visit_carer", "organisation_id", "day", "carer"),
        Index("ix_visit_upload", "upload_id"),
    )
    id: Mapped[Key]
    upload_id: Mapped[int]
    line_item_id: Mapped[int]
    day: Mapped[Day]
    reference: Mapped[Words]
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    planned_start: Mapped[datetime | None] = mapped_column(DateTime)
    planned_end: Mapped[datetime | None] = mapped_column(DateTime)
    actual_start: Mapped[datetime | None] = mapped_column(DateTime)
    actual_end: Mapped[datetime | None] = mapped_column(DateTime)
    carer: Mapped[Words] = mapped_column(default="", server_default="")
    slot: Mapped[Words] = mapped_column(default="", server_default="")
    begins: Mapped[datetime | None] = mapped_column(DateTime, Computed(BEGINS, persisted=True))
    twin: Mapped[int] = mapped_column(default=0, server_default="0")
    minutes: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    organisation: Mapped[Organisation] = relationship(primaryjoin="Organisation.id == foreign(Visit.organisation_id)")

    def __str__(self) -> str:
        return self.reference


class TypedOverDay(TenantedByParent, Model):
    """A day that has visits and whose figure somebody typed all the same: what, who and when.

    Of a line planned by the week it is the week, at its Monday. It is gone once visits and figure agree again.
    """

    __tablename__ = "typed_over_day"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        UniqueConstraint("line_item_id", "day"),
        CheckConstraint("units >= 0", name="not_negative"),
    )
    id: Mapped[Key]
    line_item_id: Mapped[int]
    day: Mapped[Day]
    units: Mapped[Quantity]
    typed_at: Mapped[Recorded]
    typed_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"), index=True)
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(TypedOverDay.organisation_id)"
    )
    line_item: Mapped[LineItem] = relationship(primaryjoin="LineItem.id == foreign(TypedOverDay.line_item_id)")
    typed_by: Mapped[PortalUser | None] = relationship(foreign_keys=[typed_by_id])

    def __str__(self) -> str:
        return f"{self.line_item} on {self.day:%-d %B %Y}"
