"""Confirm all as planned: a check page, then done, and undone, in a real browser."""

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from models import Actual, Contact, Organisation
from rules.states import ActualState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import ADDRESS, stored_weeks
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.world import World

TOGETHER = "/actuals/together"


@pytest.mark.parametrize("width", [1280, 375])
def test_all_weeks_are_checked_confirmed_and_undone(
    world: World, organisation: Organisation, live: Live, width: int
) -> None:
    world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    page.set_viewport_size({"width": width, "height": 900})
    page.get_by_role("link", name="Confirm all four weeks as planned").click()
    expect(page.get_by_role("heading", name="Confirm all as planned")).to_be_visible()
    expect(page.get_by_text("You are about to confirm 4 weeks")).to_contain_text("for £551.04")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessible(page)
    assert stored_weeks() == []
    page.get_by_role("button", name="Confirm 4 weeks").click()
    expect(page.get_by_text("4 weeks confirmed.")).to_be_visible()
    assert {week.state for week in stored_weeks()} == {ActualState.CONFIRMED}
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessible(page)
    page.get_by_role("button", name="Undo 4 weeks").click()
    expect(page.get_by_text("4 weeks are not started again.")).to_be_visible()
    expect(page.get_by_role("button", name="Confirm 4 weeks")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Back to Actuals").click()
    expect(page.locator(".state .tag")).to_have_text("Not started")


def test_the_week_page_offers_to_undo_what_was_confirmed_a_moment_ago(
    app: Flask, world: World, organisation: Organisation, contact: Contact, provider: Browser
) -> None:
    world.line(organisation)
    assert "undo-together" not in provider.get(ADDRESS).text
    (seen,) = re.findall(r'name="seen" value="(\w+)"', provider.get(f"{TOGETHER}?period=2017-11-06").text)
    provider.post(f"{TOGETHER}?period=2017-11-06", {"seen": seen})
    page = provider.get(ADDRESS).text
    assert '<button class="linklike linklike--info" form="undo-together">Undo 4 weeks<' in page
    assert "undo-together" not in provider.get("/actuals?week=2017-11-13").text, "another period"
    assert "undo-together" not in Browser(app).sign_in(contact).get(ADDRESS).text, "another session"
    (at,) = re.findall(r'name="at" value="([^"]+)"', page)
    done = provider.post(f"{TOGETHER}/undo?period=2017-11-06", {"at": at, "to-week": "1"})
    assert done.request.path == "/actuals"
    assert "4 weeks are not started again." in done.text
    assert "undo-together" not in done.text
    assert {week.state for week in stored_weeks()} == {ActualState.DRAFT}


def test_one_week_confirmed_as_planned_is_undone_on_its_page(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line, typed = world.line(organisation), world.line(organisation)
    entry = {f"v-{typed.id}": "", **{f"d{day}-{typed.id}": "1" for day in range(7)}, f"d0-{typed.id}": "0.5"}
    page = provider.post(ADDRESS, {"do": "planned", f"reason-{typed.id}": "SHORTER", **entry}).text
    assert ">Undo 1 week<" in page
    (at,) = re.findall(r'name="at" value="([^"]+)"', page)
    assert "1 week is not started again." in provider.post(f"{TOGETHER}/undo?period=2017-11-06", {"at": at}).text
    states = {week.line_item_id: (week.state, week.source) for week in stored_weeks()}
    assert states == {line.id: (ActualState.DRAFT, Actual.UNDONE), typed.id: (ActualState.DRAFT, "Actuals page")}


def test_what_changed_since_the_page_was_opened_is_shown_before_it_is_confirmed(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    world.line(organisation)
    address = f"{TOGETHER}?period=2017-11-06"
    assert "4 weeks" in provider.get(address).text
    answer = provider.post(address, {"seen": "something else"})
    assert answer.status_code == 422
    assert "What would be confirmed has changed since you opened this page." in answer.text
    assert stored_weeks() == []


@pytest.mark.parametrize(("address", "form"), [("", {}), ("?period=x", {}), ("/undo?period=2017-11-06", {"at": "now"})])
def test_what_is_no_period_and_no_batch_is_not_found(provider: Browser, address: str, form: dict[str, str]) -> None:
    assert provider.post(TOGETHER + address, form).status_code == 404
