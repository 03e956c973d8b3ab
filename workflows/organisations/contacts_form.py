"""The contacts form: sent to organisations before their go-live, answered by whoever has its personal link.

Who answers has no session. What they name is written under the login of the pages of signing in, which may add people
for the organisation of a link that works, and read none of them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import exists, insert, or_, select, update
from sqlalchemy.orm import aliased, joinedload

from models import (
    SIGN_IN,
    ContactsForm,
    Email,
    Organisation,
    PortalUser,
    ProposedContact,
    Rollout,
    Sector,
    acting_for,
    db,
)
from rules.contacts_form import read_named
from rules.email_address import read_email
from rules.go_live import LACKS_CONTACTS, FormStage, Lack
from rules.period import uk_date
from rules.refusal import NotUnderstood
from workflows.clock import london_day, now, today
from workflows.hashes import hash_token, new_token
from workflows.mail.letters import write_letter
from workflows.organisations import roll_out
from workflows.organisations.go_live import Readiness, readiness

LINK_LASTS = timedelta(days=30)
# Who has not answered is reminded by itself after so long, until so many links were sent.
REMINDED_AFTER, MOST_SENT = timedelta(days=7), 4


class FormLinkIsDead(Exception):
    """The link to a contacts form has expired, or never was one."""


@dataclass(frozen=True)
class OpenForm:
    """A contacts form as whoever has its link sees it; `answered` where there is nothing to name any more."""

    form_id: int
    organisation_id: int
    organisation: str
    opens_on: date | None
    wants_payments: bool
    wants_documents: bool
    answered: bool


@dataclass(frozen=True)
class Reach:
    """Whom sending the form would reach, with the address; and who is left out, with why."""

    reached: list[tuple[Readiness, str]]
    left_out: list[tuple[Readiness, str]]


def whom_it_reaches(organisation_ids: Collection[int]) -> Reach:
    """Say to whom the contacts form, or a reminder of it, would be sent, by name."""
    reach = Reach([], [])
    for row in readiness(organisation_ids):
        address = _address_of(row)
        if why := _why_not(row, address):
            reach.left_out.append((row, why))
        else:
            reach.reached.append((row, address))
    return reach


def send(organisation_ids: Collection[int], officer: PortalUser | None) -> int:
    """Send organisations their contacts form, or a reminder with a new link; return to how many. Commits.

    Each is sent one a day at most, however often this is asked for.
    """
    # One after the other: of two who send at once, the second finds what the first has sent.
    db.session.execute(
        select(Organisation.id).where(Organisation.id.in_(organisation_ids)).order_by(Organisation.id).with_for_update()
    )
    opens_on = {row.sector_id: row.opens_on for row in db.session.execute(select(Rollout.sector_id, Rollout.opens_on))}
    reached = whom_it_reaches(organisation_ids).reached
    for row, address in reached:
        token, at = new_token(), now()
        until = at + LINK_LASTS
        email = _write(row, address, token, until, opens_on.get(row.sector_id))
        form = ContactsForm(
            organisation_id=row.organisation_id, token_hash=hash_token(token), sent_on=today(), sent_at=at,
            expires_at=until,
            sent_by_id=officer.id if officer else None, email=email,
        )  # fmt: skip
        db.session.add(form)
    db.session.commit()
    return len(reached)


def remind_by_itself() -> int:
    """Remind whoever was asked a week ago and has not answered; return how many. Commits.

    After three reminders nobody is sent another: there the council telephones.
    """
    unanswered = [
        row.organisation_id
        for row in readiness()
        if row.form in (FormStage.SENT, FormStage.OPENED)
        and row.form_sent_on
        and today() - row.form_sent_on >= REMINDED_AFTER
        and row.forms_sent < MOST_SENT
    ]
    return send(unanswered, None) if unanswered else 0


def open_form(token: str) -> OpenForm:
    """Return the form behind a link, and note that it was opened. Commits. Raises FormLinkIsDead."""
    with acting_for(SIGN_IN):
        found = _find(token)
        db.session.execute(
            update(ContactsForm)
            .where(ContactsForm.id == found.form_id, ContactsForm.opened_at.is_(None))
            .values(opened_at=now())
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        return found


def answer(token: str, typed: Mapping[str, str]) -> OpenForm:
    """Keep whom an organisation names, to be confirmed; a form that was answered already stays as it was. Commits.

    Raises FormLinkIsDead, and Refused as `read_named`.
    """
    with acting_for(SIGN_IN):
        found = _find(token)
        named = [] if found.answered else read_named(typed, found.wants_payments, found.wants_documents)
        if not named:
            return found
        people = [
            {
                "organisation_id": found.organisation_id, "contacts_form_id": found.form_id, "name": each.name,
                "job": each.job, "email": each.email, "phone": each.phone, "may_payments": each.for_payments,
                "may_documents": each.for_documents, "state": "proposed", "proposed_at": now(),
            }
            for each in named
        ]  # fmt: skip
        # Of two who send at once the second finds it answered.
        still_open = select(ContactsForm.id).where(ContactsForm.id == found.form_id, ContactsForm.answered_at.is_(None))
        if db.session.scalar(still_open.with_for_update()):
            # Inline: the new ids are not asked for, which this login may not read.
            db.session.execute(insert(ProposedContact.__table__).inline(), people)
            db.session.execute(
                update(ContactsForm)
                .where(ContactsForm.id == found.form_id)
                .values(answered_at=now())
                .execution_options(synchronize_session=False)
            )
        db.session.commit()
        return found


def _write(row: Readiness, address: str, token: str, until: datetime, opens_on: date | None) -> Email:
    return write_letter(
        address,
        "contacts form again" if row.form_sent_on else "contacts form",
        row.organisation_id,
        organisation=row.name,
        address=f"{current_app.config['PORTAL_ADDRESS']}/contacts-form/{token}",
        until=uk_date(london_day(until)),
        opens=f"Your kind of service joins the provider portal on {uk_date(opens_on)}." if opens_on else "",
    )


def _find(token: str) -> OpenForm:
    later = aliased(ContactsForm)
    answered = exists().where(
        later.organisation_id == ContactsForm.organisation_id,
        later.answered_at.is_not(None),
        # By a link sent later, or by an older one that was still at hand.
        or_(later.id >= ContactsForm.id, later.answered_at >= ContactsForm.sent_at),
    )
    row = db.session.execute(
        select(ContactsForm.id, Organisation, answered)
        .join(Organisation, Organisation.id == ContactsForm.organisation_id)
        .where(ContactsForm.token_hash == hash_token(token), ContactsForm.expires_at > now())
        .where(Organisation.state.not_in(roll_out.CLOSED))
        .options(joinedload(Organisation.sector).joinedload(Sector.rollout))
    ).one_or_none()
    if row is None:
        raise FormLinkIsDead
    form_id, organisation, is_answered = row
    payments, documents = roll_out.has_contacts(organisation)
    return OpenForm(
        form_id,
        organisation.id,
        organisation.name,
        organisation.sector.rollout.opens_on if organisation.sector.rollout else None,
        wants_payments=not payments,
        wants_documents=not documents,
        answered=is_answered or (payments and documents),
    )


def _address_of(row: Readiness) -> str:
    try:
        return read_email(row.address)
    except NotUnderstood:
        return ""


def _why_not(row: Readiness, address: str) -> str:
    if row.lack is Lack.CONFIRMATION:
        return "has named its contacts: they wait for your confirmation"
    if row.lack not in LACKS_CONTACTS:
        return "has both contacts"
    if not address:
        return "has no e-mail address that can be used"
    return "was sent one today" if row.form_sent_on == today() else ""
