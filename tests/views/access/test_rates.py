"""Too many forms of a kind within an hour are refused, by account and by network address, for all workers together."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import Email, KeptForm, RateCount, db
from rules.rates import MESSAGE, RATES, RESET_LINK, SIGN_IN, UPLOAD
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from views.access.rates import LIMITED
from workflows.clock import now

HERE = "address 127.0.0.1"
MINUTE = 60


def used_up(kind: str, who: str, seconds_ago: int = 0) -> None:
    """Let somebody have sent all they may, as other workers would have counted it."""
    rate = RATES[kind]
    most = rate.from_address if who == HERE else rate.by_account
    began = now().timestamp() - seconds_ago
    db.session.add(RateCount(kind=kind, who=who, began_at=now().fromtimestamp(began, now().tzinfo), requests=most))
    db.session.commit()


def test_every_limited_form_is_there(portal: Flask) -> None:
    forms = {rule.endpoint for rule in portal.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {endpoint for endpoints in LIMITED.values() for endpoint in endpoints} - forms == set()


@pytest.mark.parametrize(("kind", "path"), [(UPLOAD, "/actuals/upload"), (MESSAGE, "/conversations/start")])
def test_an_account_that_sent_too_many_waits_and_nobody_else_does(
    world: World, app: Flask, kind: str, path: str
) -> None:
    organisation = world.organisation()
    busy, other = world.contact(organisation), world.contact(organisation)
    used_up(kind, f"account {busy.user_id}")
    answer = Browser(app).sign_in(busy).post(path)
    assert answer.status_code == 429
    assert "Too many at once" in answer.text
    assert "in 60 minutes" in answer.text
    assert 59 * MINUTE < int(answer.headers["Retry-After"]) <= 60 * MINUTE
    assert Browser(app).sign_in(other).post(path).status_code == 422


@pytest.mark.parametrize(("kind", "path"), [(UPLOAD, "/actuals/upload"), (MESSAGE, "/conversations/start")])
def test_an_address_that_sent_too_many_waits_whoever_it_is(
    world: World, browser: Browser, kind: str, path: str
) -> None:
    used_up(kind, HERE)
    assert browser.sign_in(world.contact(world.organisation())).post(path).status_code == 429


def test_signing_in_is_limited_by_address(world: World, browser: Browser) -> None:
    used_up(SIGN_IN, HERE)
    for path in ("/sign-in", "/sign-in/code"):
        assert browser.post(path).status_code == 429, path
    assert browser.get("/sign-in").status_code == 200


def test_asking_for_reset_links_is_limited_by_address_and_says_nothing_about_whose_they_are(
    world: World, browser: Browser
) -> None:
    used_up(RESET_LINK, HERE)
    for email in (world.contact(world.organisation()).email, "nobody@fenland.example"):
        answer = browser.post("/sign-in/forgotten", {"email": email})
        assert answer.status_code == 429
        assert email not in answer.text
    assert db.session.scalar(select(func.count()).select_from(Email)) == 0


def test_after_the_time_is_over_it_begins_anew(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    used_up(UPLOAD, f"account {contact.user_id}", seconds_ago=RATES[UPLOAD].seconds)
    assert browser.sign_in(contact).post("/actuals/upload").status_code == 422
    counts = {each.who: each.requests for each in db.session.scalars(select(RateCount))}
    assert counts == {HERE: 1, f"account {contact.user_id}": 1}


def test_a_request_that_is_refused_counts_too(world: World, browser: Browser) -> None:
    browser.sign_in(world.contact(world.organisation())).post("/conversations/start")
    assert set(db.session.scalars(select(RateCount.requests))) == {1}


def test_what_was_typed_is_kept_where_it_was_too_many(world: World, guarded: Flask) -> None:
    contact = world.contact(world.organisation())
    browser = Browser(guarded).sign_in(contact)
    token = re.search('name="csrf_token"[^>]*value="([^"]*)"', browser.get("/conversations/start").text)
    assert token
    used_up(MESSAGE, f"account {contact.user_id}")
    answer = browser.post("/conversations/start", {"csrf_token": token[1], "subject": "Bank holiday", "message": "Hi"})
    assert answer.status_code == 429
    assert "What you typed is kept" in answer.text
    assert db.session.scalars(select(KeptForm)).one()
    assert "Bank holiday" in browser.get("/conversations/start").text
