"""Notices leave at once, once a day in one e-mail, or not at all, as their reader chose; letters with links always."""

import pytest
from sqlalchemy import select

from models import Contact, Email, db
from rules.mail_states import EmailState, MailChoice
from tests.support.worlds.world import World
from workflows.mail.digest import gather
from workflows.mail.outbox import write_email
from workflows.mail.sender import send_waiting


@pytest.fixture
def contact(world: World) -> Contact:
    """A contact to whom two notices and one link were written."""
    made = world.contact(world.organisation(), "mary@provider.example")
    for subject in ("First notice", "Second notice"):
        write_email(made.email, subject, "Sign in.\n", made.organisation_id, is_notice=True)
    write_email(made.email, "A link", "https://portal/link\n", made.organisation_id, holds_secret=True)
    db.session.commit()
    return made


def _states() -> dict[str, str]:
    return {subject: state.value for subject, state in db.session.execute(select(Email.subject, Email.state))}


def _choose(contact: Contact, choice: MailChoice) -> None:
    contact.mail = choice
    db.session.commit()


def test_at_once_is_what_everybody_has_who_chose_nothing(contact: Contact) -> None:
    assert gather() == 0
    assert str(send_waiting()) == "3 e-mails sent."


def test_once_a_day_all_notices_are_one_email(contact: Contact, capsys: pytest.CaptureFixture[str]) -> None:
    _choose(contact, MailChoice.DAILY)
    assert str(send_waiting()) == "1 e-mail sent."
    assert gather() == 1
    assert gather() == 0
    assert str(send_waiting()) == "1 e-mail sent."
    assert _states() == {
        "First notice": "gathered", "Second notice": "gathered", "A link": "sent",
        "Your day in the provider portal": "sent",
    }  # fmt: skip
    shown = capsys.readouterr().out
    assert "First notice\nSign in.\n\nSecond notice\nSign in.\n" in shown
    assert "/unsubscribe/" in shown


def test_who_wants_none_still_gets_links(contact: Contact) -> None:
    _choose(contact, MailChoice.NONE)
    assert gather() == 0
    assert str(send_waiting()) == "1 e-mail sent."
    assert _states() == {"First notice": "left out", "Second notice": "left out", "A link": "sent"}
    assert db.session.scalar(select(Email.gathered_into_id).where(Email.state == EmailState.LEFT_OUT)) is None
