"""Every morning: organisations are reminded of their contacts form, and once a quarter to check their contacts.

Officers are told of invoices that have been unpaid for long.
"""

from datetime import date

from rules.words import counted
from workflows.invoices.due import remind_of_unpaid
from workflows.organisations.contacts_form import remind_by_itself
from workflows.organisations.contacts_reminder import remind_of_contacts
from workflows.upkeep.job_run import ALREADY, run_once

NAME = "reminders"


def run(due_on: date) -> str:
    """Remind organisations and officers, once for a date; returns a sentence about it."""
    done = run_once(NAME, due_on, lambda: _sentence(remind_by_itself(), remind_of_contacts(), remind_of_unpaid()))
    return done.result if done else ALREADY


def _sentence(of_forms: int, of_contacts: int, of_invoices: int) -> str:
    said = [
        f"{counted(sent, 'reminder')} {what}."
        for sent, what in ((of_forms, "of the contacts form"), (of_contacts, "to check contacts"))
        if sent
    ]
    if of_invoices:
        said.append(f"Officers were told of {counted(of_invoices, 'unpaid invoice')}.")
    return " ".join(said) or "Nobody to remind."
