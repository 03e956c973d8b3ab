"""Who is limited to some services reads what they opened and what is about these services, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError

from models import (
    Contact,
    ContactService,
    Conversation,
    Email,
    PortalUser,
    ScheduledPayment,
    Service,
    acting_for,
    db,
    limit_to_services,
    say_who,
)
from rules.period import DAY
from rules.refusal import Unknown
from tests.support.pages.browser import Browser
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.access.sessions import act_as
from workflows.clock import story_at, today
from workflows.conversations.notify import tell_provider
from workflows.conversations.read import Folder, one_conversation, own_conversations
from workflows.conversations.remind import remind_of_answers
from workflows.conversations.thread import open_conversation, post
from workflows.conversations.write import Typed, Writer, reply, start

ABOUT = ("line_item", "actual", "document")
OF_NO_SERVICE = ("nothing", "scheduled_payment")


class Branches:
    """An organisation of two branches: Mary sees both, Jo and Sam the first alone."""

    def __init__(self, world: World) -> None:
        self.organisation = world.organisation()
        self.officer = world.officer("Payments officer")
        self.mary, self.jo, self.sam = (
            world.contact(self.organisation, f"{name}@provider.example", may_conversations=True)
            for name in ("mary", "jo", "sam")
        )
        elsewhere = Service(name="Swaffham branch", organisation_id=self.organisation.id)
        db.session.add(elsewhere)
        for contact in (self.jo, self.sam):
            contact.limits = [
                ContactService(organisation_id=self.organisation.id, service_id=self.organisation.services[0].id)
            ]
        db.session.flush()
        self.lines = {"own": world.line(self.organisation), "other": world.line(self.organisation)}
        self.weeks = {where: week(line, OCT_16) for where, line in self.lines.items()}
        world.confirmed()
        self.lines["other"].service_id = self.lines["other"].document.service_id = elsewhere.id
        money = {"net": Decimal(10), "vat": Decimal(0), "gross": Decimal(10)}
        self.payment = ScheduledPayment(organisation=self.organisation, period=world.period(0), **money)
        db.session.add(self.payment)
        db.session.commit()

    def open(self, author: PortalUser | None, about: str = "nothing", where: str = "own") -> int:
        """A conversation that somebody opened, and the council answered; its id."""
        assert author
        opened = open_conversation("Payments", "A question", "Why?", author, organisation_id=self.organisation.id)
        line = self.lines[where]
        record = {
            "nothing": None, "line_item": line, "actual": self.weeks[where], "document": line.document,
            "scheduled_payment": self.payment,
        }[about]  # fmt: skip
        if record:
            setattr(opened, f"{about}_id", record.id)
        db.session.flush()
        post(opened, "So.", self.officer, from_council=True)
        db.session.commit()
        return opened.id

    def readers(self, conversation_id: int) -> set[str]:
        """Who of the three finds it in the list, under the badge, by its address, and its messages below the ORM."""
        return {
            contact.email.partition("@")[0]
            for contact in (self.mary, self.jo, self.sam)
            if self._finds(contact, conversation_id)
        }

    def _finds(self, contact: Contact, conversation_id: int) -> bool:
        with signed_in(contact):
            found = {
                "list": conversation_id in [each.conversation.id for each in own_conversations(1, 25).rows],
                "to read": own_conversations(1, 25, show=Folder.TO_READ).total,
                "badge": db.session.scalar(select(func.count(Conversation.id)).where(Conversation.to_read())),
                "messages": db.session.scalar(text("SELECT count(*) FROM message")),
            }
            try:
                one_conversation(conversation_id)
            except Unknown:
                assert found == {"list": False, "to read": 0, "badge": 0, "messages": 0}
                return False
        assert found == {"list": True, "to read": 1, "badge": 1, "messages": 2}
        return True

    def told(self) -> set[str]:
        """Who was sent an e-mail."""
        return {each.partition("@")[0] for each in db.session.scalars(select(Email.recipient))}


@contextmanager
def signed_in(contact: Contact) -> Iterator[None]:
    """See and write as somebody who is signed in."""
    with acting_for(contact.organisation_id):
        act_as(contact.user_id)
        try:
            yield
        finally:
            db.session.rollback()
            limit_to_services([])
            say_who(None, "")


@pytest.fixture
def branches(world: World) -> Branches:
    return Branches(world)


@pytest.mark.parametrize("by", ["mary", "jo", "officer"])
@pytest.mark.parametrize(
    ("about", "where", "shown"),
    [
        *((about, "own", {"mary", "jo", "sam"}) for about in ABOUT),
        *((about, "other", {"mary"}) for about in ABOUT),
        *((about, "own", {"mary"}) for about in OF_NO_SERVICE),
    ],
)
def test_who_reads_a_conversation_is_told_of_it_and_nobody_else(
    branches: Branches, about: str, where: str, shown: set[str], by: str
) -> None:
    author = branches.officer if by == "officer" else getattr(branches, by).user
    conversation_id = branches.open(author, about, where)
    expected = shown | ({by} - {"officer"})
    assert branches.readers(conversation_id) == expected
    tell_provider([db.session.get_one(Conversation, conversation_id)])
    db.session.commit()
    assert branches.told() == expected


def test_of_an_answer_nobody_read_they_are_reminded_who_can_read_it(branches: Branches) -> None:
    with story_at(today() - 9 * DAY):
        conversation_id = branches.open(branches.mary.user)
    with story_at(today() - 8 * DAY):
        post(db.session.get_one(Conversation, conversation_id), "On Friday.", branches.officer, from_council=True)
        db.session.commit()
    assert remind_of_answers() == 1
    assert branches.told() == {"mary"}


def test_who_is_limited_starts_and_goes_on_with_one_about_nothing(branches: Branches) -> None:
    jo, sam = branches.jo, branches.sam
    with signed_in(jo):
        user = db.session.get_one(PortalUser, jo.user_id)
        team = str(db.session.scalar(text("SELECT id FROM team WHERE name = 'Payments'")))
        typed = Typed(team, "other", "A question", "", "Why?")
        conversation_id = start(typed, user, jo.organisation_id).id
        reply(conversation_id, "And when?", Writer(user))
        assert len(one_conversation(conversation_id).messages) == 2
    with signed_in(sam), pytest.raises(Unknown):
        reply(conversation_id, "Me too.", Writer(db.session.get_one(PortalUser, sam.user_id)))


def test_an_officer_is_told_where_nobody_reads_what_they_write(branches: Branches, app: Flask) -> None:
    conversation_id = branches.open(branches.officer)
    browser, said = Browser(app).sign_in(branches.officer), "Nobody at Fenland Homecare Ltd can read this"
    assert said not in browser.get(f"/staff/conversations/{conversation_id}").text
    branches.mary.may_conversations = False
    db.session.commit()
    assert said in browser.get(f"/staff/conversations/{conversation_id}").text


@pytest.mark.parametrize(("who", "is_said"), [("jo", True), ("mary", False)])
def test_who_is_limited_is_told_who_reads_what_they_start(
    branches: Branches, app: Flask, who: str, is_said: bool
) -> None:
    page = Browser(app).sign_in(getattr(branches, who)).get("/conversations/start").text
    assert ("You see some services only." in page) is is_said


def test_below_the_pages_nobody_limited_writes_in_one_they_do_not_see(branches: Branches) -> None:
    conversation_id, own = branches.open(branches.mary.user), branches.organisation.id
    row = "INSERT INTO message (organisation_id, conversation_id, from_council, body) VALUES (:own, :id, false, 'x')"
    with signed_in(branches.sam), pytest.raises(ProgrammingError, match="row-level security"):
        db.session.execute(text(row), {"own": own, "id": conversation_id})
