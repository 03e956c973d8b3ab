"""How fast a team answers and settles is counted by the month a conversation was opened in."""

from datetime import date

import pytest
from sqlalchemy import select

from models import Organisation, PortalUser, Team, db
from tests.support.worlds.world import World
from workflows.clock import story_at
from workflows.conversations.desk import move
from workflows.conversations.figures import MonthOfTeam, figures
from workflows.conversations.thread import open_conversation
from workflows.conversations.write import Writer, close, reply

MONDAY = date(2017, 10, 2)  # answered by Wednesday 4, settled by Monday 16 October
NOVEMBER = date(2017, 11, 20)


class Teams:
    """A provider who opens conversations, and an officer who answers for every team."""

    def __init__(self, world: World) -> None:
        self.organisation: Organisation = world.organisation()
        self.user = db.session.get_one(PortalUser, world.contact(self.organisation).user_id)
        officer = world.officer("Administrator")
        self.writer = Writer(officer, from_council=True, teams=tuple(db.session.scalars(select(Team.name))))

    def open(self, day: date, *, answer: date | None = None, settle: date | None = None, team: str = "Payments") -> int:
        with story_at(day):
            opened = open_conversation(team, "Where?", "Nothing came.", self.user, organisation_id=self.organisation.id)
            db.session.commit()
        if answer:
            with story_at(answer):
                reply(opened.id, "On Friday.", self.writer)
        if settle:
            with story_at(settle):
                db.session.refresh(opened, ["messages"])
                close(opened.id, "Paid", self.writer, seen=opened.messages[-1].id)
        return opened.id


@pytest.fixture
def teams(world: World) -> Teams:
    return Teams(world)


def on(day: date, team: str = "") -> list[MonthOfTeam]:
    with story_at(day):
        return figures(team)


def test_in_time_is_until_the_end_of_the_target_day(teams: Teams) -> None:
    teams.open(MONDAY, answer=date(2017, 10, 4), settle=date(2017, 10, 16))
    teams.open(MONDAY, answer=date(2017, 10, 5), settle=date(2017, 10, 17))
    teams.open(MONDAY, answer=date(2017, 10, 3))
    assert on(date(2017, 10, 16)) == [MonthOfTeam("Payments", date(2017, 10, 1), 3, 2, 1, 1, 1)]
    [found] = on(date(2017, 10, 17))
    assert (found.settled_in_time, found.settled_late) == (1, 2)
    assert (found.answered_share, found.settled_share) == (67, 33)


def test_who_still_waits_is_late_from_the_day_after_and_not_before(teams: Teams) -> None:
    teams.open(MONDAY)
    [found] = on(date(2017, 10, 4))
    assert (found.opened, found.answered_in_time, found.answered_late, found.answered_share) == (1, 0, 0, None)
    [found] = on(date(2017, 10, 5))
    assert (found.answered_late, found.answered_share) == (1, 0)


def test_what_the_council_opened_needs_no_first_answer(teams: Teams) -> None:
    with story_at(MONDAY):
        open_conversation("Payments", "A question", "Why?", teams.writer.user, organisation_id=teams.organisation.id)
        db.session.commit()
    [found] = on(date(2017, 10, 10))
    assert (found.opened, found.answered_in_time, found.answered_late) == (1, 0, 0)


def test_months_and_teams_stand_apart_and_a_year_is_shown(teams: Teams) -> None:
    teams.open(date(2016, 11, 1))
    teams.open(date(2016, 12, 1))
    teams.open(MONDAY, team="Billing")
    teams.open(MONDAY)
    assert [(each.month, each.team) for each in on(NOVEMBER)] == [
        (date(2017, 10, 1), "Billing"),
        (date(2017, 10, 1), "Payments"),
        (date(2016, 12, 1), "Payments"),
    ]
    assert {each.team for each in on(NOVEMBER, "Billing")} == {"Billing"}


def test_a_move_is_no_answer_and_counts_for_the_team_it_went_to(teams: Teams) -> None:
    moved = teams.open(MONDAY)
    billing = str(db.session.scalars(select(Team.id).where(Team.name == "Billing")).one())
    with story_at(date(2017, 10, 3)):
        move(moved, billing, "For you", teams.writer)
    [found] = on(date(2017, 10, 5))
    assert (found.team, found.answered_in_time, found.answered_late) == ("Billing", 0, 1)
