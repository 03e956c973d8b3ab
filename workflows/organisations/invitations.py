"""Contacts are invited: an e-mail with a password to begin with, which has to be changed and expires.

An invitation is written down in the transaction of what it follows from, whoever does that; workers send it. Each is a
transaction of its own under the lock of its row, so a worker can be killed, or two work beside each other, and nobody
is invited twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from models import Contact, Email, Invitation, InvitationWave, Organisation, PortalUser, Sector, db
from rules.agreement_states import InvitationState
from rules.period import uk_clock, uk_date
from rules.problem_codes import Code
from rules.refusal import Problem, Refused
from workflows.clock import LONDON, london_day, now, today
from workflows.hashes import given_password, hash_password
from workflows.mail.letters import write_letter
from workflows.upkeep.queue import Task, defer

# How long a given password works; where the sector's turn has not come, from that day on.
PASSWORD_LASTS = timedelta(days=7)
WAITS = text("state = 'waiting'")
INVITED_BEFORE = "Was invited before."


def invite(contact: Contact, invited_by: PortalUser | None) -> None:
    """Have a contact sent an e-mail that lets them sign in; asked for twice before it is sent, it is sent once.

    To be called as the council or as the contact's organisation. Does not commit. Raises Refused where the contact's
    access has ended, or the address is an officer's.
    """
    db.session.flush()
    if problem := _why_not(contact, _user_of(contact.email)):
        raise Refused(problem)
    db.session.execute(
        insert(Invitation)
        .values(
            organisation_id=contact.organisation_id,
            contact_id=contact.id,
            asked_at=now(),
            invited_by_id=invited_by.id if invited_by else None,
        )
        .on_conflict_do_nothing(index_elements=["contact_id"], index_where=WAITS)
    )
    defer(Task.INVITATIONS)


def invite_contacts(contacts: Sequence[Contact], invited_by: PortalUser | None) -> None:
    """Invite several contacts, all or none. Commits; raises Refused as `invite`."""
    problems: list[Problem] = []
    for contact in contacts:
        try:
            invite(contact, invited_by)
        except Refused as refused:
            problems += refused.problems
    if problems:
        db.session.rollback()
        raise Refused(*problems)
    db.session.commit()


def send_waiting() -> int:
    """Write the e-mail of every invitation that waits, and return of how many; to be called as the council.

    Commits each by itself. Several processes may do so at once: each invitation is taken by one of them.
    """
    done = 0
    while invitation := _take():
        _send(invitation)
        db.session.commit()
        done += 1
    _end_waves()
    db.session.commit()
    return done


def _take() -> Invitation | None:
    """Lock the next invitation that waits, passing over those that another process holds."""
    found: Invitation | None = db.session.scalar(
        select(Invitation)
        .where(Invitation.state == InvitationState.WAITING)
        .options(
            joinedload(Invitation.contact, innerjoin=True)
            .joinedload(Contact.organisation, innerjoin=True)
            .joinedload(Organisation.sector, innerjoin=True)
            .joinedload(Sector.rollout)
        )
        .order_by(Invitation.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Invitation)
        .execution_options(populate_existing=True)
    )
    return found


def _send(invitation: Invitation) -> None:
    """Write an invitation's e-mail, or note why it is not sent."""
    contact = invitation.contact
    # A person may be invited as the contact of two organisations at once: one user, one password.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"invite {contact.email}", 0))))
    user = _user_of(contact.email)
    problem = _why_not(contact, user)
    if problem or (invitation.wave_id and contact.invited_at):
        invitation.state = InvitationState.NOT_SENT
        invitation.problem = problem.message if problem else INVITED_BEFORE
        return
    at = now()
    invitation.email = _let_in(contact, user, at)
    invitation.state, invitation.sent_at, contact.invited_at = InvitationState.SENT, at, at


def _let_in(contact: Contact, user: PortalUser | None, at: datetime) -> Email:
    """Give a contact a user, and a password where they need one; return the e-mail about it.

    Who is invited again gets a new password. Who was just invited as the contact of another organisation keeps that
    one, which is in that e-mail.
    """
    opens_on = contact.organisation.sector.rollout.opens_on if contact.organisation.sector.rollout else None
    ahead = opens_on if opens_on and opens_on > today() else None
    opens = f"The portal opens to you on {uk_date(ahead)}. Until then go on as before." if ahead else ""
    told = user is not None and contact.user is not user and user.given_until is not None and user.given_until > at
    if user and (told or not user.must_change_password):
        contact.user = user
        known = "invitation to one more" if user.must_change_password else "invitation with own password"
        return _write(contact, known, opens=opens)
    password = given_password()
    contact.user = user or _new_user(contact)
    contact.user.password = hash_password(password)
    contact.user.given_until = at + PASSWORD_LASTS + (ahead - today() if ahead else timedelta())
    day = uk_date(london_day(contact.user.given_until))
    until = f"{uk_clock(contact.user.given_until.astimezone(LONDON))} on {day}"
    return _write(contact, "invitation", opens=opens, password=password, until=until)


def _write(contact: Contact, letter: str, **values: str) -> Email:
    organisation, address = contact.organisation, f"{current_app.config['PORTAL_ADDRESS']}/sign-in"
    return write_letter(
        contact.email, letter, organisation.id, organisation=organisation.name, address=address, **values
    )


def _new_user(contact: Contact) -> PortalUser:
    first, _, last = contact.name.partition(" ")
    user = PortalUser(
        first_name=first[:64], last_name=(last or first)[:64], username=contact.email, email=contact.email, active=True,
        council=False, must_change_password=True,
    )  # fmt: skip
    db.session.add(user)
    return user


def _why_not(contact: Contact, user: PortalUser | None) -> Problem | None:
    if contact.end and (contact.ended_at or contact.end < today()):
        ended = f"The access of {contact} ended on {uk_date(contact.end)}."
        return Problem(Code.ACCESS_ENDED, ended, "Change that first.")
    if user and user.council:
        return Problem(Code.TAKEN, f"{contact.email} is the address of an officer of the council.")
    if user and not user.active:
        return Problem(Code.ACCESS_ENDED, f"The council has switched off the access of {contact}.")
    return None


def _user_of(email: str) -> PortalUser | None:
    found: PortalUser | None = db.session.scalar(
        select(PortalUser).where(func.lower(PortalUser.email) == email.lower())
    )
    return found


def _end_waves() -> None:
    waits = select(Invitation.id).where(
        Invitation.wave_id == InvitationWave.id, Invitation.state == InvitationState.WAITING
    )
    ended = select(InvitationWave).where(InvitationWave.ended_at.is_(None), ~waits.exists())
    for wave in db.session.scalars(ended.with_for_update(skip_locked=True)):
        wave.ended_at = now()
