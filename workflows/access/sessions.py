"""Sessions of signed-in people: opened at the last step of signing in, kept in the database, ended on the server."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.attributes import set_committed_value

from models import (
    Contact,
    ContactService,
    KeptForm,
    Organisation,
    PortalUser,
    UserSession,
    db,
    limit_to_services,
    say_who,
)
from workflows import counts, policy
from workflows.clock import now, today
from workflows.hashes import hash_token, new_token
from workflows.upkeep.trail import note

# Writing "last seen" on every click would make every page a write.
SEEN_EVERY = timedelta(minutes=1)
# Built once: every page executes them first.
_SESSION = (
    select(UserSession, policy.ALL, exists().where(KeptForm.user_id == UserSession.user_id))
    .where(UserSession.token_hash == bindparam("hash"), UserSession.ended_at.is_(None))
    .options(joinedload(UserSession.user).joinedload(PortalUser.roles))
)
_CONTACT = (
    select(
        Contact,
        select(func.array_agg(ContactService.service_id))
        .where(ContactService.contact_id == Contact.id)
        .correlate(Contact)
        .scalar_subquery(),
        *counts.OF_PROVIDER,
    )
    .where(Contact.id == bindparam("contact"))
    .options(joinedload(Contact.organisation).joinedload(Organisation.sector))
)


def open_session(user: PortalUser, contact: Contact | None, *, began_at: datetime | None = None) -> str:
    """Open a session of `user`, for a provider as this contact, and return its token (the cookie's secret).

    `began_at` is the beginning of the session this one goes on from: its greatest age is counted from there.
    """
    token = new_token()
    db.session.add(
        UserSession(
            token_hash=hash_token(token),
            user_id=user.id,
            organisation_id=contact.organisation_id if contact else None,
            contact_id=contact.id if contact else None,
            created_at=began_at or now(),
        )
    )
    note("signed in", "ab_user", user.id, organisation_id=contact.organisation_id if contact else None)
    db.session.commit()
    return token


def find_session(token: str) -> UserSession | None:
    """Return the session behind a token with its user and roles, or nothing where it was ended."""
    row = db.session.execute(_SESSION, {"hash": hash_token(token)}).unique().first()
    if row is None or not row[0].user.active:
        return None
    policy.remember(row[1])
    found: UserSession = row[0]
    found.has_kept_forms = row[2]
    return found


def find_live(token: str) -> UserSession | None:
    """Return the session behind a token where it can still be used."""
    found = find_session(token) if token else None
    return None if found is None or is_over(found, now()) else found


def is_over(session: UserSession, at: datetime) -> bool:
    """Say whether a session has idled out or reached its greatest age at an instant (policy: SE-6, SE-7)."""
    idle = timedelta(minutes=policy.for_council("idle_minutes"))
    longest = timedelta(hours=policy.for_council("session_hours"))
    return at - session.last_seen_at > idle or at - session.created_at > longest


def seconds_left(session: UserSession, at: datetime) -> tuple[int, int]:
    """Return in how many seconds a session ends unless it is used, and in how many it ends in any case."""
    idle = session.last_seen_at + timedelta(minutes=policy.for_council("idle_minutes")) - at
    longest = session.created_at + timedelta(hours=policy.for_council("session_hours")) - at
    return int(min(idle, longest).total_seconds()), int(longest.total_seconds())


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
    asked = {"contact": session.contact_id, "user": session.user_id, "today": today()}
    found = db.session.execute(_CONTACT, asked).first()
    if found is None:
        return None
    contact, services, *waiting = found
    if services:
        limit_to_services(services)
    return contact, None if services else counts.named(waiting)


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
    """End one session on the server: its cookie opens nothing any more."""
    _end(UserSession.token_hash == hash_token(token))


def end_sessions_of(user_id: int) -> None:
    """End every session of a person, as after a new password."""
    _end(UserSession.user_id == user_id)


def _end(which: object) -> None:
    ended = db.session.scalars(
        update(UserSession)
        .where(which, UserSession.ended_at.is_(None))  # type: ignore[arg-type]
        .values(ended_at=now())
        .returning(UserSession.user_id)
    )
    for user_id in ended.all():
        note("signed out", "ab_user", user_id)
    db.session.commit()
