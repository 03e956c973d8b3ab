"""Every subject of a conversation is some team's to answer, and every team answers about something else too."""

from rules.conversation_topics import TOPICS_OF_TEAMS, Topic, topics_of


def test_every_subject_has_a_team() -> None:
    assert {topic for topics in TOPICS_OF_TEAMS.values() for topic in topics} == set(Topic)


def test_every_team_answers_about_something_else_last() -> None:
    assert {topics[-1] for topics in TOPICS_OF_TEAMS.values()} == {Topic.OTHER}


def test_a_team_that_the_council_adds_answers_about_everything() -> None:
    assert topics_of("Transport") == tuple(Topic)
