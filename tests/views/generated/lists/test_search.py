"""What may stand in the address of a generated list: what is none of its own is dropped, never handed on."""

import pytest
from flask import Flask

from tests.support.pages.browser import Browser
from tests.support.worlds import everything
from tests.support.worlds.world import World
from views.staff.records import RECORD_VIEWS

# What `url_for`, and the routes of lists, take as arguments of their own.
NAMES = ("_method", "_scheme", "_anchor", "_external", "endpoint", "values", "self", "kind", "name", "pk")
STRANGE = "&".join(f"{name}=x" for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_url_for_takes_as_its_own_is_dropped_from_a_list(name: str, world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    answer = browser.get(f"/admin/organisations/list/?_flt_0_name=Fen&{name}=x", follow=False)
    assert (answer.status_code, answer.location) == (302, "/admin/organisations/list/?_flt_0_name=Fen")


def test_every_list_record_and_file_opens_whatever_stands_in_its_address(world: World, browser: Browser) -> None:
    officer = world.officer("Administrator")
    everything.build(world, officer)
    browser.sign_in(officer)
    for view in RECORD_VIEWS:
        for page in ("list/", "show/1", "export/csv"):
            answer = browser.get(f"{view.route_base}/{page}?{STRANGE}")
            assert answer.status_code == 200, (view.route_base, page)
            assert answer.request.query_string == b""


def test_a_page_number_of_any_length_is_no_error(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    for digits in (10, 20, 5000):
        for name in ("page", "psize"):
            answer = browser.get(f"/admin/organisations/list/?{name}_OrganisationView={'9' * digits}")
            assert answer.status_code == 200, (name, digits)
        assert browser.get(f"/admin/organisations/list/?_flt_{'9' * digits}_name=x").status_code == 200, digits


@pytest.mark.parametrize("day", ["31/12/9999", "9999-12-31", "01/01/0001", "0001-01-01"])
def test_the_first_and_the_last_day_there_are_find_nothing_and_break_nothing(
    day: str, world: World, browser: Browser
) -> None:
    browser.sign_in(world.officer("Administrator"))
    for narrowed in (f"_flt_0_at={day}", f"_flt_1_at={day}"):
        answer = browser.get(f"/admin/audit/list/?{narrowed}")
        assert (answer.status_code, "No records match." in answer.text) == (200, True), narrowed


def test_no_page_of_staff_or_of_a_provider_breaks_at_such_an_address(
    world: World, app: Flask, browser: Browser
) -> None:
    officer, contact = world.officer("Administrator"), world.contact(world.organisation())
    world.period()
    addresses = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    assert len(addresses) > 80
    for who in (officer, contact):
        browser.sign_in(who)
        for address in addresses:
            assert browser.get(f"{address}?{STRANGE}").status_code < 500, address


@pytest.mark.parametrize("typed", ["%25", "_", "%25%25", "a_a"])
def test_signs_that_like_knows_find_only_themselves(typed: str, world: World, browser: Browser) -> None:
    for name in ("Fenland Homecare", "100% Care"):
        world.organisation(name)
    page = browser.sign_in(world.officer("Administrator")).get(f"/admin/organisations/list/?_flt_0_name={typed}").text
    assert "Fenland Homecare" not in page
    assert ("100% Care" in page) == (typed == "%25")


def test_days_that_are_sought_between_stand_in_the_search_again(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Administrator"))
    page = browser.get("/admin/audit/list/?_flt_0_at=2017-11-13&_flt_1_at=2017-11-20").text
    assert 'name="_flt_0_at" value="2017-11-13"' in page
    assert 'name="_flt_1_at" value="2017-11-20"' in page
