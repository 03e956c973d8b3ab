"""E-mails leave the outbox: by the council's mail server, or onto the console where none is named."""

import smtplib
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol

from flask import current_app
from sqlalchemy import Integer, String, cast, func, or_, select, update

from models import Email, PasswordReset, db
from rules.states import EmailState
from rules.words import counted
from workflows.clock import now

MOST_ATTEMPTS = 5
# One run ends even where e-mails are written faster than they are sent; the next minute takes up the rest.
MOST_IN_A_RUN = 500
TIMEOUT_SECONDS = 20
IMPLICIT_TLS = 465


class MailServerAway(Exception):
    """The mail server cannot be used at all: every e-mail waits on, and none has lost an attempt by it."""


class Carrier(Protocol):
    """Takes one e-mail away; raises OSError (smtplib's errors are), or ValueError, where this one cannot be taken."""

    def __call__(self, message: EmailMessage) -> None: ...


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
    after five attempts it has failed, for staff to see. Each is a transaction of its own: a process that is killed
    half-way sends at most that one e-mail twice. Raises MailServerAway.
    """
    _wipe_dead_links()
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


def _take(after: int) -> Email | None:
    """Lock the next e-mail that is due, passing over those that another sender holds."""
    pause = func.make_interval(0, 0, 0, 0, 0, func.power(10, Email.attempts - 1).cast(Integer))
    due: Email | None = db.session.scalar(
        select(Email)
        .where(Email.id > after, Email.state == EmailState.WAITING)
        .where((Email.attempts == 0) | (Email.written_at + pause <= now()))
        .order_by(Email.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return due


def _try_to_send(email: Email, carry: Carrier, done: Sent) -> None:
    email.attempts += 1
    try:
        carry(_message(email))
    except (OSError, ValueError) as error:
        done.failed += 1
        email.problem = f"Attempt {email.attempts} of {MOST_ATTEMPTS}: {error}"[:500]
        if email.attempts >= MOST_ATTEMPTS:
            email.state = EmailState.FAILED
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
    message["Auto-Submitted"] = "auto-generated"  # asks out-of-office replies to stay away
    message.set_content(email.body)
    return message


@contextmanager
def _carrier() -> Iterator[Carrier]:
    if server := current_app.config["MAIL_SERVER"]:
        by_mail = _ByMail(server)
        try:
            yield by_mail
        finally:
            by_mail.close()
    else:
        yield _onto_console


def _onto_console(message: EmailMessage) -> None:
    rule = "-" * 72
    text = f"To: {message['To']}\nSubject: {message['Subject']}\n\n{message.get_content()}"
    sys.stdout.write(f"{rule}\nE-mail (no MAIL_SERVER is set, so it is shown here)\n{text}{rule}\n")
    sys.stdout.flush()


class _ByMail:
    """Hands e-mails to a server named as host[:port], over one connection that is made when the first one leaves."""

    def __init__(self, server: str) -> None:
        host, _, port = server.partition(":")
        self.host, self.port = host, int(port or 0)
        self.connection: smtplib.SMTP | None = None

    def __call__(self, message: EmailMessage) -> None:
        self.connection = self.connection or self._connect()
        try:
            self.connection.send_message(message)
        except (smtplib.SMTPServerDisconnected, TimeoutError):
            self.connection = None
            raise

    def _connect(self) -> smtplib.SMTP:
        # A password goes only to a server whose certificate is good; without one, any encryption is better than none.
        context = ssl.create_default_context() if current_app.config["MAIL_USER"] else None
        connection: smtplib.SMTP | None = None
        try:
            if self.port == IMPLICIT_TLS:
                connection = smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_SECONDS, context=context)
            else:
                connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS)
            self._introduce(connection, context)
        except OSError as error:
            if connection:
                connection.close()
            raise MailServerAway(f"The mail server {self.host} cannot be used: {error}") from error
        return connection

    def _introduce(self, connection: smtplib.SMTP, context: ssl.SSLContext | None) -> None:
        encrypted = self.port == IMPLICIT_TLS
        connection.ehlo()
        if not encrypted and connection.has_extn("starttls"):
            connection.starttls(context=context)
            encrypted = True
        if user := current_app.config["MAIL_USER"]:
            if not encrypted:
                raise OSError("it offers no encryption, so MAIL_PASSWORD was not sent to it")
            connection.login(user, current_app.config["MAIL_PASSWORD"])

    def close(self) -> None:
        if self.connection:
            try:
                self.connection.quit()
            except OSError:
                return
