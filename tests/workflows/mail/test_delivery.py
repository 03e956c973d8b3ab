"""A real SMTP server that is down, slow, refuses, dies half-way and comes back: nothing is lost, nothing twice."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy import select, update

from models import Email, db
from rules.mail_states import EmailState
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.mail.desk import send_again
from workflows.mail.outbox import write_email
from workflows.mail.sender import send_waiting
from workflows.mail.smtp import MailServerAway


class Mailbox:
    """What the server took; and what it does to an e-mail at each step, by the name in its address."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Refuse an address, or die before the text."""
        if address.startswith("refused"):
            return "550 nobody here of that name"
        if address.startswith("dies-before"):
            _cut(server)
            return "250 good"
        envelope.rcpt_tos.append(address)
        return "250 good"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take an e-mail; or take it and die before saying so; or say that it is not taken."""
        if envelope.rcpt_tos[0].startswith("full"):
            return "452 the mailbox is full"
        self.taken.append(envelope)
        if envelope.rcpt_tos[0].startswith("dies-after"):
            _cut(server)
        return "250 taken"

    @property
    def recipients(self) -> list[str]:
        """To whom, in order."""
        return [each.rcpt_tos[0] for each in self.taken]


def _cut(server: Any) -> None:
    server.transport.abort()


class Server:
    """An SMTP server on one port of this machine, which can be killed and started again."""

    def __init__(self) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        self.mailbox = Mailbox()
        self.controller: Controller | None = None

    def start(self) -> None:
        """Listen."""
        self.controller = Controller(self.mailbox, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def kill(self) -> None:
        """Stop listening, whatever is going on."""
        if self.controller:
            self.controller.stop(no_assert=True)
        self.controller = None


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A mail server that the portal is told to use."""
    made = Server()
    made.start()
    app.config.update(MAIL_SERVER=f"127.0.0.1:{made.port}", MAIL_TIMEOUT=1.0)
    yield made
    made.kill()
    app.config.update(MAIL_SERVER="", MAIL_TIMEOUT=20.0)


def _write(*recipients: str) -> None:
    for recipient in recipients:
        write_email(f"{recipient}@provider.example", "A notice", "Sign in to read it.\n.\n..two dots\n")
    db.session.commit()


def _states() -> list[EmailState]:
    return list(db.session.scalars(select(Email.state).order_by(Email.id)))


def _later() -> None:
    db.session.execute(update(Email).values(written_at=now() - timedelta(days=1)))
    db.session.commit()


def test_the_text_arrives_as_it_was_written_dots_and_all_under_one_message_id(world: World, server: Server) -> None:
    _write("mary")
    send_waiting()
    text = server.mailbox.taken[0].content
    assert isinstance(text, bytes)
    assert text.replace(b"\r\n", b"\n").rstrip().endswith(b"Sign in to read it.\n.\n..two dots")
    assert f"Message-ID: <{db.session.scalar(select(Email.message_id))}@council.example>".encode() in text


def test_while_it_is_down_everything_waits_and_leaves_once_it_is_back(world: World, server: Server) -> None:
    server.kill()
    _write("mary", "joan")
    with pytest.raises(MailServerAway):
        send_waiting()
    assert _states() == [EmailState.WAITING] * 2
    server.start()
    assert str(send_waiting()) == "2 e-mails sent."
    assert str(send_waiting()) == "0 e-mails sent."
    assert server.mailbox.recipients == ["mary@provider.example", "joan@provider.example"]


def test_one_that_dies_before_it_has_all_of_an_email_gets_it_again_and_takes_it_once(
    world: World, server: Server
) -> None:
    _write("dies-before", "joan")
    assert str(send_waiting()) == "1 e-mail sent, 1 could not be sent."
    assert _states() == [EmailState.WAITING, EmailState.SENT]
    db.session.execute(update(Email).where(Email.id == 1).values(recipient="mary@provider.example"))
    _later()
    send_waiting()
    assert server.mailbox.recipients == ["joan@provider.example", "mary@provider.example"]


def test_one_that_dies_after_it_took_an_email_never_gets_it_twice(world: World, server: Server) -> None:
    _write("dies-after", "joan")
    assert str(send_waiting()) == "1 e-mail sent, 1 could not be sent."
    assert _states() == [EmailState.UNCLEAR, EmailState.SENT]
    _later()
    assert str(send_waiting()) == "0 e-mails sent."
    assert server.mailbox.recipients == ["dies-after@provider.example", "joan@provider.example"]


def test_what_is_unclear_is_sent_again_where_an_officer_says_so(world: World, server: Server) -> None:
    _write("dies-after")
    send_waiting()
    db.session.execute(update(Email).values(recipient="mary@provider.example"))
    send_again(1)
    assert str(send_waiting()) == "1 e-mail sent."
    assert _states() == [EmailState.SENT]


def test_an_address_that_is_refused_and_a_full_mailbox_hold_up_nobody(world: World, server: Server) -> None:
    _write("refused", "full", "mary")
    assert str(send_waiting()) == "1 e-mail sent, 2 could not be sent."
    assert _states() == [EmailState.WAITING, EmailState.WAITING, EmailState.SENT]
    problems = db.session.scalars(select(Email.problem).order_by(Email.id)).all()
    assert "550" in problems[0]
    assert "452" in problems[1]
    assert server.mailbox.recipients == ["mary@provider.example"]


def test_one_that_is_too_slow_to_say_good_day_counts_as_away(world: World, server: Server) -> None:
    server.kill()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", server.port))
        silent.listen()
        _write("mary")
        with pytest.raises(MailServerAway, match="timed out"):
            send_waiting()
    assert _states() == [EmailState.WAITING]
    server.start()
    assert str(send_waiting()) == "1 e-mail sent."
    assert server.mailbox.recipients == ["mary@provider.example"]


def test_a_sender_that_was_killed_between_claim_and_answer_sends_nothing_twice(world: World, server: Server) -> None:
    _write("mary", "joan")
    claimed = now() - timedelta(minutes=11)
    stopped = update(Email).where(Email.id == 1).values(state=EmailState.SENDING, claimed_at=claimed, attempts=1)
    db.session.execute(stopped)
    db.session.commit()
    assert str(send_waiting()) == "1 e-mail sent."
    assert _states() == [EmailState.UNCLEAR, EmailState.SENT]
    assert server.mailbox.recipients == ["joan@provider.example"]


def test_one_that_another_sender_has_just_claimed_is_left_to_it(world: World, server: Server) -> None:
    _write("mary")
    db.session.execute(update(Email).values(state=EmailState.SENDING, claimed_at=now()))
    db.session.commit()
    assert str(send_waiting()) == "0 e-mails sent."
    assert _states() == [EmailState.SENDING]
