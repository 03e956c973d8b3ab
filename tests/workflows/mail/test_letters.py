"""Every letter has staff's words where they gave some, and nothing in them that cannot be filled in."""

import ast
from pathlib import Path

import pytest

from models import Email, db
from rules.letter import EVERYWHERE, PLACEHOLDERS, Letter
from rules.letters import GROUPS, LETTERS
from rules.refusal import Refused, Unknown
from tests.support.worlds.world import World
from workflows.mail.letters import one_letter, restore, reword, try_words, write_letter

NAME = "weeks to confirm"
ROOT = Path(__file__).parents[3]
DOOR, OUTBOX, WRITES = Path("workflows/mail/letters.py"), Path("workflows/mail/outbox.py"), "write_letter"


def written(name: str, **values: str) -> Email:
    """What reaches the outbox of a letter, read back."""
    values = dict.fromkeys(LETTERS[name].given, "FILLED") | values
    email = write_letter("mary@provider.example", name, None, **values)
    db.session.commit()
    db.session.refresh(email)
    return email


def code() -> dict[Path, str]:
    """The text of every module of what runs."""
    floors = ("commands", "jobs", "views", "workflows")
    return {path.relative_to(ROOT): path.read_text() for floor in floors for path in (ROOT / floor).rglob("*.py")}


def calls(text: str, *names: str) -> list[ast.Call]:
    """The calls of functions of these names."""
    if not any(f"{name}(" in text for name in names):
        return []
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    return [call for call in found if isinstance(call.func, ast.Name) and call.func.id in names]


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_can_be_reworded_and_reaches_the_outbox_in_these_words(name: str, world: World) -> None:
    own = LETTERS[name]
    needed = " ".join(f"{{{each}}}" for each in own.needs)
    reword(name, "Words of ours", f"Text of ours for {{council}}. {needed}")
    email = written(name)
    assert (email.letter, email.subject) == (name, "Words of ours")
    assert email.body.startswith("Text of ours for Norfolk County Council.")
    assert email.body.count("FILLED") == len(set(own.needs) - set(EVERYWHERE))
    assert (email.is_notice, email.holds_secret) == (own.is_notice, bool(own.secret))
    restore(name)
    assert written(name).subject == own.subject.replace("{title}", "FILLED").replace("{kind}", "FILLED")


@pytest.mark.parametrize("name", LETTERS)
def test_no_letter_is_kept_without_what_it_needs(name: str, world: World) -> None:
    own = LETTERS[name]
    for lost in own.needs:
        kept = " ".join(f"{{{each}}}" for each in own.needs if each != lost)
        with pytest.raises(Refused) as refused:
            reword(name, "Hello", f"Words. {kept} {{{{{lost}}}}}")
        assert [each.wrong for each in refused.value.problems] == [f"{{{lost}}} is missing."]
    assert one_letter(name).is_reworded is False


@pytest.mark.parametrize("name", LETTERS)
def test_the_portals_own_words_pass_its_own_checks_and_can_be_previewed(name: str, world: World) -> None:
    own = LETTERS[name]
    assert try_words(name, own.subject, own.body) == one_letter(name).preview
    assert "{" not in "".join(one_letter(name).preview)
    assert (own.when, own.to, one_letter(name).is_reworded) != ("", "", True)


def test_whatever_the_code_sends_is_a_letter_that_can_be_reworded() -> None:
    modules = code()
    names = [call.args[1] for text in modules.values() for call in calls(text, WRITES)]
    assert [ast.unparse(name) for name in names if isinstance(name, ast.Constant) and name.value not in LETTERS] == []
    assert {path for path, text in modules.items() if calls(text, "write_email", "Email")} == {DOOR, OUTBOX}
    assert {name for name in LETTERS if not any(f'"{name}"' in text for text in modules.values())} == set()
    assert sum(map(len, GROUPS.values())) == len(LETTERS)


def test_no_placeholder_stands_for_people_or_amounts() -> None:
    assert {name for own in LETTERS.values() for name in own.known} == set(PLACEHOLDERS)
    assert set(PLACEHOLDERS) == {
        "council", "telephone", "help", "address", "organisation", "place", "kind", "password", "until", "opens",
        "title", "text", "notices",
    }  # fmt: skip


@pytest.mark.parametrize("values", [{}, {"address": "x", "person": "Ada Bell"}])
def test_a_letter_takes_the_values_of_its_own_placeholders_all_of_them(values: dict[str, str], world: World) -> None:
    with pytest.raises(TypeError, match="is filled with"):
        write_letter("mary@provider.example", NAME, None, **values)


def test_staff_give_a_letter_other_words_and_take_them_back(world: World) -> None:
    reword(NAME, "Please confirm", "Here: {address}\nRing {telephone}.")
    email = written(NAME, address="https://portal")
    assert (email.subject, email.body) == ("Please confirm", "Here: https://portal\nRing 01603 495702, option 1.\n")
    restore(NAME)
    assert written(NAME).subject == LETTERS[NAME].subject


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Nothing to click", "{address} is missing."),
        ("{{address}}", "{address} is missing."),
        ("{address} {amount}", "{amount} is not known in this letter."),
        ("{address} {council.config}", "{council.config} is not known in this letter."),
        ("{address!r}", "{address!r} is not known in this letter."),
        ("{address", "A curly bracket is not closed."),
        ("{address} You get £12.50.", "An e-mail holds no amounts and no references of people."),
        ("{address} about P004711", "An e-mail holds no amounts and no references of people."),
        ("", "Write some words."),
    ],
)
def test_a_letter_that_could_not_be_filled_in_is_refused(world: World, body: str, said: str) -> None:
    for do in (reword, try_words):
        with pytest.raises(Refused) as refused:
            do(NAME, "Hello", body)
        assert said in [each.wrong for each in refused.value.problems]
    assert one_letter(NAME).is_reworded is False


@pytest.mark.parametrize("name", [name for name, own in LETTERS.items() if own.secret])
def test_a_link_or_password_never_stands_in_a_subject(name: str, world: World) -> None:
    own: Letter = LETTERS[name]
    needed = " ".join(f"{{{each}}}" for each in own.needs)
    with pytest.raises(Refused) as refused:
        reword(name, f"Yours: {{{own.secret}}}", needed)
    assert [(each.wrong, each.field) for each in refused.value.problems] == [
        (f"{{{own.secret}}} must not stand in the subject.", "subject")
    ]


def test_an_empty_placeholder_leaves_no_gap(world: World) -> None:
    assert "\n\n\n" not in written("contacts form", opens="").body
    assert "\n\n3 May.\n\n" in written("contacts form", opens="3 May.").body


def test_there_is_no_letter_of_another_name(world: World) -> None:
    with pytest.raises(Unknown):
        reword("no such letter", "a", "b")
