"""The token of a form never looks the same twice, and is the same behind its mask."""

import re

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages.browser import Browser
from views.access.form_tokens import mask, unmask

TOKEN = re.compile(r'name="csrf_token" value="([^"]*)"')


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200))
def test_a_masked_token_is_the_token_again(token: str) -> None:
    assert unmask(mask(token)) == token


@given(st.text(max_size=60))
def test_what_was_never_masked_is_no_error(typed: str) -> None:
    assert isinstance(unmask(typed), str)


def test_two_answers_hold_two_tokens_and_either_opens_the_form(guarded: Flask) -> None:
    browser = Browser(guarded)
    first, second = (TOKEN.findall(browser.get("/sign-in").text)[0] for _ in range(2))
    assert first != second
    for token in (first, second):
        form = {"email": "a@b.example", "password": "x", "csrf_token": token}
        assert "The e-mail address or the password is not right" in browser.post("/sign-in", form).text


def test_a_token_of_another_browser_or_none_at_all_opens_nothing(guarded: Flask) -> None:
    theirs = TOKEN.findall(Browser(guarded).get("/sign-in").text)[0]
    mine = Browser(guarded)
    mine.get("/sign-in")
    for token in (theirs, "", "x", "AAAA"):
        answer = mine.post("/sign-in", {"email": "a@b.example", "password": "x", "csrf_token": token})
        assert "is not right" not in answer.text, token
