"""The weeks of a period side by side, and which of its lines are shown."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from models import Contact, LineItem, Organisation, Service, acting_for, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import clone
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6, OCT_16, OCT_23, OCT_30
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, confirm_as_planned, save_week

ADDRESS = "/actuals/overview?period=2017-11-06"


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    """A line that is confirmed, one that is over its level in one week, and one that has only its first week."""
    people = [world.person(f"P{number}", name) for number, name in enumerate(("Ada Bell", "Eve Kay", "May Todd"))]
    made = [world.line(organisation, person=person, reference=f"L{person.reference}") for person in people]
    ids = [line.id for line in made]
    with acting_for(organisation.id):
        save_week(OCT_23, [Entry(ids[1], ("3", "1", "1", "1", "1", "1", "1"), "EXTRA")], None, confirm=True)
        confirm_as_planned([OCT_16, OCT_23, OCT_30, NOV_6], None, only=ids[:2])
        confirm_as_planned([OCT_16], None, only=ids[2:])
    return made


def shown(browser: Browser, choice: str) -> list[str]:
    """The references of the lines on the overview."""
    return re.findall(r"<small>CPLI (\S+)", browser.get(f"{ADDRESS}&{choice}").text)


def test_the_overview_leads_to_each_week(line: LineItem, organisation: Organisation, provider: Browser) -> None:
    with acting_for(organisation.id):
        confirm_as_planned([NOV_6], None)
    page = provider.get("/actuals/overview")
    assert "Period 16 October to 12 November 2017" in page.text
    assert page.text.count('class="square warn" href') == 3
    assert (
        f'<a class="square ok" href="/actuals?week=2017-11-06#line-{line.id}"><b aria-hidden="true">C<span>'
        in page.text
    )
    assert "/actuals/overview?period=2017-11-13" in page.text
    assert provider.get("/actuals/overview?period=2017-11-20").status_code == 200
    assert provider.get("/actuals/overview?period=soon").status_code == 404


def test_a_line_is_shown_for_any_of_its_weeks(lines: list[LineItem], provider: Browser) -> None:
    assert shown(provider, "") == ["LP0", "LP1", "LP2"]
    assert shown(provider, "show=unconfirmed") == ["LP2"]
    assert shown(provider, "show=over") == ["LP1"]
    assert shown(provider, "show=differs") == ["LP1"]
    assert shown(provider, "person=mt") == ["LP2"]
    assert shown(provider, "person=lp0&show=over") == []


def test_a_service_is_chosen_where_there_are_several(
    world: World, organisation: Organisation, lines: list[LineItem], provider: Browser
) -> None:
    assert "All services" not in provider.get(ADDRESS).text
    other = Service(name="Swaffham branch", organisation=organisation)
    db.session.add(other)
    line = world.line(organisation, reference="SW1")
    World.confirmed()
    line.service = other
    db.session.commit()
    assert shown(provider, f"service={other.id}") == ["SW1"]
    assert f'<option value="{other.id}" selected>Swaffham' in provider.get(f"{ADDRESS}&service={other.id}").text


def test_it_says_how_many_are_shown_and_leads_back_to_all(lines: list[LineItem], provider: Browser) -> None:
    page = provider.get(f"{ADDRESS}&show=unconfirmed").text
    assert "1 of 3 lines shown; 2 hidden: lines that are confirmed. What is hidden is not counted below." in page
    assert f'<a class="govuk-link" href="{ADDRESS}">Show all 3</a>' in page
    assert re.findall(r"(\d) of 1 confirmed", page) == ["1", "0", "0", "0"]
    assert re.findall(r"(\d) of 3 confirmed", provider.get(ADDRESS).text) == ["3", "2", "2", "2"]
    assert "No line fits what you filter by." in provider.get(f"{ADDRESS}&person=nobody").text


def test_what_is_chosen_goes_along_to_weeks_and_periods_but_not_to_a_line(
    lines: list[LineItem], provider: Browser
) -> None:
    page = provider.get(f"{ADDRESS}&person=LP1&show=over").text
    for address in ("/actuals?week=2017-11-06", "/actuals?week=2017-10-16", "/actuals/overview?period=2017-11-13"):
        assert f'href="{address}&amp;person=LP1&amp;show=over"' in page
    # The line would be hidden in a week that is not over its level.
    assert f'href="/actuals?week=2017-11-06#line-{lines[1].id}"' in page
    week = provider.get("/actuals?week=2017-11-06&show=over").text
    assert 'href="/actuals/overview?period=2017-11-06&amp;show=over"' in week


def test_two_hundred_lines_are_asked_for_as_often_as_one(lines: list[LineItem], provider: Browser) -> None:
    clone(lines[0], 197)
    with Queries() as queries:
        page = provider.get(f"{ADDRESS}&show=unconfirmed")
    assert "198 of 200 lines shown" in page.text
    assert len(queries) <= 8, "\n".join(queries)


def test_the_overview_is_filtered_without_scripts(
    app: Flask, contact: Contact, lines: list[LineItem], chromium: Chromium, served: str
) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 375, "height": 760})
    page = Live(app, served, context).sign_in(contact).open(ADDRESS)
    page.get_by_label("Show").select_option("Over exception level")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("1 of 3 lines shown")).to_be_visible()
    assert page.url.endswith("/actuals/overview?period=2017-11-06&person=&show=over")
    page.wait_for_load_state()  # the style sheet too
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.get_by_role("link", name="Show all 3").click()
    expect(page.get_by_role("row")).to_have_count(4)
    context.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_the_filtered_overview_is_accessible_and_fits(
    contact: Contact, lines: list[LineItem], live: Live, width: int
) -> None:
    page = live.sign_in(contact).page
    page.set_viewport_size({"width": width, "height": 900})
    live.open(f"{ADDRESS}&show=over")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessible(page)
