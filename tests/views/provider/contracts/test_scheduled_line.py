"""The page of a line that is paid every four weeks without an invoice."""

from tests.support.pages.browser import Browser
from tests.support.worlds.scheduled import PREVIEWED, CareHome, payment_of
from tests.support.worlds.world import World
from workflows.scheduled.prepare import prepare_due


def test_the_page_of_a_line_leads_from_each_week_to_its_payment(world: World, browser: Browser) -> None:
    home = CareHome(world)
    world.app.config["PORTAL_TODAY"] = PREVIEWED.isoformat()
    line = home.line()
    prepare_due(PREVIEWED)
    payment = payment_of(home.first)
    page = browser.sign_in(home.contact).get(f"/line-items/{line.id}").text
    href = f"/scheduled-payments/{payment.id}"
    assert page.count(f'<a class="govuk-link" href="{href}">{payment.number}</a>, reaches your bank on') == 4
    assert "On no payment yet" in page, "the weeks after the period"
