"""Letters have staff's words where they gave some, and nothing in them that cannot be filled in."""

import pytest

from rules.refusal import Refused, Unknown
from tests.support.worlds.world import World
from workflows.mail.letters import LETTERS, letter, restore, reword

NAME = "weeks to confirm"


@pytest.mark.parametrize("name", LETTERS)
def test_the_portals_own_words_pass_its_own_checks(name: str, world: World) -> None:
    own = LETTERS[name]
    reword(name, own.subject, own.body)
    filled = letter(name, **dict.fromkeys(own.needs, "FILLED"))
    assert "{" not in "".join(filled)
    assert ("FILLED" in "".join(filled)) is bool(own.needs)


def test_staff_give_a_letter_other_words_and_take_them_back(world: World) -> None:
    reword(NAME, "Please confirm", "Here: {address}\nRing {telephone}.")
    assert letter(NAME, address="https://portal") == (
        "Please confirm", "Here: https://portal\nRing 01603 495702, option 1.\n",
    )  # fmt: skip
    restore(NAME)
    assert letter(NAME, address="x")[0] == LETTERS[NAME].subject


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Nothing to click", "{address} is missing."),
        ("{address} {amount}", "{amount} is not known in this letter."),
        ("{address} {council.config}", "{council.config} is not known in this letter."),
        ("{address!r}", "{address} is not known in this letter."),
        ("{address", "A curly bracket is not closed."),
        ("{address} You get £12.50.", "An e-mail holds no amounts and no references of people."),
        ("{address} about P004711", "An e-mail holds no amounts and no references of people."),
        ("", "Write some words."),
    ],
)
def test_a_letter_that_could_not_be_filled_in_is_refused(world: World, body: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        reword(NAME, "Hello", body)
    assert said in [each.wrong for each in refused.value.problems]
    assert letter(NAME, address="x")[0] == LETTERS[NAME].subject


def test_there_is_no_letter_of_another_name(world: World) -> None:
    with pytest.raises(Unknown):
        reword("no such letter", "a", "b")
