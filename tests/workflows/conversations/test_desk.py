"""What officers do among themselves: who answers, which team, internal notes; and what of it a provider can see."""

from datetime import date

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import ProgrammingError

from models import (
    Conversation,
    ConversationNote,
    Email,
    Message,
    Organisation,
    PolicySetting,
    PortalUser,
    Team,
    acting_for,
    db,
)
from rules.refusal import Refused
from rules.states import ConversationState, PolicyScope
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.clock import story_at
from workflows.confirm.policy_values import NewValue, value_change
from workflows.conversations.desk import add_note, assign, move, notes_of
from workflows.conversations.read import Folder, mark_read_by_team, one_conversation, teams_conversations
from workflows.conversations.thread import open_conversation
from workflows.conversations.write import Writer, close, reply
from workflows.upkeep.policy_in_force import settings_today


class Desk:
    """A provider's conversation with Payments, and officers of two teams."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organisation: Organisation = world.organisation()
        self.user = db.session.get_one(PortalUser, world.contact(self.organisation).user_id)
        self.nadia = world.officer("Payments officer", "nadia@council.example")
        self.owen = world.officer("Payments officer", "owen@council.example")
        self.bryony = world.officer("Service Brokerage", "bryony@council.example")
        self.id = self.open().id

    def open(self, team: str = "Payments") -> Conversation:
        opened = open_conversation(
            team, "Where is it?", "Nothing came.", self.user, organisation_id=self.organisation.id
        )
        db.session.commit()
        return opened

    def writer(self, officer: PortalUser | None = None) -> Writer:
        who = officer or self.nadia
        return Writer(who, from_council=True, teams=("Service Brokerage",) if who is self.bryony else ("Payments",))

    def now(self) -> Conversation:
        db.session.rollback()
        return one_conversation(self.id)


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def team_id(name: str) -> str:
    return str(db.session.scalars(select(Team.id).where(Team.name == name)).one())


def test_an_officer_takes_a_conversation_and_gives_it_to_another(desk: Desk) -> None:
    assign(desk.id, desk.nadia.id, desk.writer())
    assert desk.now().assigned_to == desk.nadia
    assign(desk.id, desk.owen.id, desk.writer())
    assert desk.now().assigned_to == desk.owen
    for officer, listed in ((desk.nadia, []), (desk.owen, [desk.id])):
        found = teams_conversations(1, 25, own=("Payments",), show=Folder.MINE, officer_id=officer.id)
        assert [each.conversation.id for each in found.rows] == listed
    assert assign(desk.id, None, desk.writer()) is None
    assert desk.now().assigned_to is None


def test_it_is_given_to_nobody_who_does_not_answer_for_its_team(desk: Desk) -> None:
    for officer in (desk.bryony, desk.user):
        with pytest.raises(Refused, match="Choose an officer of the team"):
            assign(desk.id, officer.id, desk.writer())
    with pytest.raises(Refused, match="The team Payments answers this conversation"):
        assign(desk.id, desk.bryony.id, desk.writer(desk.bryony))


def test_a_note_changes_nothing_that_a_provider_sees(desk: Desk) -> None:
    before = desk.now()
    seen = (before.state, before.target_on, len(before.messages), before.read_at)
    add_note(desk.id, " Rang them on Monday. ", desk.writer())
    after = desk.now()
    assert (after.state, after.target_on, len(after.messages), after.read_at) == seen
    assert [(note.body, note.author) for note in notes_of(desk.id)] == [("Rang them on Monday.", desk.nadia)]
    with pytest.raises(Refused, match="Write a note"):
        add_note(desk.id, "  ", desk.writer())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM conversation_note",
        "SELECT body FROM conversation_note",
        "INSERT INTO conversation_note (conversation_id, author_id, body) VALUES (1, 1, 'x')",
    ],
)
def test_no_sql_in_a_providers_session_reads_or_writes_a_note(desk: Desk, sql: str) -> None:
    add_note(desk.id, "Rang them.", desk.writer())
    with pytest.raises(ProgrammingError, match="permission denied"), acting_for(desk.organisation.id):
        db.session.execute(text(sql))


def test_a_note_stays_as_it_was_written(desk: Desk) -> None:
    add_note(desk.id, "Rang them.", desk.writer())
    for change in (update(ConversationNote).values(body="Never"), delete(ConversationNote)):
        with pytest.raises(ProgrammingError, match="permission denied"):
            db.session.execute(change)
        db.session.rollback()


def test_a_conversation_moves_with_a_note_and_its_days_go_on(desk: Desk) -> None:
    db.session.execute(update(Team).where(Team.name == "Service Brokerage").values(email="brokerage@council.example"))
    db.session.commit()
    assign(desk.id, desk.nadia.id, desk.writer())
    mark_read_by_team(desk.now(), ("Payments",))
    before = desk.now()
    days = (before.first_answer_by, before.target_on, before.resolve_by)
    move(desk.id, team_id("Service Brokerage"), "It is about a draft.", desk.writer())
    found = desk.now()
    assert found.team.name == "Service Brokerage"
    assert found.state is ConversationState.WAITING_FOR_COUNCIL
    assert (found.first_answer_by, found.target_on, found.resolve_by) == days
    assert found.assigned_to is None
    assert found.team_read_at is None
    last = found.messages[-1]
    assert last.moved
    assert last.body == "Moved from Payments to Service Brokerage."
    assert str(last.team) == "Payments"
    assert [note.body for note in notes_of(desk.id)] == [
        "Moved from Payments to Service Brokerage: It is about a draft."
    ]
    told = db.session.scalars(select(Email).where(Email.recipient == "brokerage@council.example")).one()
    assert "draft" not in told.body
    with pytest.raises(Refused, match="The team Service Brokerage answers"):
        reply(desk.id, "Mine", desk.writer())
    reply(desk.id, "Ours", desk.writer(desk.bryony))


def test_what_is_wrong_with_a_move_is_said_all_at_once(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        move(desk.id, team_id("Payments"), "", desk.writer())
    assert [problem.field for problem in refused.value.problems] == ["team", "move_note"]
    close(desk.id, "Settled", desk.writer(), seen=desk.now().messages[-1].id)
    with pytest.raises(Refused, match="This conversation is closed"):
        move(desk.id, team_id("Billing"), "For you", desk.writer())


def test_a_team_that_talks_about_the_same_week_already_is_given_no_second_one(desk: Desk) -> None:
    actual = week(desk.world.line(desk.organisation), OCT_16)
    about = [
        open_conversation(team, "This week", "Why?", desk.user, actual=actual)
        for team in ("Payments", "Service Brokerage")
    ]
    db.session.commit()
    with pytest.raises(Refused, match="has an open conversation about this week already"):
        move(about[0].id, team_id("Service Brokerage"), "For you", desk.writer())


def test_what_a_provider_wrote_is_new_to_the_team_until_one_of_it_looks(desk: Desk) -> None:
    def unread() -> list[bool]:
        db.session.rollback()
        return [each.unread for each in teams_conversations(1, 25, own=("Payments",)).rows]

    assert unread() == [True]
    mark_read_by_team(desk.now(), ("Service Brokerage",))
    assert unread() == [True]
    mark_read_by_team(desk.now(), ("Payments",))
    assert unread() == [False]
    reply(desk.id, "And now?", Writer(desk.user))
    assert unread() == [True]
    reply(desk.id, "On Friday.", desk.writer())
    reply(desk.id, "Thank you", Writer(desk.user))
    assert unread() == [True]


def test_the_second_of_two_officers_is_told_that_the_first_answered(desk: Desk) -> None:
    seen = desk.now().messages[-1].id
    reply(desk.id, "On Friday.", desk.writer(), seen=seen)
    with pytest.raises(Refused, match="Nadia Lane wrote while you had this page open"):
        reply(desk.id, "On Monday.", desk.writer(desk.owen), seen=seen)
    bodies = [message.body for message in desk.now().messages]
    assert bodies == ["Nothing came.", "On Friday."]
    reply(desk.id, "On Monday.", desk.writer(desk.owen), seen=desk.now().messages[-1].id)
    assert desk.now().messages[-1].body == "On Monday."


def test_a_team_has_days_of_its_own_where_the_policy_says_so(desk: Desk) -> None:
    team = int(team_id("Service Brokerage"))
    for name, value in (("first_response_days", "1"), ("resolution_days", "3")):
        new = NewValue(name, value, PolicyScope.TEAM, team, date(2017, 11, 1), "Agreed")
        assert value_change(new).payload["scope"] == "team"
        db.session.add(
            PolicySetting(name=name, value=value, scope=new.scope, scope_id=team, valid_from=date(2017, 11, 1))
        )
    db.session.commit()
    policy.forget()  # as in the next request
    with story_at(date(2017, 11, 17)):  # a Friday
        opened = desk.open("Service Brokerage")
        usual = desk.open()
    assert (opened.target_on, opened.resolve_by) == (date(2017, 11, 20), date(2017, 11, 22))
    assert (usual.target_on, usual.resolve_by) == (date(2017, 11, 21), date(2017, 12, 1))
    shown = [each for under in settings_today().values() for each in under if each.setting.name == "resolution_days"]
    assert [value.whom for value in shown[0].values] == ["Everybody", "Service Brokerage"]


def test_who_writes_again_while_they_wait_gives_the_council_no_more_time(desk: Desk) -> None:
    with story_at(date(2017, 11, 13)):
        opened = desk.open()
    with story_at(date(2017, 11, 14)):
        reply(opened.id, "And another thing", Writer(desk.user))
    found = one_conversation(opened.id)
    assert found.target_on == date(2017, 11, 15)
    assert found.first_answer_by == date(2017, 11, 15)


def test_one_that_is_opened_again_has_its_days_anew(desk: Desk) -> None:
    with story_at(date(2017, 11, 1)):
        opened = desk.open()
        close(opened.id, "Paid", desk.writer(), seen=opened.messages[-1].id)
        assert one_conversation(opened.id).resolve_by == date(2017, 11, 15)
    with story_at(date(2017, 11, 20)):
        reply(opened.id, "It was not", Writer(desk.user))
    assert one_conversation(opened.id).resolve_by == date(2017, 12, 4)


def test_the_database_closes_nothing_without_a_reason(desk: Desk) -> None:
    with pytest.raises(Exception, match="ck_conversation_closed_with_why"):
        db.session.execute(update(Conversation).values(state=ConversationState.CLOSED))
    db.session.rollback()
    moved = {"organisation_id": desk.organisation.id, "conversation_id": desk.id, "from_council": False, "moved": True}
    db.session.add(Message(**moved, body="x"))
    with pytest.raises(Exception, match="ck_message_moved_by_council"):
        db.session.flush()
    db.session.rollback()
