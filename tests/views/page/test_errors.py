"""What a person sees when something is away, unknown, too big or broken."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from app import create_app
from config import connections
from database import Urls
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import serving
from tests.support.worlds.world import World
from workflows.front_pages.announced import Notice


@pytest.fixture
def without_database() -> Flask:
    """The portal before a database server that is not there."""
    return create_app(
        **connections(Urls(*["postgresql+psycopg://somebody@/portal?host=/nowhere"] * 4)),
        TESTING=True,
        PROPAGATE_EXCEPTIONS=False,
        SECRET_KEY="a key for tests only",
        COUNCIL_TELEPHONE="01603 495702, option 1",
    )


@pytest.mark.parametrize("path", ["/", "/actuals", "/admin/organisations/list/"])
def test_without_the_database_a_plain_page_says_whom_to_call(without_database: Flask, path: str) -> None:
    browser = Browser(without_database)
    with browser.client.session_transaction() as cookie:
        cookie["token"] = "somebody was signed in"
    answer = browser.get(path)
    assert answer.status_code == 503
    assert "01603 495702" in answer.text


@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_without_the_database_can_be_read_by_everybody(
    without_database: Flask, chromium: Chromium, width: int
) -> None:
    with serving(without_database) as address:
        window = chromium.new_page(viewport={"width": width, "height": 900})
        window.goto(f"{address}/sign-in")
        window.get_by_label("Email address").fill("a@b.example")
        window.get_by_label("Password", exact=True).fill("correct-horse-portal")
        with window.expect_response(lambda answer: answer.status == 503):
            window.get_by_role("button", name="Continue").click()
        expect(window.get_by_role("heading", level=1)).to_have_text("The portal is not available")
        expect(window.get_by_text("01603 495702").first).to_be_visible()
        check_accessible(window)
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth")
        window.close()


def test_signing_in_without_the_database_says_whom_to_call(without_database: Flask) -> None:
    without_database.config["WTF_CSRF_ENABLED"] = False
    answer = Browser(without_database).post("/sign-in", {"email": "a@b.example", "password": "x"})
    assert answer.status_code == 503
    assert "01603 495702" in answer.text


def test_health_without_the_database_is_503(without_database: Flask) -> None:
    assert Browser(without_database).get("/health").status_code == 503


def test_a_page_that_fails_shows_no_traceback(app: Flask, world: World, browser: Browser, caplog: Any) -> None:
    world.app.config["PORTAL_TODAY"] = "not a date"
    browser.sign_in(world.contact(world.organisation()))
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "not a date" not in answer.text
    assert "not a date" in caplog.text


def test_every_answer_carries_the_content_policy(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Auditor"))
    for path in ("/", "/health", "/no-such-page", "/static/portal.js", "/sign-in"):
        policy = browser.get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "'nonce-" in policy


def test_pages_are_not_kept_by_the_browser(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Auditor"))
    assert browser.get("/").headers["Cache-Control"] == "no-store"


def test_a_nonce_is_used_once(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Auditor"))
    first, second = (browser.get("/").headers["Content-Security-Policy"] for _ in range(2))
    assert first != second


def test_without_the_database_the_widespread_problem_seen_last_is_told(without_database: Flask) -> None:
    day = date(2017, 11, 20)
    without_database.config["PORTAL_TODAY"] = day.isoformat()
    seen = [(day, day, Notice(1, "The county's network is down", "Wait until noon.", widespread=True))]
    without_database.extensions["widespread_problems"] = seen
    page = Browser(without_database).get("/help").text
    assert "The county&#39;s network is down" in page
