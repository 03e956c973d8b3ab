"""Announcements as they are read: of widespread problems, open to everybody; and put away by who has read one."""

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from models import Announcement, AnnouncementRead, db
from workflows.clock import today

# What this process saw last, for the page that says the database is away.
_SEEN = "widespread_problems"


@dataclass(frozen=True)
class Notice:
    """An announcement on the page."""

    id: int
    title: str
    body: str
    widespread: bool


def widespread() -> list[Announcement]:
    """Return the widespread problems announced today, newest first; anybody may read them, in any scope."""
    statement = select(Announcement).where(Announcement.widespread, Announcement.in_force(today()))
    found = list(db.session.scalars(statement.order_by(Announcement.start.desc(), Announcement.id.desc())))
    current_app.extensions[_SEEN] = [(each.start, each.end, _notice(each)) for each in found]
    return found


def notices() -> list[Notice]:
    """Return the widespread problems announced today as pages show them."""
    return [_notice(each) for each in widespread()]


def seen_last() -> list[Notice]:
    """Return the widespread problems as this process saw them last, without asking the database."""
    seen = current_app.extensions.get(_SEEN, [])
    return [notice for start, end, notice in seen if start <= today() and (end is None or today() <= end)]


def put_away(announcement_id: int, user_id: int, organisation_id: int | None) -> None:
    """Show an announcement no more to a person who has read it, in the organisation they act for. Commits.

    Done twice it is done once; one that is gone, or not for them, is left alone.
    """
    there = select(Announcement.id).where(Announcement.id == announcement_id)
    if db.session.scalar(there) is not None:
        row = {"announcement_id": announcement_id, "user_id": user_id, "organisation_id": organisation_id}
        db.session.execute(insert(AnnouncementRead).values(row).on_conflict_do_nothing())
    db.session.commit()


def _notice(announcement: Announcement) -> Notice:
    return Notice(announcement.id, announcement.title, announcement.body, announcement.widespread)
