"""Announcements as officers write them: whom one reaches, publishing it, and ending it."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import ColumnElement, Select, distinct, false, func, or_, select, true, update

from models import (
    Announcement,
    AnnouncementOrganisation,
    AnnouncementRead,
    Contact,
    Organisation,
    PortalUser,
    Sector,
    db,
)
from rules.announcement import Wording, problems_of
from rules.mail_states import Audience
from rules.problem_codes import Code
from rules.record_fields import read_line
from rules.refusal import Problem, Refused, Unknown
from rules.states import OrganisationState
from workflows.clock import now, today
from workflows.mail.letters import write_letter

# Announcements that are over are listed so long.
PAST = timedelta(days=90)


@dataclass(frozen=True)
class AudienceCount:
    """How many organisations, how many of their contacts, and how many officers an announcement is for."""

    organisations: int
    contacts: int
    officers: int


@dataclass(frozen=True)
class AnnouncementRow:
    """An announcement with how many people have put it away."""

    announcement: Announcement
    read: int


def organisations_named(references: str) -> tuple[tuple[int, ...], list[Problem]]:
    """Return the ids of organisations by their references, one a line, and a problem for those that there are not."""
    wanted = [each for each in map(read_line, references.replace(",", "\n").splitlines()) if each]
    rows = db.session.execute(
        select(func.lower(Organisation.reference), Organisation.id).where(
            func.lower(Organisation.reference).in_([each.lower() for each in wanted])
        )
    )
    known: dict[str, int] = dict(rows.all())
    if missing := [each for each in wanted if each.lower() not in known]:
        wrong = f"There is no organisation with the reference {', '.join(missing[:5])}."
        return (), [Problem(Code.NOT_FOUND, wrong, "Look it up under Providers.", "references")]
    return tuple(sorted(set(known.values()))), []


def reach(typed: Wording) -> AudienceCount:
    """Return whom an announcement is for, by the condition its e-mails go by."""
    organisations, contacts = db.session.execute(
        _contacts(typed).with_only_columns(
            func.count(distinct(Contact.organisation_id)), func.count(distinct(Contact.email))
        )
    ).one()
    officers = db.session.scalar(_officers(typed).with_only_columns(func.count())) or 0
    return AudienceCount(organisations, contacts, officers)


def publish(typed: Wording, more: list[Problem]) -> Announcement:
    """Publish an announcement. Where it goes by e-mail too and begins today, its e-mails are written at once. Commits.

    Raises Refused with everything that is wrong, `more` included.
    """
    if problems := [*more, *problems_of(typed)]:
        raise Refused(*problems)
    announcement = Announcement(
        title=typed.title, body=typed.body, audience=typed.audience, sector_id=typed.sector_id, start=typed.start,
        end=typed.end, widespread=typed.widespread, for_staff=typed.for_staff, by_email=typed.by_email,
    )  # fmt: skip
    db.session.add(announcement)
    db.session.flush()
    for organisation_id in typed.organisation_ids:
        db.session.add(AnnouncementOrganisation(announcement_id=announcement.id, organisation_id=organisation_id))
    write_due_emails()
    db.session.commit()
    return announcement


def write_due_emails() -> int:
    """Write the e-mails of announcements whose first day has come, each announcement once; returns how many e-mails.

    To whoever an announcement is for today. One that was ended before writes none. No commit.
    """
    due = select(Announcement).where(
        Announcement.by_email, Announcement.emailed_at.is_(None), Announcement.in_force(today())
    )
    written = 0
    for each in db.session.scalars(due.order_by(Announcement.id).with_for_update(skip_locked=True)):
        each.emailed_at = now()
        written += _write_emails(each)
    return written


def end(announcement_id: int) -> Announcement:
    """Take an announcement off the pages now. Commits. Raises Unknown, and Refused where it was ended before."""
    ended: Announcement | None = db.session.scalars(
        update(Announcement)
        .where(Announcement.id == announcement_id, Announcement.ended_at.is_(None))
        .values(ended_at=now())
        .returning(Announcement)
    ).first()
    if ended is None:
        if db.session.get(Announcement, announcement_id) is None:
            raise Unknown
        raise Refused(Problem(Code.DONE_ALREADY, "It was ended before.", "Nothing was changed."))
    db.session.commit()
    return ended


def listed() -> tuple[list[AnnouncementRow], list[AnnouncementRow]]:
    """Return the announcements that stand or will stand on pages, and those that are over, newest first each."""
    read = select(func.count()).where(AnnouncementRead.announcement_id == Announcement.id).scalar_subquery()
    over = or_(Announcement.ended_at.is_not(None), Announcement.end < today())
    rows = db.session.execute(
        select(Announcement, read, over)
        .where(or_(Announcement.end.is_(None), Announcement.end >= today() - PAST))
        .order_by(Announcement.start.desc(), Announcement.id.desc())
    ).all()
    standing = [AnnouncementRow(each, count) for each, count, is_over in rows if not is_over]
    return standing, [AnnouncementRow(each, count) for each, count, is_over in rows if is_over]


def sectors() -> list[Sector]:
    """Return the sectors, by name."""
    return list(db.session.scalars(select(Sector).order_by(Sector.name)))


def _contacts(typed: Wording) -> Select[tuple[Contact]]:
    """Return the contacts an announcement is for: of live organisations, with access today."""
    return (
        select(Contact)
        .join(Organisation, Organisation.id == Contact.organisation_id)
        .where(Organisation.state == OrganisationState.LIVE, Contact.in_force(today()), _meant(typed))
    )


def _meant(typed: Wording) -> ColumnElement[bool]:
    match typed.audience:
        case Audience.EVERYBODY:
            return true()
        case Audience.SECTOR:
            return Organisation.sector_id == typed.sector_id
        case _:
            return Organisation.id.in_(typed.organisation_ids)


def _officers(typed: Wording) -> Select[tuple[PortalUser]]:
    """Return the officers an announcement is for: all who can sign in, or none."""
    theirs = typed.for_staff or typed.widespread or typed.audience is Audience.STAFF
    return select(PortalUser).where(PortalUser.council, PortalUser.active, true() if theirs else false())


def _write_emails(announcement: Announcement) -> int:
    meant = Wording(
        title=announcement.title, body=announcement.body, audience=announcement.audience,
        sector_id=announcement.sector_id, organisation_ids=tuple(each.id for each in announcement.organisations),
        start=announcement.start, end=announcement.end, widespread=announcement.widespread,
        for_staff=announcement.for_staff,
    )  # fmt: skip
    words = {"title": meant.title, "text": meant.body, "address": current_app.config["PORTAL_ADDRESS"]}
    told = _contacts(meant).with_only_columns(Contact.email, func.min(Contact.organisation_id))
    contacts = db.session.execute(told.group_by(Contact.email).order_by(Contact.email)).all()
    officers = db.session.scalars(_officers(meant).with_only_columns(PortalUser.email).order_by(PortalUser.id)).all()
    for recipient, organisation_id in (*contacts, *((each, None) for each in officers)):
        write_letter(recipient, "announcement", organisation_id, **words)
    return len(contacts) + len(officers)
