"""The reminder of weeks that are not confirmed some days before their date."""

from models import Contact
from rules.mail_states import ReminderKind
from workflows.actuals.late import due_soon
from workflows.mail.reminded import remind_once


def remind_of_weeks() -> int:
    """Remind organisations of weeks to confirm, once a period; return how many e-mails were written. Commits."""
    return remind_once(ReminderKind.WEEKS, due_soon(), Contact.may_actuals)
