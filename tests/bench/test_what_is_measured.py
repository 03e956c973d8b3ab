"""What the benchmarks ask for is there: a page that changes its markup or its address would be measured as nothing."""

import pytest
from flask import Flask

from bench.county.bare_list import COMPARED, rows_of_list
from bench.county.forms import FORMS
from bench.morning import page
from models import COUNCIL, LineItem, acting_for, db
from tests.support.pages.browser import Browser
from tests.support.worlds.world import World
from views.access.roles import ADMINISTRATOR


def test_the_morning_finds_an_open_week_and_its_open_lines(world: World, browser: Browser, line: LineItem) -> None:
    period = world.period()
    browser.sign_in(world.contact(line.organisation))
    overview = browser.get(f"/actuals/overview?period={period.start}").text
    week = browser.get(page.open_week(overview).partition("#")[0]).text
    assert page.open_lines(week) == [str(line.id)]
    assert page.put_right(page.form(week, 'id="actuals"'), page.open_lines(week))


@pytest.mark.parametrize("name", FORMS)
def test_each_form_that_is_measured_opens(world: World, browser: Browser, name: str) -> None:
    world.organisation()
    assert "<form" in browser.sign_in(world.officer(ADMINISTRATOR)).get(FORMS[name]).text


def test_a_bare_page_can_ask_for_the_rows_of_every_list_compared(app: Flask, world: World) -> None:
    views = [each for each in app.appbuilder.baseviews if type(each) in COMPARED]  # type: ignore[attr-defined]
    with acting_for(COUNCIL):
        for view in views:
            db.session.execute(rows_of_list(view)).all()
    assert len(views) == len(COMPARED)
