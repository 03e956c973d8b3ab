"""Visits as a provider's own system recorded them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Key, TenantedByParent, Words, words
from rules.visit import Outcome

if TYPE_CHECKING:
    from models.organisation import Organisation


class Visit(TenantedByParent, Model):
    """A visit as a provider's own system recorded it, with its raw minutes, and the file it came with.

    A visit by two carers is two rows, told apart by `slot`; one sent again in a later file stands as in the last file
    that went in. `minutes` is how long it took, `counted` what it counts for after rounding (policy). The times are
    what London's clocks showed, as they were sent.
    """

    __tablename__ = "visit"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "upload_id"], ["upload.organisation_id", "upload.id"]),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        CheckConstraint("minutes >= 0 AND counted >= 0", name="minutes"),
        UniqueConstraint("organisation_id", "reference", "slot"),
        Index("ix_visit_day", "line_item_id", "day"),
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
    minutes: Mapped[int] = mapped_column(default=0)
    counted: Mapped[int] = mapped_column(default=0)
    organisation: Mapped[Organisation] = relationship(primaryjoin="Organisation.id == foreign(Visit.organisation_id)")

    def __str__(self) -> str:
        return self.reference
