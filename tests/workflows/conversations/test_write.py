"""A conversation is always somebody's turn, its team has days to answer, and nobody closes over unread messages."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from models import Contact, Conversation, Email, Message, Organisation, PortalUser, Team, acting_for, db
from rules.refusal import Refused, Unknown
from rules.states import ConversationState
from tests.support.processes.at_once import at_once
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from workflows.conversations.read import (
    Folder,
    mark_read,
    one_conversation,
    own_conversations,
    teams_conversations,
)
from workflows.conversations.teams import officers_teams
from workflows.conversations.thread import open_conversation
from workflows.conversations.write import Typed, Writer, close, reply, start


class Talk:
    """A provider who wrote to Payments, and the officer who answers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.contact: Contact = world.contact(self.organisation)
        self.user = db.session.get_one(PortalUser, self.contact.user_id)
        self.officer: PortalUser = world.officer("Payments officer", "nadia@council.example")
        db.session.execute(update(Team).values(email=func.lower(func.replace(Team.name, " ", "")) + "@council.example"))
        db.session.commit()
        self.id = self.start().id

    def start(self, **typed: str) -> Conversation:
        values = {"team": team_id("Payments"), "subject": "Where is it?", "message": "Nothing was paid."} | typed
        with acting_for(self.organisation.id):
            return start(Typed(**values), db.session.get_one(PortalUser, self.contact.user_id), self.organisation.id)

    def council(self, *teams: str) -> Writer:
        return Writer(self.officer, from_council=True, teams=teams or officers_teams(self.officer))

    def provider(self, **more: Any) -> Writer:
        return Writer(db.session.get_one(PortalUser, self.contact.user_id), **more)

    def now(self) -> Conversation:
        db.session.rollback()
        return one_conversation(self.id)


def team_id(name: str) -> str:
    return str(db.session.scalars(select(Team.id).where(Team.name == name)).one())


@pytest.fixture
def talk(world: World) -> Talk:
    return Talk(world)


def fields(deed: Callable[[], Any]) -> list[str]:
    with pytest.raises(Refused) as refused:
        deed()
    return [problem.field for problem in refused.value.problems]


def test_a_new_conversation_waits_for_its_team_which_is_told(talk: Talk) -> None:
    found = talk.now()
    assert (found.state, found.target_on, found.team.name) == (
        ConversationState.WAITING_FOR_COUNCIL,
        date(2017, 11, 22),
        "Payments",
    )
    (written,) = db.session.scalars(select(Email))
    assert written.recipient == "payments@council.example"
    assert "Nothing was paid" not in written.body
    assert "Where is it" not in written.subject + written.body


def test_an_answer_is_the_providers_turn_and_they_are_told_without_its_words(talk: Talk) -> None:
    reply(talk.id, "It is paid on Friday.", talk.council())
    found = talk.now()
    assert (found.state, found.target_on) == (ConversationState.WAITING_FOR_PROVIDER, None)
    written = db.session.scalars(select(Email).order_by(Email.id.desc())).first()
    assert written
    assert written.recipient == talk.contact.email
    assert "Friday" not in written.body


def test_the_days_of_an_answer_begin_anew_with_each_message_of_the_provider(talk: Talk) -> None:
    reply(talk.id, "On Friday.", talk.council())
    talk.world.app.config["PORTAL_TODAY"] = "2017-11-24"
    reply(talk.id, "It was not.", talk.provider())
    # Friday, then Monday and Tuesday.
    assert talk.now().target_on == date(2017, 11, 28)


@pytest.mark.parametrize(
    ("asked_on", "closed_on", "due"),
    [
        ("2017-11-17", "", date(2017, 11, 21)),
        ("2017-11-18", "", date(2017, 11, 21)),
        ("2017-12-21", "", date(2017, 12, 27)),  # Friday the 22nd, then nothing until Wednesday
        ("2017-12-22", "", date(2017, 12, 28)),
        ("2017-12-28", "", date(2018, 1, 2)),
        ("2018-03-29", "", date(2018, 4, 4)),  # the Thursday before Easter
        ("2017-12-22", "2017-12-27, 2017-12-28, 2017-12-29", date(2018, 1, 3)),
    ],
)
def test_a_team_answers_within_two_working_days(talk: Talk, asked_on: str, closed_on: str, due: date) -> None:
    if closed_on:
        talk.world.policy("closure_days", closed_on)
    talk.world.app.config["PORTAL_TODAY"] = asked_on
    assert talk.start().target_on == due


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"team": ""}, "team"),
        ({"team": "999"}, "team"),
        ({"subject": " "}, "topic"),
        ({"subject": "x" * 121}, "subject"),
        ({"subject": "Pay\u202eme"}, "subject"),
        ({"about": "INV-999999"}, "about"),
        ({"message": ""}, "message"),
        ({"message": "x" * 7501}, "message"),
    ],
)
def test_what_is_wrong_with_a_new_conversation_is_told_at_its_field(
    talk: Talk, typed: dict[str, str], field: str
) -> None:
    assert fields(lambda: talk.start(**typed)) == [field]


def test_it_can_be_about_an_invoice_a_document_or_a_line_of_ones_own(talk: Talk) -> None:
    line = talk.world.line(talk.organisation)
    theirs = talk.world.line(talk.world.organisation("Broadland Care CIC"))
    week(line, OCT_16)
    sent = send(talk.contact, talk.world.period(0))
    assert talk.start(about=str(sent).lower()).invoice_id == sent.id
    assert talk.start(about=line.document.reference).document_id == line.document_id
    about_line = talk.start(about=line.reference)
    assert (about_line.line_item_id, about_line.document_id) == (line.id, None)
    assert fields(lambda: talk.start(about=theirs.reference)) == ["about"]


def test_either_side_closes_with_a_reason_and_either_opens_it_again(talk: Talk) -> None:
    assert fields(lambda: close(talk.id, "", talk.provider(), seen=1)) == ["reason"]
    close(talk.id, "It came.", talk.provider(), seen=talk.now().messages[-1].id)
    found = talk.now()
    assert (found.state, found.closed_reason, found.target_on) == (ConversationState.CLOSED, "It came.", None)
    assert found.messages[-1].body == "It came."
    assert fields(lambda: close(talk.id, "Again", talk.provider(), seen=found.messages[-1].id)) == [""]
    reply(talk.id, "It did not come after all.", talk.provider())
    found = talk.now()
    assert (found.state, found.closed_at, found.closed_reason) == (ConversationState.WAITING_FOR_COUNCIL, None, "")


def test_nobody_closes_over_a_message_they_have_not_read(talk: Talk) -> None:
    seen = talk.now().messages[-1].id
    reply(talk.id, "And the week after?", talk.provider())
    assert fields(lambda: close(talk.id, "Paid on Friday.", talk.council(), seen=seen)) == ["reason"]
    assert talk.now().state is ConversationState.WAITING_FOR_COUNCIL


def test_the_same_words_sent_twice_are_one_message(talk: Talk) -> None:
    for _ in range(2):
        reply(talk.id, "On Friday.", talk.council())
    assert len(talk.now().messages) == 2


def test_two_answers_at_the_same_moment_are_both_kept(talk: Talk) -> None:
    def write(text: str) -> Callable[[], None]:
        return lambda: reply(talk.id, text, talk.council("Payments"))

    assert at_once(talk.world.app, write("On Friday."), write("On Monday.")) == [None, None]
    assert sorted(message.body for message in talk.now().messages[1:]) == ["On Friday.", "On Monday."]


def test_a_team_answers_its_own_conversations_only(talk: Talk) -> None:
    other = talk.world.officer("Procurement")
    assert officers_teams(other) == ("Procurement",)
    writer = Writer(other, from_council=True, teams=officers_teams(other))
    with pytest.raises(Refused, match="The team Payments answers this conversation"):
        reply(talk.id, "Hello", writer)
    with pytest.raises(Refused, match="The team Payments"):
        close(talk.id, "Done", writer, seen=1)
    assert len(talk.now().messages) == 1


def test_another_organisation_neither_reads_nor_writes_it(talk: Talk) -> None:
    other = talk.world.organisation("Broadland Care CIC")
    user = db.session.get_one(PortalUser, talk.world.contact(other).user_id)
    with acting_for(other.id):
        with pytest.raises(Unknown):
            one_conversation(talk.id)
        with pytest.raises(Unknown):
            reply(talk.id, "Mine", Writer(user))
        with pytest.raises(Unknown):
            close(talk.id, "Mine", Writer(user), seen=1)
        assert own_conversations(1, 25).rows == []
    assert len(talk.now().messages) == 1


def test_who_sees_only_conversations_about_weeks_neither_reads_nor_writes_others(talk: Talk) -> None:
    actual = week(talk.world.line(talk.organisation), OCT_16)
    about = open_conversation("Service Brokerage", "This week", "Why?", talk.user, actual=actual)
    db.session.commit()
    with acting_for(talk.organisation.id):
        assert [each.conversation.id for each in own_conversations(1, 25, only_weeks=True).rows] == [about.id]
        with pytest.raises(Unknown):
            one_conversation(talk.id, only_weeks=True)
        with pytest.raises(Unknown):
            reply(talk.id, "Hello", talk.provider(only_weeks=True))
        reply(about.id, "Hello", talk.provider(only_weeks=True))


def test_a_week_has_one_open_conversation_with_a_team(talk: Talk) -> None:
    actual = week(talk.world.line(talk.organisation), OCT_16)
    first = open_conversation("Service Brokerage", "First", "Why?", talk.user, actual=actual)
    open_conversation("Payments", "Another team", "Why?", talk.user, actual=actual)
    db.session.commit()
    with pytest.raises(IntegrityError, match="uq_conversation_open_week"):
        open_conversation("Service Brokerage", "Second", "Why?", talk.user, actual=actual)
    db.session.rollback()
    close(first.id, "Settled", talk.provider(), seen=one_conversation(first.id).messages[-1].id)
    open_conversation("Service Brokerage", "Second", "Why?", talk.user, actual=actual)
    db.session.commit()
    with pytest.raises(Refused, match="another open conversation with this team"):
        reply(first.id, "Again", talk.provider())
    assert one_conversation(first.id).state is ConversationState.CLOSED


def test_what_the_council_wrote_is_new_until_somebody_opens_it(talk: Talk) -> None:
    def unread() -> list[bool]:
        return [each.unread for each in own_conversations(1, 25).rows]

    with acting_for(talk.organisation.id):
        assert unread() == [False]
        reply(talk.id, "On Friday.", Writer(talk.officer, from_council=True, teams=("Payments",)))
        assert unread() == [True]
        mark_read(one_conversation(talk.id))
        assert unread() == [False]
        read_at = one_conversation(talk.id).read_at
        mark_read(one_conversation(talk.id))
        assert one_conversation(talk.id).read_at == read_at


def test_the_list_of_the_council_begins_with_its_own_teams_and_the_first_due(talk: Talk) -> None:
    second = talk.start(subject="Second")
    brokerage = talk.start(subject="For brokerage", team=team_id("Service Brokerage"))
    answered = talk.start(subject="Answered")
    reply(answered.id, "Yes.", talk.council())
    first_due = db.session.get_one(Conversation, second.id)
    first_due.target_on = date(2017, 11, 13)
    db.session.commit()

    def listed(*own: str, show: Folder = Folder.USUAL) -> list[int]:
        return [each.conversation.id for each in teams_conversations(1, 25, own=own, show=show).rows]

    assert listed("Payments") == [second.id, talk.id, brokerage.id]
    assert listed("Service Brokerage") == [brokerage.id, second.id, talk.id]
    assert set(listed("Payments", show=Folder.OPEN)) == {second.id, talk.id, brokerage.id, answered.id}
    assert listed("Payments", show=Folder.CLOSED) == []
    late = [each.is_late for each in teams_conversations(1, 25, own=("Payments",)).rows]
    assert late == [True, False, False]


def test_a_message_stays_as_it_was_sent(talk: Talk) -> None:
    with pytest.raises(Exception, match="kept as it was written"):
        db.session.execute(update(Message).values(body="Never said"))
    db.session.rollback()
    assert talk.now().messages[0].body == "Nothing was paid."
