"""Passwords are compared with their hashes, asked for again, and a wrong one counts."""

import pytest

from models import PortalUser, db
from rules.refusal import Refused
from tests.support.world import World
from workflows.access.passwords import common_passwords, confirm, set_password
from workflows.hashes import hash_password, matches


def person(world: World) -> PortalUser:
    user = world.user("manager@fenland.example")
    set_password(user, "three small words", "In a test.")
    db.session.refresh(user)
    return user


def test_a_hash_fits_its_password_only() -> None:
    kept = hash_password("three small words")
    assert matches(kept, "three small words")
    assert not matches(kept, "three small word")


@pytest.mark.parametrize("kept", [None, "", "!", "scrypt:32768:8:1$x$y"])
def test_where_there_is_no_hash_no_password_is_right(kept: str | None) -> None:
    assert not matches(kept, "")
    assert not matches(kept, "anything at all")


def test_the_same_password_twice_has_two_hashes() -> None:
    assert hash_password("three small words") != hash_password("three small words")


def test_the_password_asked_for_again_is_accepted_and_costs_nothing(world: World) -> None:
    user = person(world)
    confirm(user, "three small words")
    assert db.session.get_one(PortalUser, user.id).failed_attempts == 0


def test_a_wrong_one_is_refused_at_its_field_and_counts_to_the_lock(world: World) -> None:
    user = person(world)
    for _ in range(4):
        with pytest.raises(Refused, match="The password is not right"):
            confirm(user, "wrong", "accept_password")
    with pytest.raises(Refused, match="Too many wrong") as refused:
        confirm(user, "wrong", "accept_password")
    assert refused.value.problems[0].field == "accept_password"
    with pytest.raises(Refused, match="Too many wrong"):
        confirm(user, "three small words")


def test_the_deny_list_is_lower_case_and_long_enough_to_matter() -> None:
    denied = common_passwords()
    assert all(each == each.lower() for each in denied)
    assert len([each for each in denied if len(each) >= 12]) > 300
    assert "correct-horse-portal" not in denied
