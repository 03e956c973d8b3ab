"""What is to be read is counted, listed where it is counted, and gone once it was opened."""

import pytest
from sqlalchemy import func, select

from models import Conversation, Organisation, PortalUser, acting_for, db
from tests.support.worlds.world import World
from workflows.conversations.read import Folder, mark_read, one_conversation, own_conversations
from workflows.conversations.thread import open_conversation
from workflows.conversations.write import Writer, close, reply


class Sides:
    """A provider with a conversation with Payments."""

    def __init__(self, world: World) -> None:
        self.organisation: Organisation = world.organisation()
        self.user = db.session.get_one(PortalUser, world.contact(self.organisation).user_id)
        self.council = Writer(world.officer("Payments officer"), from_council=True, teams=("Payments",))
        opened = open_conversation(
            "Payments", "Where is it?", "Nothing came.", self.user, organisation_id=self.organisation.id
        )
        db.session.commit()
        self.id = opened.id

    def close(self, writer: Writer) -> None:
        with acting_for(self.organisation.id if not writer.from_council else "*"):
            close(self.id, "It came", writer, seen=one_conversation(self.id).messages[-1].id)

    def counted_and_listed(self) -> tuple[int, int, int]:
        """How many the badge counts; how many the list behind it shows; how many New the usual list shows."""
        with acting_for(self.organisation.id):
            counted = db.session.scalar(select(func.count(Conversation.id)).where(Conversation.to_read())) or 0
            usual = own_conversations(1, 25)
            return counted, own_conversations(1, 25, show=Folder.TO_READ).total, sum(each.unread for each in usual.rows)


@pytest.fixture
def sides(world: World) -> Sides:
    return Sides(world)


def test_an_answer_under_a_closed_conversation_counts_where_it_is_listed(sides: Sides) -> None:
    assert sides.counted_and_listed() == (0, 0, 0)
    reply(sides.id, "On Friday.", sides.council)
    assert sides.counted_and_listed() == (1, 1, 1)
    sides.close(sides.council)
    assert sides.counted_and_listed() == (1, 1, 1)
    with acting_for(sides.organisation.id):
        mark_read(one_conversation(sides.id))
        assert own_conversations(1, 25).total == 0
    assert sides.counted_and_listed() == (0, 0, 0)


def test_who_closes_a_conversation_has_nothing_to_read_in_it(sides: Sides) -> None:
    sides.close(Writer(sides.user))
    assert sides.counted_and_listed() == (0, 0, 0)
