"""The first page after signing in."""

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, update

from models import UserSession, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from workflows.clock import now


def test_a_contact_lands_on_the_main_menu(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    page = browser.sign_in(contact).get("/")
    assert page.status_code == 200
    assert "<h1" in page.text
    assert "Main menu" in page.text
    assert "Fenland Homecare Ltd" in page.text


def test_the_main_menu_answers_who_only_asks_whether_it_is_there(world: World, browser: Browser) -> None:
    browser.sign_in(world.contact(world.organisation()))
    assert browser._ask(browser.client.head, "/").status_code == 200


def test_an_officer_lands_on_today(world: World, browser: Browser) -> None:
    page = browser.sign_in(world.officer("Payments officer")).get("/")
    assert page.status_code == 200
    assert "Today" in page.text


def test_the_navigation_begins_with_each_ones_own_first_page(world: World, app: Flask) -> None:
    contact, officer = world.contact(world.organisation()), world.officer("Payments officer")
    for who, words in ((officer, "Today"), (contact, "Main menu"), (officer, "Today")):
        page = Browser(app).sign_in(who).get("/account").text
        assert re.findall(r'<li><a href="/"[^>]*>([^<]*)', page) == [words]


def test_an_unknown_address_is_not_found(world: World, browser: Browser) -> None:
    answer = browser.sign_in(world.officer("Auditor")).get("/no-such-page")
    assert answer.status_code == 404
    assert "Page not found" in answer.text


def test_health_says_the_database_is_there(browser: Browser) -> None:
    assert '"database":"ok"' in browser.get("/health").text.replace(" ", "")


def test_typing_counts_as_being_there(world: World, browser: Browser) -> None:
    browser.sign_in(world.contact(world.organisation()))
    long_ago = now() - timedelta(minutes=20)
    db.session.execute(update(UserSession).values(last_seen_at=long_ago))
    db.session.commit()
    assert 1790 < browser.get("/still-here").get_json()["idle"] <= 1800
    assert db.session.scalars(select(UserSession.last_seen_at)).one() > long_ago
