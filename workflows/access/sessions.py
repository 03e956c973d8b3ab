"""Sessions of signed-in people: opened at the last step of signing in, kept in the database, ended on the server."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import g
from flask_appbuilder.security.sqla.models import Role, assoc_user_role
from sqlalchemy import ColumnElement, and_, bindparam, exists, func, select, text, update
from sqlalchemy.orm.attributes import set_committed_value

from models import (
    Contact,
    ContactService,
    KeptForm,
    Organisation,
    PortalUser,
    Sector,
    UserSession,
    db,
    limit_to_services,
    say_who,
)
from models.detached import columns_of, detached
from models.written_out import WrittenOut
from workflows import counts, policy
from workflows.access import devices
from workflows.clock import now, today
from workflows.hashes import Opens, is_of, kept_as, token_of
from workflows.upkeep.trail import note

# Writing "last seen" on every click would make every page a write.
SEEN_EVERY = timedelta(minutes=1)
_SESSION_COLUMNS, _USER_COLUMNS = columns_of(UserSession), columns_of(PortalUser)
_ROLES = (
    select(func.coalesce(func.json_agg(func.json_build_array(Role.id, Role.name)), text("'[]'")))
    .join(assoc_user_role, assoc_user_role.c.role_id == Role.id)
    .where(assoc_user_role.c.user_id == UserSession.user_id)
    .scalar_subquery()
)
# Every page asks these two first.
_SESSION = (
    select(
        _ROLES,
        policy.ALL,
        exists().where(KeptForm.user_id == UserSession.user_id),
        *_SESSION_COLUMNS.values(),
        *_USER_COLUMNS.values(),
    )
    .join(PortalUser, PortalUser.id == UserSession.user_id)
    .where(UserSession.token_hash == bindparam("hash"), UserSession.ended_at.is_(None))
)
_CONTACT_COLUMNS, _ORGANISATION_COLUMNS = columns_of(Contact), columns_of(Organisation)
_SECTOR_COLUMNS = columns_of(Sector)
_CONTACT = (
    select(
        select(func.array_agg(ContactService.service_id))
        .where(ContactService.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery(),
        *_CONTACT_COLUMNS.values(),
        *_ORGANISATION_COLUMNS.values(),
        *_SECTOR_COLUMNS.values(),
        *counts.OF_PROVIDER,
    )
    .join(Organisation, Organisation.id == Contact.organisation_id)
    .join(Sector, Sector.id == Organisation.sector_id)
    .where(Contact.id == bindparam("contact"))
)


@cache
def _session() -> WrittenOut:
    return WrittenOut(_SESSION)


@cache
def _contact() -> WrittenOut:
    return WrittenOut(_CONTACT)


def open_session(user: PortalUser, contact: Contact | None, *, began_at: datetime | None = None) -> str:
    """Open a session of `user`, for a provider as this contact, and return its token (the cookie's secret).

    `began_at` is the beginning of the session this one goes on from: its greatest age is counted from there.
    """
    token = token_of(user.id)
    db.session.add(
        UserSession(
            token_hash=kept_as(token, Opens.SESSION),
            user_id=user.id,
            organisation_id=contact.organisation_id if contact else None,
            contact_id=contact.id if contact else None,
            created_at=began_at or now(),
            address=g.get("acting_address") or "",
            browser=devices.browser(),
        )
    )
    note("signed in", "ab_user", user.id, organisation_id=contact.organisation_id if contact else None)
    db.session.commit()
    return token


def find_session(token: str) -> UserSession | None:
    """Return the session behind a token with its user and roles, or nothing where it was ended.

    They are in no session of SQLAlchemy: what is read before a scope is in force is carried into none.
    """
    row = _session().first_alone({"hash": kept_as(token, Opens.SESSION)})
    if row is None:
        return None
    (roles, settings, has_kept_forms), values = row[:3], row[3:]
    number = len(_SESSION_COLUMNS)
    given: list[Any] = [detached(Role, {"id": role_id, "name": name}) for role_id, name in roles]
    user = detached(PortalUser, dict(zip(_USER_COLUMNS, values[number:], strict=True)), roles=given)
    found = detached(UserSession, dict(zip(_SESSION_COLUMNS, values[:number], strict=True)), user=user)
    if not user.active or not is_of(token, user.id):
        return None
    policy.remember(settings)
    found.has_kept_forms = has_kept_forms
    return found


def find_live(token: str) -> UserSession | None:
    """Return the session behind a token where it can still be used."""
    found = find_session(token) if token else None
    return None if found is None or is_over(found, now()) else db.session.merge(found, load=False)


def is_over(session: UserSession, at: datetime) -> bool:
    """Say whether a session has idled out or reached its greatest age at an instant (policy: SE-6, SE-7)."""
    idle, longest = _lasts()
    return at - session.last_seen_at > idle or at - session.created_at > longest


def can_still_be_used(at: datetime) -> ColumnElement[bool]:
    """Return the condition of sessions that are neither ended nor, as `is_over` says it, over at an instant."""
    idle, longest = _lasts()
    return and_(
        UserSession.ended_at.is_(None), UserSession.last_seen_at >= at - idle, UserSession.created_at >= at - longest
    )


def _lasts() -> tuple[timedelta, timedelta]:
    """Return how long a session lasts unused, and how long in any case."""
    return timedelta(minutes=policy.for_council("idle_minutes")), timedelta(hours=policy.for_council("session_hours"))


def seconds_left(session: UserSession, at: datetime) -> tuple[int, int]:
    """Return in how many seconds a session ends unless it is used, and in how many it ends in any case."""
    idle, longest = _lasts()
    unused, altogether = session.last_seen_at + idle - at, session.created_at + longest - at
    return int(min(unused, altogether).total_seconds()), int(altogether.total_seconds())


def touch(session: UserSession) -> None:
    """Note that the session is in use; written at most once a minute."""
    if now() - session.last_seen_at > SEEN_EVERY:
        seen = now()
        db.session.execute(update(UserSession).where(UserSession.id == session.id).values(last_seen_at=seen))
        db.session.commit()
        set_committed_value(session, "last_seen_at", seen)


def own_contact(session: UserSession) -> tuple[Contact, dict[str, Any] | None] | None:
    """Return the contact a session acts as, with organisation and sector, and what waits for them, in one query.

    To be called in the organisation's scope, which is narrowed to the services the contact is limited to; what waits
    has then to be counted anew, and is None.
    """
    found = _contact().first({"contact": session.contact_id, "user": session.user_id, "today": today()})
    if found is None:
        return None
    services, *rest = found
    values = iter(rest)
    of_contact, of_organisation, of_sector = (
        dict(zip(columns, values, strict=False))
        for columns in (_CONTACT_COLUMNS, _ORGANISATION_COLUMNS, _SECTOR_COLUMNS)
    )
    organisation = detached(Organisation, of_organisation, sector=detached(Sector, of_sector))
    contact = detached(Contact, of_contact, organisation=organisation)
    db.session.add(contact)
    if services:
        limit_to_services(services)
    return contact, None if services else counts.named(list(values))


def act_as(user_id: int | None) -> None:
    """Narrow the organisation's scope to the services a person is limited to in it: for work that is done later.

    Whose access has ended meanwhile is limited as before.
    """
    if user_id is None:
        return
    own = select(ContactService.service_id).join(ContactService.contact).where(Contact.user_id == user_id)
    if services := db.session.scalars(own).all():
        say_who(user_id, "")
        limit_to_services(services)


def stop_reading() -> None:
    """End the transaction of somebody who has only read, by a commit, unless something waits to be written.

    A rollback deallocates psycopg's prepared statements, and each would be planned again: a tenth of a page's time.
    """
    session = db.session()
    if session.in_transaction() and not (session.new or session.dirty or session.deleted):
        session.commit()


def end_session(token: str) -> None:
    """End one session on the server: its cookie opens nothing any more. Commits."""
    end_sessions(UserSession.token_hash == kept_as(token, Opens.SESSION))


def end_sessions(*which: ColumnElement[bool], why: str = "") -> int:
    """End the sessions of which all of `which` holds, and return how many there were; the trail keeps why. Commits."""
    ended = db.session.scalars(
        update(UserSession)
        .where(*which, UserSession.ended_at.is_(None))
        .values(ended_at=now())
        .returning(UserSession.user_id)
        .execution_options(synchronize_session=False)
    ).all()
    for user_id in ended:
        note("signed out", "ab_user", user_id, why)
    db.session.commit()
    return len(ended)
