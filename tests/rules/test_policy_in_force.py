"""Which of a setting's values count on a day, and how they read."""

from datetime import date

import pytest

from rules.policy import SETTINGS, Version
from rules.policy_in_force import HEADINGS, came_with, standing_by_scope, value_in_words
from rules.states import PolicyScope


def minutes(value: int, valid_from: date, organisation: int | None = None) -> Version:
    scope = PolicyScope.COUNCIL if organisation is None else PolicyScope.ORGANISATION
    return Version("aborted_minutes", value, scope, organisation, valid_from)


def test_the_last_value_that_has_begun_counts_and_the_others_come_next_in_order() -> None:
    old, new = minutes(30, date(2017, 4, 1)), minutes(45, date(2017, 10, 1))
    later, latest = minutes(60, date(2018, 4, 1)), minutes(20, date(2019, 4, 1))
    for_one = minutes(15, date(2018, 1, 1), 7)
    found = standing_by_scope([latest, new, old, for_one, later], date(2017, 10, 1))
    council, one = found[PolicyScope.COUNCIL, None], found[PolicyScope.ORGANISATION, 7]
    assert (council.now, council.later) == (new, (later, latest))
    assert (one.now, one.later) == (None, (for_one,))


def test_every_setting_stands_under_a_heading() -> None:
    assert {setting.code[:2] for setting in SETTINGS.values()} == set(HEADINGS)


def test_what_the_portal_came_with_for_a_sector_is_known() -> None:
    assert came_with(SETTINGS["extras_allowed"], "Supported living") is False
    assert came_with(SETTINGS["extras_allowed"], "Nursing") is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("portal_start", "16 October 2017"),
        ("extras_allowed", "Yes"),
        ("closure_days", "None"),
        ("absence_tiers", "from day 1: 100%, from day 8: 0%"),
        ("hour_step", "0.25"),
    ],
)
def test_a_value_reads_as_people_write_it(name: str, words: str) -> None:
    assert value_in_words(SETTINGS[name], SETTINGS[name].default) == words
