"""Reminders are sent once: each is written down in one statement as it is sent, so that of two at once one sends it."""

from collections.abc import Collection

from flask import current_app
from sqlalchemy import SQLColumnExpression, select
from sqlalchemy.dialects.postgresql import insert

from models import Contact, Reminder, db
from rules.mail_states import ReminderKind
from workflows.clock import today
from workflows.mail.letters import write_letter

# kind: its letter, and the page it leads to
_LETTERS = {
    ReminderKind.WEEKS: ("weeks to confirm", "/actuals"),
    ReminderKind.DOCUMENT: ("document waits", "/contract-documents"),
    ReminderKind.ANSWER: ("answer waits", "/conversations"),
}


def remind_once(kind: ReminderKind, due: Collection[tuple[int, str]], who: SQLColumnExpression[bool]) -> int:
    """Remind organisations, by id, of what each is `about`, unless they were before; return how many e-mails that were.

    The contacts who are `who` get one e-mail, for however many things. Commits. In the council's scope.
    """
    if not due:
        return 0
    rows = [{"kind": kind, "organisation_id": organisation_id, "about": about} for organisation_id, about in due]
    new = set(
        db.session.scalars(insert(Reminder).values(rows).on_conflict_do_nothing().returning(Reminder.organisation_id))
    )
    contacts = select(Contact.organisation_id, Contact.email).where(
        Contact.organisation_id.in_(new), Contact.in_force(today()), who
    )
    name, path = _LETTERS[kind]
    told = db.session.execute(contacts.order_by(Contact.id)).all()
    for organisation_id, recipient in told:
        write_letter(recipient, name, organisation_id, address=f"{current_app.config['PORTAL_ADDRESS']}{path}")
    db.session.commit()
    return len(told)
