"""E-mails leave the outbox once, and are not lost where they cannot leave."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from jobs.scheduler import run_job
from models import COUNCIL, Email, JobRun, acting_for, db
from rules.mail_states import EmailState
from rules.states import JobState
from tests.support.mail import MailServer
from tests.support.worlds.world import World
from workflows.clock import now
from workflows.mail.outbox import write_email
from workflows.mail.sender import send_waiting
from workflows.mail.smtp import MailServerAway


@pytest.fixture
def mail(app: Flask) -> Iterator[MailServer]:
    """A mail server of our own that the portal is told to use."""
    with MailServer() as server:
        app.config["MAIL_SERVER"] = server.address
        yield server
    app.config["MAIL_SERVER"] = ""


def _write(*recipients: str) -> None:
    for recipient in recipients:
        write_email(recipient, "A contract document is waiting for you", "Sign in to read it — soon.\n")
    db.session.commit()


def _emails() -> list[Email]:
    return list(db.session.scalars(select(Email).order_by(Email.id).execution_options(populate_existing=True)))


def test_an_email_that_waits_is_sent_and_marked_so(world: World, mail: MailServer) -> None:
    _write("mary@provider.example")
    assert str(send_waiting()) == "1 e-mail sent."
    assert mail.recipients == ["mary@provider.example"]
    assert "From: provider.portal@council.example" in mail.messages[0]
    assert _emails()[0].state is EmailState.SENT
    assert str(send_waiting()) == "0 e-mails sent."
    assert len(mail.messages) == 1


def test_two_senders_at_once_send_each_email_once(world: World, mail: MailServer, app: Flask) -> None:
    _write(*(f"contact{number}@provider.example" for number in range(40)))
    ready = threading.Barrier(2)

    def send() -> None:
        with app.app_context(), acting_for(COUNCIL):
            ready.wait()
            send_waiting()
            db.session.remove()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len(mail.recipients) == 40
    assert len(set(mail.recipients)) == 40
    assert mail.connections == 2


def test_without_a_mail_server_emails_are_shown_on_the_console(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    _write("mary@provider.example")
    send_waiting()
    shown = capsys.readouterr().out
    assert "To: mary@provider.example" in shown
    assert "Subject: A contract document is waiting for you" in shown
    assert "Sign in to read it — soon." in shown
    assert _emails()[0].state is EmailState.SENT


def test_a_refused_address_does_not_hold_up_the_others_and_is_tried_five_times(world: World, mail: MailServer) -> None:
    _write("refused@provider.example", "mary@provider.example")
    assert str(send_waiting()) == "1 e-mail sent, 1 could not be sent."
    assert str(send_waiting()) == "0 e-mails sent."  # it waits a minute
    for _ in range(4):
        db.session.execute(update(Email).values(written_at=now() - timedelta(days=1)))
        db.session.commit()
        send_waiting()
    refused = _emails()[0]
    assert refused.state is EmailState.FAILED
    assert refused.attempts == 5
    assert refused.problem.startswith("Attempt 5 of 5: ")
    assert "550" in refused.problem
    assert mail.recipients == ["mary@provider.example"]


def test_an_address_that_no_email_can_carry_is_a_failure_not_a_crash(world: World, mail: MailServer) -> None:
    _write("mary@provider.example\nBcc: everybody@provider.example", "joan@provider.example")
    assert str(send_waiting()) == "1 e-mail sent, 1 could not be sent."
    assert mail.recipients == ["joan@provider.example"]


def test_while_the_mail_server_is_away_no_attempt_is_lost(world: World, app: Flask, mail: MailServer) -> None:
    mail.close()
    _write("mary@provider.example")
    with pytest.raises(MailServerAway, match="cannot be used"):
        run_job(app, "emails")
    with pytest.raises(MailServerAway):
        run_job(app, "emails")
    waiting = _emails()[0]
    assert waiting.state is EmailState.WAITING
    assert waiting.attempts == 0
    runs = db.session.scalars(select(JobRun)).all()
    assert [run.state for run in runs] == [JobState.FAILED]  # one row an hour, not one a minute


def test_a_password_is_not_sent_over_a_line_that_anybody_can_read(world: World, app: Flask, mail: MailServer) -> None:
    app.config["MAIL_USER"], app.config["MAIL_PASSWORD"] = "portal", "secret"
    _write("mary@provider.example")
    try:
        with pytest.raises(MailServerAway, match="offers no encryption"):
            send_waiting()
    finally:
        app.config["MAIL_USER"] = app.config["MAIL_PASSWORD"] = ""
    assert mail.recipients == []


def test_the_job_writes_a_row_only_where_there_was_something_to_send(
    world: World, app: Flask, mail: MailServer
) -> None:
    assert run_job(app, "emails") == "0 e-mails sent."
    assert db.session.scalars(select(JobRun)).all() == []
    _write("mary@provider.example")
    assert run_job(app, "emails") == "1 e-mail sent."
    assert [run.result for run in db.session.scalars(select(JobRun))] == ["1 e-mail sent."]
