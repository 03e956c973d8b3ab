"""A care home owner checks a payment in a browser: why it is less, somebody in hospital, a query before it is fixed."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from models import COUNCIL, enter
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.processes.queue import beside
from tests.support.worlds.scheduled import FINALISED, NEXT_PREVIEWED, CareHome
from tests.support.worlds.world import World
from workflows.scheduled.prepare import prepare_due


@pytest.mark.parametrize("width", [1280, 375])
def test_an_owner_checks_a_payment_reports_an_absence_and_asks(world: World, live: Live, width: int) -> None:
    home = CareHome(world)
    home.line()
    ended = home.line("700.00")
    prepare_due(FINALISED)
    home.end(ended, date(2017, 11, 26))
    world.app.config["PORTAL_TODAY"] = NEXT_PREVIEWED.isoformat()
    beside(lambda: _prepare(world))

    page = live.sign_in(home.contact).open("/")
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.get_by_text("payment to check, for 13 November to 10 December 2017")).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Check the payment").click()
    expect(page.get_by_text("Ended on Sunday 26 November: 14 days paid")).to_be_visible()
    page.get_by_role("link", name=re.compile("Why £2,993.48")).click()
    expect(page.get_by_role("heading", name=re.compile("Why £2,993.48 for"))).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width

    follow(page.get_by_role("link", name="Report an absence"))
    check_accessible(page)
    page.get_by_label("Line").select_option(index=1)
    page.get_by_label("First day away").fill("1/12/2017")
    page.get_by_label("Reason").select_option("hospital")
    page.get_by_role("button", name="Report the absence").click()
    expect(page.get_by_text("from 1 December 2017, no last day yet").first).to_be_visible()
    check_accessible(page)

    page.goto(f"{live.address}/scheduled-payments")
    check_accessible(page)
    page.get_by_role("link", name="13 November to 10 December 2017").click()
    page.get_by_role("button", name="Query this payment").first.click()
    page.get_by_label("What is wrong, and for whom?").fill("She left on the 25th already.")
    check_accessible(page)
    page.get_by_role("button", name="Send query").click()
    expect(page.get_by_text("You asked about this payment")).to_be_visible()
    check_accessible(page)


def _prepare(world: World) -> None:
    with world.app.app_context():
        enter(COUNCIL)
        prepare_due(NEXT_PREVIEWED)
