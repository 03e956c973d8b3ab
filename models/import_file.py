"""Files of staff imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask_appbuilder import Model
from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Instant, Key, Recorded, Words, words
from rules.upload_states import ImportState

if TYPE_CHECKING:
    from models.user import PortalUser


class ImportFile(Model):
    """A file staff gave to an import: kept with who, when, its SHA-256, what the check found, and what became of it.

    `attempts` counts how often its check, or its writing, was begun; `done_at` is when it was written, or abandoned: by
    nobody where it was only left too long.
    """

    __tablename__ = "import_file"
    id: Mapped[Key]
    kind: Mapped[Words]
    filename: Mapped[Words]
    sha256: Mapped[str] = mapped_column(Text, index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[ImportState] = mapped_column(words(ImportState), default=ImportState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    given_at: Mapped[Recorded]
    given_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    done_at: Mapped[Instant | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    given_by: Mapped[PortalUser | None] = relationship(foreign_keys=[given_by_id])
    done_by: Mapped[PortalUser | None] = relationship(foreign_keys=[done_by_id])

    def __str__(self) -> str:
        return self.filename
