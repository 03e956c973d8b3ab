"""Every morning: organisations are reminded of what waits for them, each thing once; notices go into their digests.

Of their contacts form and their contacts, of weeks to confirm, documents to answer and answers to read. Officers are
told of invoices that have been unpaid for long. Announcements whose first day has come go out by e-mail.
"""

from datetime import date

from rules.words import counted
from workflows.actuals.remind import remind_of_weeks
from workflows.contracts.remind import remind_of_documents
from workflows.conversations.remind import remind_of_answers
from workflows.front_pages.announcements import write_due_emails
from workflows.invoices.due import remind_of_unpaid
from workflows.mail.digest import gather
from workflows.organisations.contacts_form import remind_by_itself
from workflows.organisations.contacts_reminder import remind_of_contacts
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "reminders"
REMIND = (
    (remind_by_itself, "of the contacts form"),
    (remind_of_contacts, "to check contacts"),
    (remind_of_weeks, "of weeks to confirm"),
    (remind_of_documents, "of documents to answer"),
    (remind_of_answers, "of answers to read"),
)


def run(due_on: date) -> str:
    """Remind organisations and officers, and write the digests, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, _remind)
    return done.result if done else ALREADY


def _remind() -> str:
    sent = [(remind(), what) for remind, what in REMIND]
    said = [f"{counted(count, 'reminder')} {what}." for count, what in sent if count]
    if invoices := remind_of_unpaid():
        said.append(f"Officers were told of {counted(invoices, 'unpaid invoice')}.")
    if emails := write_due_emails():
        said.append(f"{counted(emails, 'e-mail')} of announcements written.")
    if digests := gather():
        said.append(f"{counted(digests, 'digest')} written.")
    return " ".join(said) or "Nobody to remind."
