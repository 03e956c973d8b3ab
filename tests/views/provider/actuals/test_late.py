"""Weeks not confirmed in time stand in one list, the oldest first, each with the way to its sheet."""

import pytest

from models import LineItem, Organisation
from rules.states import ActualState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, OCT_23, week
from tests.support.worlds.world import World

ADDRESS, AFTER = "/actuals/late", "2017-11-28"


def test_late_weeks_are_for_who_records_care(world: World, organisation: Organisation, browser: Browser) -> None:
    assert browser.sign_in(world.contact(organisation, may_payments=True)).get(ADDRESS).status_code == 403
    page = browser.sign_in(world.contact(organisation, may_actuals=True)).get(f"{ADDRESS}?page=7")
    assert (page.status_code, "Every week whose date has passed is confirmed." in page.text) == (200, True)


def test_a_draft_is_late_and_a_confirmed_week_is_not(world: World, line: LineItem, provider: Browser) -> None:
    assert "Every week whose date has passed is confirmed." in provider.get(ADDRESS).text
    world.app.config["PORTAL_TODAY"] = AFTER
    week(line, OCT_16)
    week(line, OCT_23, state=ActualState.DRAFT)
    page = provider.get(ADDRESS).text
    assert "3 of the last half year" in page
    assert f'href="/actuals?week={OCT_23}#line-{line.id}"' in page
    assert (page.count(">Draft</span>"), page.count(">Not started</span>")) == (1, 2)
    assert "27 November 2017" in page  # when they were due
    assert "Ada Bell" not in page


def test_a_page_of_late_weeks_takes_six_queries(world: World, line: LineItem, provider: Browser) -> None:
    for _ in range(8):
        world.line(line.organisation)
    world.app.config["PORTAL_TODAY"] = AFTER
    with Queries() as queries:
        assert "36 of the last half year" in provider.get(ADDRESS).text
    # session and roles; scope; contact with what waits; the weeks, and the plans of their lines
    assert len(queries) <= 6, queries


@pytest.mark.parametrize("width", [1280, 375])
def test_a_manager_goes_from_the_menu_to_a_late_week(
    world: World, line: LineItem, organisation: Organisation, live: Live, width: int
) -> None:
    world.app.config["PORTAL_TODAY"] = AFTER
    page = live.sign_in(world.contact(organisation)).page
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(live.address)
    follow(page.get_by_role("link", name="Late weeks"))
    check_accessible(page)
    page.get_by_role("link", name="16 October 2017").click()
    page.wait_for_url(f"**/actuals?week={OCT_16}#line-{line.id}")
