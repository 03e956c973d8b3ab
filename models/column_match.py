"""How a provider's own table is read: which of its columns is what, remembered by its headings (files.md 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Tenanted, Words, words
from rules.column_match import LONGEST_NAME, ColumnMatching, RowKind

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.user import PortalUser


class ColumnMatch(Tenanted, Model):
    """What an organisation said its own columns are: every colleague's files with these headings are read by it.

    `fingerprint` knows the headings in any order; `headings` are lists of a heading's key and itself; `columns` says by
    the key what a column is, `words` by column and word what it means. Forgotten, it stays for the files it has read.
    """

    __tablename__ = "column_match"
    __table_args__ = (
        UniqueConstraint("organisation_id", "id"),
        CheckConstraint("name <> ''", name="named"),
        CheckConstraint(f"char_length(name) <= {LONGEST_NAME}", name="name_length"),
    )
    id: Mapped[Key]
    name: Mapped[Words]
    fingerprint: Mapped[Words]
    row_kind: Mapped[RowKind] = mapped_column(words(RowKind))
    headings: Mapped[list[list[str]]] = mapped_column(JSONB)
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    words: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    made_at: Mapped[Recorded]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    forgotten_at: Mapped[Instant | None]
    organisation: Mapped[Organisation] = relationship()
    made_by: Mapped[PortalUser | None] = relationship()

    @property
    def matching(self) -> ColumnMatching:
        """How a table with these headings is read."""
        return ColumnMatching(self.row_kind, self.columns, self.words)

    def __str__(self) -> str:
        return self.name


# Headings are read in one way; a match that is forgotten makes room for another.
Index(
    "uq_column_match_in_force",
    ColumnMatch.organisation_id,
    ColumnMatch.fingerprint,
    unique=True,
    postgresql_where=text("forgotten_at IS NULL"),
)
