"""The job of every morning that reminds organisations of their contacts form, and to check their contacts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from jobs.scheduler import run_job
from models import Announcement, Contact, ContractDocument, Conversation, Email, Message, Team, db
from rules.states import ConversationState
from tests.support.worlds.go_live import form, provider
from tests.support.worlds.world import World
from workflows.clock import now


def test_who_has_not_answered_is_reminded_once_a_date(world: World) -> None:
    form(provider(world, "Beech Court"))
    assert run_job(world.app, "reminders") == "1 reminder of the contacts form."
    assert run_job(world.app, "reminders") == "Already done, or being done, for this date."
    assert run_job(world.app, "reminders", date(2017, 11, 21)) == "Nobody to remind."
    reminders = db.session.query(Email.recipient).filter(Email.subject.startswith("Reminder: ")).all()
    assert [recipient for (recipient,) in reminders] == ["office@beech.example"]


def test_who_looks_after_contacts_is_reminded_once_a_quarter_whatever_runs_again(world: World) -> None:
    world.app.config["PORTAL_TODAY"] = "2018-01-15"
    world.contact(world.organisation(), "mary@provider.example")
    form(provider(world, "Beech Court"))
    assert run_job(world.app, "reminders") == "1 reminder of the contacts form. 1 reminder to check contacts."
    assert run_job(world.app, "reminders", date(2018, 1, 16)) == "Nobody to remind."
    written = db.session.query(Email.recipient).filter(Email.subject.contains("our contacts")).order_by(Email.id)
    assert [recipient for (recipient,) in written] == ["office@beech.example", "mary@provider.example"]


@pytest.fixture
def contact(world: World) -> Contact:
    """A contact whose organisation has weeks to confirm by 27 November 2017."""
    organisation = world.organisation()
    world.line(organisation)
    world.period(0)
    return world.contact(organisation, "mary@provider.example")


def _subjects() -> list[str]:
    return list(db.session.scalars(select(Email.subject).order_by(Email.id)))


def _run(world: World, day: str) -> str:
    world.app.config["PORTAL_TODAY"] = day
    return run_job(world.app, "reminders", date.fromisoformat(day))


def test_weeks_that_are_not_confirmed_are_reminded_of_three_days_before_their_date_once(
    world: World, contact: Contact
) -> None:
    assert _run(world, "2017-11-23") == "Nobody to remind."
    assert _run(world, "2017-11-24") == "1 reminder of weeks to confirm."
    assert _run(world, "2017-11-25") == "Nobody to remind."
    assert _subjects() == ["You have weeks to confirm"]


def test_how_many_days_before_is_a_policy(world: World, contact: Contact) -> None:
    world.policy("reminder_weeks_days", "5")
    assert _run(world, "2017-11-22") == "1 reminder of weeks to confirm."


def test_a_document_that_waits_five_days_is_reminded_of_once_a_version(world: World, contact: Contact) -> None:
    published = now() - timedelta(days=4)
    db.session.execute(update(ContractDocument).values(published_at=published))
    db.session.commit()
    assert _run(world, "2017-11-20") == "Nobody to remind."
    db.session.execute(update(ContractDocument).values(published_at=published - timedelta(days=2)))
    db.session.commit()
    assert _run(world, "2017-11-21") == "1 reminder of documents to answer."
    assert _run(world, "2017-11-22") == "Nobody to remind."


def test_an_answer_that_nobody_read_is_reminded_of_once(world: World, contact: Contact) -> None:
    officer, team = world.officer("Service Brokerage"), db.session.scalars(select(Team)).first()
    asked = now() - timedelta(days=5)
    conversation = Conversation(
        organisation=contact.organisation, team=team, subject="Hours", opened_at=asked, read_at=asked,
        state=ConversationState.WAITING_FOR_PROVIDER,
    )  # fmt: skip
    db.session.add(conversation)
    db.session.flush()
    db.session.add(
        Message(
            organisation=contact.organisation, conversation=conversation, author=officer, from_council=True,
            body="Yes.", sent_at=now() - timedelta(days=4),
        )
    )  # fmt: skip
    db.session.commit()
    assert _run(world, "2017-11-20") == "1 reminder of answers to read."
    assert _run(world, "2017-11-21") == "Nobody to remind."
    assert _subjects() == ["You have an answer from the council"]


def test_an_announcement_to_come_is_written_to_its_readers_on_the_morning_of_its_first_day(
    world: World, contact: Contact
) -> None:
    db.session.add(Announcement(title="Closed", body="On Sunday.", by_email=True, start=date(2017, 11, 22)))
    db.session.commit()
    assert _run(world, "2017-11-21") == "Nobody to remind."
    assert _run(world, "2017-11-22") == "1 e-mail of announcements written."
    assert _run(world, "2017-11-23") == "Nobody to remind."
    assert _subjects() == ["Closed"]
