"""Files of actuals as providers sent them, and what the check found in each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Day, Instant, Key, Money, Recorded, Tenanted, TenantedByParent, Words, words
from rules.upload_states import FindingKind, UploadState

if TYPE_CHECKING:
    from models.column_match import ColumnMatch
    from models.organisation import Organisation
    from models.user import PortalUser


class Upload(Tenanted, Model):
    """A file of actuals: who gave it and when, how far its check has come, what was found, and what became of it.

    `weeks`, `visits` and `aborted` hold what can go in, packed by the check until it has gone in, and `ticked` the
    findings somebody ticked; `held_against` says which lines and settings it was held against. `changes` are the weeks
    it changes and `rows` the result of every row, both packed and kept for good, None for a file of the portal's first
    weeks. `own_table` is what a table looks like whose headings are the sender's own, while it waits to be matched, and
    `match` what it was read by. `pounds_before` and `pounds_after` are what the weeks it changes come to without and
    with it.
    """

    __tablename__ = "upload"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        ForeignKeyConstraint(["organisation_id", "match_id"], ["column_match.organisation_id", "column_match.id"]),
    )
    id: Mapped[Key]
    filename: Mapped[Words]
    sha256: Mapped[Words]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    layout: Mapped[Words] = mapped_column(default="", server_default="")
    state: Mapped[UploadState] = mapped_column(words(UploadState), default=UploadState.WAITING)
    rows_total: Mapped[int] = mapped_column(default=0)
    rows_done: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    notices: Mapped[list[str]] = mapped_column(JSONB, default=list)
    weeks: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    visits: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    changes: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    rows: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    aborted: Mapped[list[Any]] = mapped_column(JSONB, default=list, deferred=True)
    held_against: Mapped[Words] = mapped_column(default="", server_default="")
    ticked: Mapped[list[int]] = mapped_column(JSONB, default=list)
    own_table: Mapped[dict[str, Any] | None] = mapped_column(JSONB, deferred=True)
    match_id: Mapped[int | None] = mapped_column(index=True)
    pounds_before: Mapped[Money] = mapped_column(default=Decimal(0))
    pounds_after: Mapped[Money] = mapped_column(default=Decimal(0))
    given_at: Mapped[Recorded]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    checked_at: Mapped[Instant | None]
    done_at: Mapped[Instant | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    organisation: Mapped[Organisation] = relationship()
    match: Mapped[ColumnMatch | None] = relationship(primaryjoin="ColumnMatch.id == foreign(Upload.match_id)")
    given_by: Mapped[PortalUser | None] = relationship(foreign_keys=[given_by_id])
    done_by: Mapped[PortalUser | None] = relationship(foreign_keys=[done_by_id])

    def __str__(self) -> str:
        return self.filename


class UploadFinding(TenantedByParent, Model):
    """One thing the check found in a file: where, what stands there, what is wrong with it, and what to do.

    A rejected row stays out; a warning goes in; a conflict or a locked week goes in where it is ticked, and then
    `line_item_id` and `week_starting` say which week that is. What is asked about visits has a `choice`
    instead, the same in findings that stand in one question.
    """

    __tablename__ = "upload_finding"
    __table_args__ = (
        ForeignKeyConstraint(["organisation_id", "upload_id"], ["upload.organisation_id", "upload.id"]),
        ForeignKeyConstraint(["organisation_id", "line_item_id"], ["line_item.organisation_id", "line_item.id"]),
        Index("ix_upload_finding_upload", "upload_id", "kind", "id"),
    )
    id: Mapped[Key]
    upload_id: Mapped[int]
    kind: Mapped[FindingKind] = mapped_column(words(FindingKind))
    code: Mapped[Words]
    sheet: Mapped[Words] = mapped_column(default="", server_default="")
    row: Mapped[int]
    column: Mapped[Words] = mapped_column(default="", server_default="")
    value: Mapped[Words] = mapped_column(default="", server_default="")
    wrong: Mapped[Words]
    remedy: Mapped[Words] = mapped_column(default="", server_default="")
    line_item_id: Mapped[int | None] = mapped_column(index=True)
    week_starting: Mapped[Day | None]
    choice: Mapped[Words] = mapped_column(default="", server_default="")
    organisation: Mapped[Organisation] = relationship(
        primaryjoin="Organisation.id == foreign(UploadFinding.organisation_id)"
    )

    def __str__(self) -> str:
        return f"Row {self.row}: {self.wrong}"
