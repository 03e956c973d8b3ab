"""The same form sent three times is carried out once: by a second click, after a cut connection, by Back."""

import re
from contextvars import Context
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import PROJECT
from models import Conversation, Message, SentForm, Team, db
from tests.support.pages.browser import Browser
from tests.support.pages.typed import opened, token_on
from tests.support.worlds.people import regular
from tests.support.worlds.world import World
from views.access import gate, once
from workflows.access.forms import sent as sent_forms

PAGE = "/conversations/start"


@pytest.fixture
def browser(guarded: Flask, world: World) -> Browser:
    """A contact's client without scripts, whose forms need their token."""
    return Browser(guarded).sign_in(regular(world))


@pytest.fixture
def typed(world: World) -> dict[str, Any]:
    """A conversation that can be started."""
    team = db.session.scalars(select(Team.id)).first()
    return {"team": team, "subject": "Hours", "about": "", "message": "Six hours"}


def count(table: type = Conversation) -> int:
    """How many rows a table has."""
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_a_form_sent_three_times_makes_one_and_each_time_gets_the_same_answer(
    browser: Browser, typed: dict[str, Any]
) -> None:
    form = opened(browser, PAGE, typed)
    pages = [browser.post(PAGE, form) for _ in range(3)]
    assert count() == 1
    assert {page.request.path for page in pages} == {"/conversations/1"}
    assert all(page.text.count("Your message has been sent.") == 1 for page in pages)


def test_what_is_changed_before_it_is_sent_again_is_another_form(browser: Browser, typed: dict[str, Any]) -> None:
    form = opened(browser, PAGE, typed)
    browser.post(PAGE, form)
    browser.post(PAGE, form | {"message": "Seven hours"})
    assert count() == 2


def test_the_same_words_typed_into_a_page_that_was_opened_anew_are_another_form(
    browser: Browser, typed: dict[str, Any]
) -> None:
    for _ in range(2):
        browser.post(PAGE, opened(browser, PAGE, typed))
    assert count() == 2


def test_two_forms_of_one_page_are_two(browser: Browser, typed: dict[str, Any]) -> None:
    browser.post(PAGE, opened(browser, PAGE, typed))
    browser.post("/conversations/1", opened(browser, "/conversations/1", {"do": "close", "reason": "Done", "seen": 1}))
    page = browser.get("/conversations/1")
    for _ in range(3):
        browser.post("/conversations/1", {"message": "Once more", "csrf_token": token_on(page)})
    assert count(Message) == 3


def test_a_form_that_was_refused_can_be_sent_again(browser: Browser, typed: dict[str, Any]) -> None:
    form = opened(browser, PAGE, typed | {"message": ""})
    for _ in range(2):
        assert browser.post(PAGE, form).status_code == 422
    assert count(SentForm) == 0


def test_two_of_one_form_at_the_same_moment_make_one(browser: Browser, typed: dict[str, Any]) -> None:
    form = opened(browser, PAGE, typed)
    start, found = Barrier(4), []

    def send() -> None:
        client = browser.app.test_client()
        cookie = browser.client.get_cookie("portal")
        client.set_cookie("portal", cookie.value if cookie else "")
        start.wait(10)
        found.append(client.post(PAGE, data=form).location)

    threads = [Thread(target=Context().run, args=(send,)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    db.session.rollback()
    assert count() == 1
    assert found == ["/conversations/1"] * 4


def test_one_whose_answer_was_lost_is_shown_again_with_everything(browser: Browser, typed: dict[str, Any]) -> None:
    form = opened(browser, PAGE, typed)
    browser.post(PAGE, form)
    db.session.execute(update(SentForm).values(location="", sent_at=func.now() - sent_forms.ANSWERS_IN))
    db.session.commit()
    page = browser.post(PAGE, form)
    assert once.ANSWER_LOST in page.text
    assert "Six hours" in page.text
    assert count() == 1


def test_a_form_is_carried_out_by_nobody_but_who_opened_it(
    browser: Browser, typed: dict[str, Any], world: World, guarded: Flask
) -> None:
    form = opened(browser, PAGE, typed)
    other = Browser(guarded).sign_in(world.contact(world.organisation("Broadland Care Ltd"), "b@broadland.example"))
    theirs = token_on(other.get(PAGE)).partition(".")[0]
    seal = form["csrf_token"].partition(".")[2]
    other.post(PAGE, form | {"csrf_token": f"{theirs}.{seal}"})
    assert count() == 0


def test_what_was_sent_is_known_for_a_week(browser: Browser, typed: dict[str, Any]) -> None:
    browser.post(PAGE, opened(browser, PAGE, typed))
    assert sent_forms.forget_old() == 0
    db.session.execute(update(SentForm).values(sent_at=func.now() - sent_forms.LASTS))
    db.session.commit()
    assert sent_forms.forget_old() == 1


# What is not carried out once by this means, and why not.
EXEMPT = {
    "AgreementsView.cost": "a question of a script, which changes nothing",
    "ContactsFormPage.show": "answered once for each link: its second answer is what the first said",
    "NewPasswordView.forgotten": "asks for another link, of which the newest alone works",
    "NewPasswordView.new_password": "a step of signing in: its token is dead after the first",
    "NewPasswordView.reset": "its link is dead after the first",
    "PublicView.unsubscribe": "stops a digest, which may be done twice",
    "SecurityCodeView.code": "a step of signing in: its token is dead after the first",
    "SecurityCodeView.new_code": "a step of signing in: its token is dead after the first",
    "SecurityCodeView.recovery_code": "a step of signing in: its token is dead after the first",
    "SecurityCodeView.recovery_codes": "a step of signing in: its token is dead after the first",
    "SignInView.organisation": "makes a session of which the cookie keeps the last",
    "SignInView.sign_in": "makes a session of which the cookie keeps the last",
    "SignInView.sign_out": "ends a session, which may be done twice",
}


def test_every_form_is_carried_out_once_or_says_why_not(portal: Flask) -> None:
    there = {rule.endpoint for rule in portal.url_map.iter_rules() if "POST" in (rule.methods or ())}
    without = {each for each in there if each in once.QUESTIONS or each.split(".")[0] in gate.OPEN}
    assert without == set(EXEMPT)


def test_every_form_of_every_template_carries_the_token() -> None:
    for path in (PROJECT / "templates").rglob("*.html"):
        text = path.read_text()
        forms = re.findall(r'<form[^>]*method="post".*?</form>', text, re.DOTALL)
        without = [each[:80] for each in forms if "csrf" not in each]
        assert without == [], path.name
