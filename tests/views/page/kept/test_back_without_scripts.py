"""Without scripts the browser's own memory is what brings back what was typed: no page takes it away."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page

from models import Contact
from tests.support.pages.actuals_page import ADDRESS, stored_weeks
from tests.support.pages.live import Live, follow
from tests.support.worlds.world import World


@pytest.fixture
def contact(world: World) -> Contact:
    world.period()
    return world.contact(world.organisation())


@pytest.fixture
def page(contact: Contact, live: Live) -> Iterator[Page]:
    """A window of a browser without scripts."""
    live.sign_in(contact)
    browser = live.context.browser
    assert browser
    plain = browser.new_context(java_script_enabled=False, base_url=live.address)
    plain.add_cookies(live.context.cookies())  # type: ignore[arg-type]
    yield plain.new_page()
    plain.close()


def test_a_form_that_a_broken_connection_did_not_send_is_sent_by_reload(
    world: World, contact: Contact, page: Page
) -> None:
    line = world.line(contact.organisation)
    page.goto(ADDRESS)
    page.fill(f"#d0-{line.id}", "0.5")
    page.context.set_offline(True)
    with suppress(Error):
        page.click("#save")
        page.wait_for_url("chrome-error://**")
    page.context.set_offline(False)
    page.reload()
    assert [str(week.mon) for week in stored_weeks()] == ["0.50"]


def test_back_brings_back_what_was_typed(page: Page) -> None:
    page.goto("/conversations/start")
    page.fill("#about", "48210")
    page.fill("#message", "Six hours")
    follow(page.locator("nav").get_by_role("link", name="Contacts"))
    page.go_back()
    assert (page.input_value("#about"), page.input_value("#message")) == ("48210", "Six hours")
