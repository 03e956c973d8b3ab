"""Every minute: e-mails that wait are sent."""

from datetime import date

from rules.states import JobState
from workflows.clock import now
from workflows.mail.sender import send_waiting
from workflows.mail.smtp import MailServerAway
from workflows.upkeep.job_run import note_run

NAME = "emails"


def run(due_on: date) -> str:
    """Send the e-mails that wait; returns a sentence about it.

    Two at once do no harm (each e-mail is locked while it is sent), so a run is only written down where there was
    something to send; while the mail server is away, once an hour. The table would grow by a row a minute otherwise.
    """
    try:
        done = send_waiting()
    except MailServerAway as error:
        note_run(NAME, due_on, f"{now():%H} mail server", str(error), JobState.FAILED)
        raise
    if done.sent or done.failed:
        note_run(NAME, due_on, f"{now():%H:%M:%S.%f}", str(done), JobState.FAILED if done.failed else JobState.DONE)
    return str(done)
