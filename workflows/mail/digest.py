"""The digest of a day: notices that waited for it, in one e-mail; and who wants notices how."""

from collections import defaultdict

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import ColumnElement, exists, select, update

from models import Contact, Email, db
from rules.mail_states import EmailState, MailChoice
from workflows.mail.letters import write_letter


def waits_for_digest() -> ColumnElement[bool]:
    """Return the condition that an e-mail is a notice to a contact who does not want notices at once."""
    return Email.is_notice & exists().where(
        Contact.organisation_id == Email.organisation_id,
        Contact.email == Email.recipient,
        Contact.mail != MailChoice.AT_ONCE,
    )


def gather() -> int:
    """Put the notices that wait for it into one e-mail for each contact, and leave out those that nobody wants.

    Returns how many digests were written. Commits; of two at once each notice is in one digest.
    """
    rows = db.session.execute(
        select(Email, Contact)
        .join(Contact, (Contact.organisation_id == Email.organisation_id) & (Contact.email == Email.recipient))
        .where(Email.state == EmailState.WAITING, Email.is_notice, Contact.mail != MailChoice.AT_ONCE)
        .order_by(Email.id)
        .with_for_update(of=Email, skip_locked=True)
    ).all()
    wanted: dict[Contact, list[Email]] = defaultdict(list)
    for email, contact in rows:
        if contact.mail is MailChoice.DAILY:
            wanted[contact].append(email)
        else:
            email.state = EmailState.LEFT_OUT
    for contact, emails in wanted.items():
        _write(contact, emails)
    db.session.commit()
    return len(wanted)


def _write(contact: Contact, emails: list[Email]) -> None:
    notices = "\n".join(f"{each.subject}\n{each.body}" for each in emails)
    address = unsubscribe_address(contact.id, contact.organisation_id)
    digest = write_letter(contact.email, "digest", contact.organisation_id, notices=notices, address=address)
    digest.digest_for_id = contact.id
    db.session.flush()
    for each in emails:
        each.state, each.gathered_into_id = EmailState.GATHERED, digest.id


def unsubscribe_address(contact_id: int, organisation_id: int) -> str:
    """Return the signed address at which a contact, and nobody else, wants no digests any more."""
    return f"{current_app.config['PORTAL_ADDRESS']}/unsubscribe/{_signer().dumps([contact_id, organisation_id])}"


def read_token(token: str) -> tuple[int, int] | None:
    """Return the contact and organisation of a signed address, nothing where it is not one of ours."""
    try:
        contact_id, organisation_id = _signer().loads(token)
    except (BadData, ValueError, TypeError):
        return None
    return contact_id, organisation_id


def choose(contact_id: int, choice: MailChoice) -> bool:
    """Send a contact notices so from now on; whether there is such a contact in scope. Commits."""
    changed = db.session.scalar(
        update(Contact).where(Contact.id == contact_id).values(mail=choice).returning(Contact.id)
    )
    db.session.commit()
    return changed is not None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="digest")
