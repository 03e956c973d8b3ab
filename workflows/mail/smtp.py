"""One connection to the council's mail server, over which an e-mail is handed over in two steps.

First everything but the final dot: where that fails the server throws it away, and it can be tried again. Then the
e-mail is claimed in the database, and only then the dot is sent, from which on the server may have taken it.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

from flask import current_app

IMPLICIT_TLS = 465
# RFC 5321 gives a server ten minutes to answer the final dot; most take a second.
FINAL_PATIENCE = 6
GOOD = 250
GO_ON = 354


class MailServerAway(Exception):
    """The mail server cannot be used at all: every e-mail waits on, and none has lost an attempt by it."""


class NoAnswer(Exception):
    """The server was given the whole e-mail and never said whether it took it."""


class ByMail:
    """Hands e-mails to a server named as host[:port], over one connection that is made when the first one leaves."""

    def __init__(self, server: str) -> None:
        host, _, port = server.partition(":")
        self.host, self.port = host, int(port or 0)
        self.timeout = float(current_app.config["MAIL_TIMEOUT"])
        self.connection: smtplib.SMTP | None = None

    def __call__(self, message: EmailMessage, claim: Callable[[], None]) -> None:
        """Hand one e-mail over; `claim` is called when the server has all of it but the final dot.

        Raises MailServerAway; OSError or ValueError where the server has not taken it; NoAnswer.
        """
        self.connection = self.connection or self._connect()
        try:
            self._hand_over(self.connection, message)
            claim()
            self._finish(self.connection)
        except smtplib.SMTPResponseException as refused:
            self._start_over()
            raise OSError(f"{refused.smtp_code} {_words(refused.smtp_error)}") from refused
        except (OSError, NoAnswer):
            self._drop()
            raise

    def _hand_over(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        sender, recipient = (_address(message, name) for name in ("From", "To"))
        for command, wanted in (
            (f"MAIL FROM:<{sender}>", GOOD),
            (f"RCPT TO:<{recipient}>", GOOD),
            ("DATA", GO_ON),
        ):
            code, said = connection.docmd(command)
            if code // 10 != wanted // 10:
                raise smtplib.SMTPResponseException(code, said)
        text = message.as_bytes(policy=SMTP)
        connection.send(re.sub(rb"(?m)^\.", b"..", text))

    def _finish(self, connection: smtplib.SMTP) -> None:
        connection.sock.settimeout(self.timeout * FINAL_PATIENCE)  # type: ignore[union-attr]
        try:
            connection.send(b".\r\n")
            code, said = connection.getreply()
        except OSError as silent:
            raise NoAnswer(str(silent)) from silent
        connection.sock.settimeout(self.timeout)  # type: ignore[union-attr]
        if code != GOOD:
            raise smtplib.SMTPResponseException(code, said)

    def _start_over(self) -> None:
        try:
            if self.connection:
                self.connection.rset()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def _connect(self) -> smtplib.SMTP:
        # A password goes only to a server whose certificate is good; without one, any encryption is better than none.
        context = ssl.create_default_context() if current_app.config["MAIL_USER"] else None
        connection: smtplib.SMTP | None = None
        try:
            if self.port == IMPLICIT_TLS:
                connection = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
            else:
                connection = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
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
            connection.ehlo()
            encrypted = True
        if user := current_app.config["MAIL_USER"]:
            if not encrypted:
                raise OSError("it offers no encryption, so MAIL_PASSWORD was not sent to it")
            connection.login(user, current_app.config["MAIL_PASSWORD"])

    def close(self) -> None:
        """Say goodbye, if anything was said."""
        if self.connection:
            try:
                self.connection.quit()
            except OSError:
                return


def _address(message: EmailMessage, header: str) -> str:
    addresses = message[header].addresses
    if len(addresses) != 1:
        raise ValueError(f"{header} is not one address")
    return str(addresses[0].addr_spec)


def _words(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
