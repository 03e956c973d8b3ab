"""Every form and query string with values that Hypothesis makes: nothing breaks, and nothing of another is shown.

A few dozen requests a role; FUZZ=10000 sends so many, by one role after the other.
"""

import os
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from models import Organisation, RateCount, db
from tests.support.pages.browser import Browser
from tests.support.pages.crawl import Found, canaries, sung, walk
from tests.support.worlds import everything
from tests.support.worlds.world import World
from tests.views.test_hostile_queries import VALUES, asked_names
from views.access.roles import STAFF_ROLES

REQUESTS: Final = int(os.environ.get("FUZZ", "40"))
SIGNED_OUT, PROVIDER = "signed out", "provider"
PEOPLE: Final = (SIGNED_OUT, PROVIDER, *STAFF_ROLES)
# Every so many requests the counts of what one account may send are forgotten, or the rest would all be refused.
FORGET_EVERY: Final = 50

NUMBERS = st.integers().map(str) | st.decimals().map(str) | st.floats().map(str) | st.integers(-2, 3).map(str)
DATES = st.dates().map(str) | st.datetimes().map(str) | st.sampled_from(["2017-10-16", "2017-10-17", "16 October 2017"])
LETTERS = st.characters(codec="utf-8")
VALUE = st.sampled_from(VALUES) | st.text(LETTERS, max_size=40) | NUMBERS | DATES


@pytest.fixture
def two(world: World) -> tuple[Organisation, Organisation]:
    """Two organisations with a record of every kind each."""
    everything.build(world, world.officer("Administrator"), (1, 2))
    own, other = db.session.scalars(select(Organisation).order_by(Organisation.id))
    return own, other


@pytest.mark.timeout(36_000 if REQUESTS > 1_000 else 300)
@pytest.mark.parametrize("who", PEOPLE)
def test_no_value_breaks_a_page_or_shows_another_organisation(
    two: tuple[Organisation, Organisation], world: World, app: Flask, who: str
) -> None:
    own, other = two
    words = canaries(own.id, other.id) if who in (SIGNED_OUT, PROVIDER) else set()
    browser = arrive(world, own, who)
    # With few requests a walk through all of staff's pages would cost more than they do.
    whole = who == PROVIDER or REQUESTS > 1_000
    starts = {SIGNED_OUT: ("/sign-in",), PROVIDER: ("/",)}.get(who, SOME_OF_STAFFS)
    found = walk(browser, starts, alike=1, follow=whole or who == SIGNED_OUT)
    assert found.addresses
    broken: list[Any] = []
    sent = 0

    @seed(REQUESTS)
    @settings(
        max_examples=REQUESTS, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        nonlocal browser, sent
        sent += 1
        if sent % FORGET_EVERY == 0:
            db.session.execute(delete(RateCount))
            db.session.commit()
            browser = arrive(world, own, who)  # whatever it did, it may have signed itself out
        broken.extend(one_request(data, browser, found, words))

    ask()
    assert broken == []


SOME_OF_STAFFS: Final = (
    "/", "/admin/people/list/", "/admin/line-items/list/", "/admin/announcements/add", "/admin/holds/add",
    "/staff/conversations", "/staff/agreements/new", "/staff/payment-run", "/staff/exceptions", "/staff/contacts/new",
    "/admin/policy-settings/add", "/admin/audit/list/",
)  # fmt: skip


def arrive(world: World, own: Organisation, who: str) -> Browser:
    browser = Browser(world.app)
    if who == SIGNED_OUT:
        return browser
    return browser.sign_in(own.contacts[0] if who == PROVIDER else world.officer(who))


def one_request(data: st.DataObject, browser: Browser, found: Found, words: set[str]) -> list[Any]:
    """Send one form, or ask one address; return what was wrong with the answer."""
    by_post: bool = data.draw(st.booleans())
    if found.forms and by_post:
        form = data.draw(st.sampled_from(found.forms))
        fields = {name: data.draw(st.just(value) | VALUE) for name, value in form.fields[:60]}
        answer, asked = browser.post(form.action, fields), f"POST {form.action} {fields}"
    else:
        address = urlsplit(data.draw(st.sampled_from(found.addresses))).path
        names = data.draw(st.lists(st.sampled_from(sorted(asked_names())), max_size=4))
        query = {name: data.draw(VALUE) for name in names}
        answer, asked = browser.get(address, query_string=query), f"GET {address} {query}"
    wrong = ["broke"] if answer.status_code >= 500 or b"Traceback (most recent" in answer.data else []
    return [(asked, each) for each in (*wrong, *sung(answer, words, asked))]
