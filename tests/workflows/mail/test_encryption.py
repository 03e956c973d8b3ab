"""A real SMTP server with STARTTLS and a password: who is trusted with it, and what happens where it is wrong."""

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from sqlalchemy import select

from models import Email, db
from rules.mail_states import EmailState
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.mail.outbox import write_email
from workflows.mail.sender import send_waiting
from workflows.mail.smtp import MailServerAway

PASSWORD = b"correct horse"


class Taken:
    """What came in, and every password that was shown, over an encrypted connection only."""

    def __init__(self) -> None:
        self.encrypted: list[bool] = []
        self.shown: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, session: Session, _envelope: Envelope) -> str:  # noqa: N802
        """Take an e-mail."""
        self.encrypted.append(session.ssl is not None)
        return "250 taken"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object
    ) -> AuthResult:
        """Let in whoever knows the password."""
        assert isinstance(given, LoginPassword)
        self.shown.append(given.password)
        return AuthResult(success=given.password == PASSWORD, handled=False)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 that nobody else signed, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=20_000))  # the portal's clock is another one in tests
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file = folder / "server.pem"
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, plain, serialization.NoEncryption()))
    return file


@pytest.fixture
def file(app: Flask, tmp_path: Path) -> Path:
    with app.app_context():
        return certificate(tmp_path)


@pytest.fixture
def taken(app: Flask, world: World, file: Path) -> Iterator[Taken]:
    """A mail server that asks for encryption and a password; the portal has one e-mail for it."""
    context, found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Taken()
    context.load_cert_chain(file)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(
        found, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True,
        authenticator=found.authenticate,
    )  # fmt: skip
    controller.start()
    app.config.update(MAIL_SERVER=f"127.0.0.1:{port}", MAIL_TIMEOUT=2.0)
    write_email("mary@provider.example", "A notice", "Sign in to read it.\n")
    db.session.commit()
    yield found
    controller.stop(no_assert=True)
    app.config.update(MAIL_SERVER="", MAIL_TIMEOUT=20.0, MAIL_USER="", MAIL_PASSWORD="")


def state() -> EmailState:
    (found,) = db.session.scalars(select(Email.state))
    return EmailState(found)


def test_an_email_is_sent_encrypted_with_the_password_to_a_server_that_is_known(
    app: Flask, taken: Taken, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    app.config.update(MAIL_USER="portal", MAIL_PASSWORD=PASSWORD.decode())
    send_waiting()
    assert (taken.encrypted, taken.shown, state()) == ([True], [PASSWORD], EmailState.SENT)


def test_no_password_is_shown_to_a_server_whose_certificate_nobody_knows(app: Flask, taken: Taken) -> None:
    app.config.update(MAIL_USER="portal", MAIL_PASSWORD=PASSWORD.decode())
    with pytest.raises(MailServerAway, match="certificate verify failed"):
        send_waiting()
    assert (taken.encrypted, taken.shown, state()) == ([], [], EmailState.WAITING)


def test_a_wrong_password_costs_no_email_an_attempt(
    app: Flask, taken: Taken, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    app.config.update(MAIL_USER="portal", MAIL_PASSWORD="wrong")
    with pytest.raises(MailServerAway, match="535"):
        send_waiting()
    assert (taken.encrypted, state()) == ([], EmailState.WAITING)


def test_without_a_password_any_encryption_is_better_than_none(taken: Taken) -> None:
    send_waiting()
    assert (taken.encrypted, taken.shown, state()) == ([True], [], EmailState.SENT)
