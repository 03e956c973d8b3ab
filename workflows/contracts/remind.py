"""The reminder of contract documents that wait for an answer."""

from datetime import timedelta

from sqlalchemy import select

from models import Contact, ContractDocument, db
from rules.agreement_states import DocumentState
from rules.mail_states import ReminderKind
from workflows import policy
from workflows.clock import now
from workflows.mail.reminded import remind_once


def remind_of_documents() -> int:
    """Remind organisations of documents that wait, each version once; return how many e-mails were written. Commits."""
    since = now() - timedelta(days=policy.for_council("reminder_document_days"))
    waiting = select(ContractDocument.organisation_id, ContractDocument.id, ContractDocument.version).where(
        ContractDocument.state == DocumentState.PUBLISHED, ContractDocument.published_at <= since
    )
    due = [
        (organisation_id, f"{key}, version {version}") for organisation_id, key, version in db.session.execute(waiting)
    ]
    return remind_once(ReminderKind.DOCUMENT, due, Contact.may_documents)
