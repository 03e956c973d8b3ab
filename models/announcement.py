"""Announcements on the page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from flask_appbuilder import Model
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, and_, or_
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Dated, Instant, Key, Recorded, Tenanted, Words, in_force_sql, words
from rules.mail_states import Audience

if TYPE_CHECKING:
    from models.organisation import Organisation
    from models.sector import Sector


def _shown_sql(of: type[Announcement], day: date) -> ColumnElement[bool]:
    return and_(of.ended_at.is_(None), in_force_sql(of, day))


class Announcement(Dated, Model):
    """A notice on the page from `start` to `end` inclusive, unless somebody ended it before (`ended_at`).

    It is for its audience; the council's officers see it too where it is `for_staff`. One of a `widespread` problem is
    for everybody, and stands on the pages that are open without signing in as well. A provider's login sees no other
    than those for its organisation. One that goes `by_email` is written to its readers on its first day (`emailed_at`).
    """

    __tablename__ = "announcement"
    __table_args__ = (
        CheckConstraint("(audience = 'sector') = (sector_id IS NOT NULL)", name="of_sector"),
        CheckConstraint("NOT widespread OR audience = 'everybody'", name="widespread_is_for_everybody"),
        CheckConstraint('"end" IS NULL OR "end" >= start', name="dates"),
        CheckConstraint("emailed_at IS NULL OR by_email", name="emailed"),
    )
    id: Mapped[Key]
    title: Mapped[Words]
    body: Mapped[Words]
    audience: Mapped[Audience] = mapped_column(
        words(Audience), default=Audience.EVERYBODY, server_default=Audience.EVERYBODY.value
    )
    sector_id: Mapped[int | None] = mapped_column(ForeignKey("sector.id"), index=True)
    widespread: Mapped[bool] = mapped_column(default=False, server_default="false")
    for_staff: Mapped[bool] = mapped_column(default=False, server_default="false")
    by_email: Mapped[bool] = mapped_column(default=False, server_default="false")
    emailed_at: Mapped[Instant | None]
    ended_at: Mapped[Instant | None]
    sector: Mapped[Sector | None] = relationship()
    organisations: Mapped[list[Organisation]] = relationship(secondary="announcement_organisation", viewonly=True)

    def _shown(self, day: date) -> bool:
        """Whether it stands on the page on a day; on the class, the SQL condition of the same."""
        return self.ended_at is None and self._in_force(day)

    in_force = hybrid_method(_shown, _shown_sql)

    @hybrid_property
    def of_officers(self) -> bool:
        """Whether the council's officers see it."""
        return self.for_staff or self.widespread or self.audience is Audience.STAFF

    @of_officers.inplace.expression
    @classmethod
    def _of_officers(cls) -> ColumnElement[bool]:
        return or_(cls.for_staff, cls.widespread, cls.audience == Audience.STAFF)

    def __str__(self) -> str:
        return self.title


class AnnouncementOrganisation(Tenanted, Model):
    """An organisation that an announcement for some organisations is for."""

    __tablename__ = "announcement_organisation"
    __table_args__ = (UniqueConstraint("announcement_id", "organisation_id"),)
    id: Mapped[Key]
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"))
    organisation: Mapped[Organisation] = relationship()


class AnnouncementRead(Model):
    """Somebody has read an announcement, in the organisation they acted for; it is not shown to them there again."""

    __tablename__ = "announcement_read"
    __table_args__ = (
        UniqueConstraint("announcement_id", "user_id", "organisation_id", postgresql_nulls_not_distinct=True),
    )
    id: Mapped[Key]
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    read_at: Mapped[Recorded]
