"""The desk of announcements: preview with a count, publish, end; a widespread problem within a minute."""

import pytest
from flask import Flask

from models import Announcement, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World

DESK = "/staff/announcement"
TYPED = {"title": "Invoices", "body": "Send <b>them</b>.", "audience": "everybody", "start": "20/11/2017"}


@pytest.fixture
def officer(world: World, browser: Browser) -> Browser:
    """An officer of the Payments Team, beside one organisation with two contacts."""
    own = world.organisation()
    world.contact(own)
    world.contact(own)
    return browser.sign_in(world.officer("Payments officer"))


def test_a_preview_says_whom_it_reaches_and_publishes_nothing(officer: Browser) -> None:
    page = officer.post(DESK, TYPED | {"by_email": "y", "do": "preview"}).text
    assert "It is for 1 organisation with 2 people" in page
    assert "2 e-mails are written at once." in page
    assert "Send &lt;b&gt;them&lt;/b&gt;." in page
    assert db.session.query(Announcement).count() == 0


def test_a_preview_says_that_e_mails_wait_for_the_first_day(officer: Browser) -> None:
    page = officer.post(DESK, TYPED | {"by_email": "y", "start": "01/12/2099", "do": "preview"}).text
    assert "Each of them gets an e-mail on the morning of 1 December 2099." in page


def test_a_widespread_problem_needs_a_title_and_a_text_and_stands_on_the_sign_in_page(
    officer: Browser, app: Flask
) -> None:
    page = officer.post(DESK, {"widespread": "y", "title": "Codes are late", "body": "Wait.", "do": "publish"})
    assert "“Codes are late” is published." in page.text
    assert "Codes are late" in Browser(app).get("/sign-in").text
    number = db.session.query(Announcement.id).scalar()
    assert "Nobody sees it any more." in officer.post(f"{DESK}/{number}/end").text
    assert "Codes are late" not in Browser(app).get("/sign-in").text


def test_a_refused_announcement_shows_everything_that_was_typed(officer: Browser) -> None:
    typed = TYPED | {"audience": "organisations", "references": "ORG-9999", "start": "tomorrow", "do": "publish"}
    answer = officer.post(DESK, typed)
    assert answer.status_code == 422
    for words in ("ORG-9999", "tomorrow", "Invoices", "There is no organisation with the reference ORG-9999."):
        assert words in answer.text


def test_an_auditor_reads_the_desk_and_publishes_nothing(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Auditor"))
    assert "Publish now" not in browser.get(DESK).text
    browser.post(DESK, TYPED | {"do": "publish"})
    assert db.session.query(Announcement).count() == 0
