"""A conversation begins with a subject from its team's list, in own words where these say more."""

import pytest
from sqlalchemy import select

from models import Conversation, Organisation, PortalUser, Team, acting_for, db
from rules.conversation_topics import Topic
from rules.refusal import Refused
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.conversations.write import Typed, start


class Asker:
    """A provider who starts conversations."""

    def __init__(self, world: World) -> None:
        self.organisation: Organisation = world.organisation()
        self.user = db.session.get_one(PortalUser, world.contact(self.organisation).user_id)

    def start(self, team: str, **typed: str) -> Conversation:
        team_id = str(db.session.scalars(select(Team.id).where(Team.name == team)).one())
        with acting_for(self.organisation.id):
            values = {"team": team_id, "message": "Please look at it."} | typed
            return start(Typed(**values), self.user, self.organisation.id)


@pytest.fixture
def asker(world: World) -> Asker:
    return Asker(world)


@pytest.mark.parametrize(
    ("topic", "own", "kept", "shown"),
    [
        ("price uplift", "", Topic.UPLIFT, "Price uplift"),
        ("price uplift", "From April", Topic.UPLIFT, "From April"),
        ("other", "The fair", Topic.OTHER, "The fair"),
        ("", "The fair", Topic.OTHER, "The fair"),
    ],
)
def test_it_is_called_by_own_words_or_by_the_list(asker: Asker, topic: str, own: str, kept: Topic, shown: str) -> None:
    started = asker.start("Procurement", topic=topic, subject=own)
    assert (started.topic, started.subject) == (kept, shown)


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({}, "topic", "Choose a subject."),
        ({"topic": "parking"}, "topic", "Choose a subject from the list."),
        (
            {"topic": "overpayment"},
            "topic",
            "Procurement does not answer about this. Overpayment is for Billing or Payments.",
        ),
        ({"topic": "other"}, "subject", "Say in your own words what it is about."),
    ],
)
def test_a_subject_is_one_of_the_team(asker: Asker, typed: dict[str, str], field: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        asker.start("Procurement", **typed)
    problems = {problem.field: problem.message for problem in refused.value.problems}
    assert problems[field] == said


def test_it_begins_with_the_days_to_answer_and_to_settle_it(asker: Asker) -> None:
    started = asker.start("Procurement", topic="price uplift")
    assert started.first_answer_by == started.target_on
    assert started.resolve_by
    assert started.target_on
    assert started.resolve_by > started.target_on


def test_a_second_one_about_a_week_that_the_team_talks_about_is_refused(world: World, asker: Asker) -> None:
    line = world.line(asker.organisation)
    week(line, OCT_16)
    about = {"topic": "over exception level", "about": f"{line.reference} 16/10/2017"}
    assert asker.start("Service Brokerage", **about).actual_id
    with pytest.raises(Refused, match="another open conversation with this team about the same week"):
        asker.start("Service Brokerage", **about)
