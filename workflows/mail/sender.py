"""E-mails leave the outbox: by the council's mail server, or onto the console where none is named."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Protocol

from flask import current_app
from sqlalchemy import Integer, String, cast, func, or_, select, update

from models import Email, PasswordReset, db
from rules.mail_states import EmailState
from rules.words import counted
from workflows.clock import now
from workflows.mail.digest import unsubscribe_address, waits_for_digest
from workflows.mail.smtp import ByMail, MailServerAway, NoAnswer

MOST_ATTEMPTS = 5
# One run ends even where e-mails are written faster than they are sent; the next minute takes up the rest.
MOST_IN_A_RUN = 500
# Longer than any server may take to answer: whoever claimed an e-mail so long ago was stopped.
CLAIM_LASTS = timedelta(minutes=10)
STOPPED = "The portal was stopped at the very moment it was sent. Ask the reader whether it has arrived."


class Carrier(Protocol):
    """Takes one e-mail away, and calls `claim` before the step from which on it may have gone.

    Raises OSError or ValueError where this one was not taken, NoAnswer where nobody can know.
    """

    def __call__(self, message: EmailMessage, claim: Callable[[], None]) -> None: ...


@dataclass
class Sent:
    """How many e-mails were sent and how many could not be, each of them once in a run."""

    sent: int = 0
    failed: int = 0

    def __str__(self) -> str:
        failed = f", {self.failed} could not be sent" if self.failed else ""
        return f"{counted(self.sent, 'e-mail')} sent{failed}."


def send_waiting() -> Sent:
    """Send the e-mails that wait; several processes may do so at once, and each e-mail is taken by one of them.

    An e-mail that cannot be sent is kept with the problem in words and tried again after 1, 10, 100 and 1,000 minutes;
    after five attempts it has failed, for staff to see. None is ever sent twice: it is claimed before the last step of
    handing it over, and where that step has no answer it is unclear, for staff to decide. Raises MailServerAway.
    """
    _wipe_dead_links()
    _give_up_claims()
    done = Sent()
    last = 0
    with _carrier() as carry:
        while done.sent + done.failed < MOST_IN_A_RUN and (email := _take(last)):
            last = email.id
            try:
                _try_to_send(email, carry, done)
            except MailServerAway:
                db.session.rollback()
                raise
            db.session.commit()
    db.session.rollback()
    return done


def _wipe_dead_links() -> None:
    """Take the text out of e-mails whose link has been used or has expired, sent or not. Commits."""
    dead = select(PasswordReset.email_id).where(
        or_(PasswordReset.used_at.is_not(None), PasswordReset.expires_at <= now())
    )
    unsent = Email.state != EmailState.SENT
    db.session.execute(
        update(Email)
        .where(Email.id.in_(dead), unsent, cast(Email.body, String) != "")
        .values(body="", state=EmailState.FAILED, problem="The link in it opens nothing any more.")
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _give_up_claims() -> None:
    """Let it be unclear what became of e-mails whose sender was stopped between claim and answer. Commits."""
    stopped = (Email.state == EmailState.SENDING) & (Email.claimed_at < now() - CLAIM_LASTS)
    db.session.execute(
        update(Email)
        .where(stopped)
        .values(state=EmailState.UNCLEAR, problem=STOPPED)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _take(after: int) -> Email | None:
    """Lock the next e-mail that is due, passing over those that another sender holds."""
    pause = func.make_interval(0, 0, 0, 0, 0, func.power(10, Email.attempts - 1).cast(Integer))
    due: Email | None = db.session.scalar(
        select(Email)
        .where(Email.id > after, Email.state == EmailState.WAITING)
        .where(~waits_for_digest())
        .where((Email.attempts == 0) | (Email.written_at + pause <= now()))
        .order_by(Email.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return due


def _try_to_send(email: Email, carry: Carrier, done: Sent) -> None:
    email.attempts += 1

    def claim() -> None:
        email.state, email.claimed_at = EmailState.SENDING, now()
        db.session.commit()

    try:
        carry(_message(email), claim)
    except NoAnswer as error:
        done.failed += 1
        email.state = EmailState.UNCLEAR
        email.problem = f"The mail server took it and never answered: {error}"[:500]
    except (OSError, ValueError) as error:
        done.failed += 1
        email.problem = f"Attempt {email.attempts} of {MOST_ATTEMPTS}: {error}"[:500]
        email.state = EmailState.FAILED if email.attempts >= MOST_ATTEMPTS else EmailState.WAITING
    else:
        done.sent += 1
        email.state, email.sent_at, email.problem = EmailState.SENT, now(), ""
        if email.holds_secret:
            email.body = ""


def _message(email: Email) -> EmailMessage:
    message = EmailMessage()
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = email.recipient
    message["Subject"] = email.subject
    message["Date"] = email.written_at
    # The same at every attempt: whatever happens on the way, a mailbox can tell that it is the same e-mail.
    message["Message-ID"] = f"<{email.message_id}@{current_app.config['MAIL_FROM'].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # asks out-of-office replies to stay away
    if email.digest_for_id and email.organisation_id:
        message["List-Unsubscribe"] = f"<{unsubscribe_address(email.digest_for_id, email.organisation_id)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(email.body)
    return message


@contextmanager
def _carrier() -> Iterator[Carrier]:
    if server := current_app.config["MAIL_SERVER"]:
        by_mail = ByMail(server)
        try:
            yield by_mail
        finally:
            by_mail.close()
    else:
        yield _onto_console


def _onto_console(message: EmailMessage, claim: Callable[[], None]) -> None:
    claim()
    rule = "-" * 72
    text = f"To: {message['To']}\nSubject: {message['Subject']}\n\n{message.get_content()}"
    sys.stdout.write(f"{rule}\nE-mail (no MAIL_URL is set, so it is shown here)\n{text}{rule}\n")
    sys.stdout.flush()
