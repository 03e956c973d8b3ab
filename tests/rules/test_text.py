"""What of a text can be kept, shown and carried by a spreadsheet."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.problem_codes import Code
from rules.refusal import Problem
from rules.text import refuse_longer, refuse_unseen, visible

UNSEEN = [
    "\x00",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\u202e",
    "\u2069",
    "\ud800",
    "\ufdd0",
    "\ufffe",
    "\uffff",
    "\U0001fffe",
    "\U0010ffff",
]


@pytest.mark.parametrize("character", UNSEEN)
def test_a_character_that_nobody_can_see_is_refused_with_where_it_stands(character: str) -> None:
    assert refuse_unseen(f"The van\nbroke{character} down", "The comment") == Problem(
        Code.UNSEEN,
        "The comment holds a character that cannot be seen, after “broke”.",
        "Type that part again.",
    )


def test_only_the_words_just_before_are_repeated() -> None:
    text = "The carer waited for twenty minutes\ufffe"
    after, begins = refuse_unseen(text), refuse_unseen("\ufffeThe carer")
    assert after
    assert "after “…d for twenty minutes”" in after.wrong
    assert begins
    assert "at the beginning of a line" in begins.wrong


def test_a_text_is_refused_from_one_character_too_many_on() -> None:
    assert refuse_longer("x" * 1000, 1000) is None
    problem = refuse_longer("x" * 1001, 1000, "The comment")
    assert problem == Problem(Code.TOO_LONG, "The comment has 1,001 characters.", "Shorten it to 1,000.")


@pytest.mark.parametrize("text", ["", "two\nlines", "two\r\nlines", "a\tb", "café", "👩‍👩‍👧 \u200fעם", "£12 – 13"])
def test_what_people_write_is_taken(text: str) -> None:
    assert refuse_unseen(text) is None
    assert visible(text) == text


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_taken_or_marked_can_be_carried_by_xml(text: str) -> None:
    if refuse_unseen(text):
        text = visible(text)
    # XML has one kind of line break.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    element = ET.Element("t")
    element.text = plain
    assert (ET.fromstring(ET.tostring(element)).text or "") == plain
