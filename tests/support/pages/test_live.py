"""The live server and its browser, which the stories stand on."""

from playwright.sync_api import expect

from tests.support.pages.live import Live
from tests.support.worlds.world import World


def test_a_signed_in_contact_sees_the_main_menu_in_chromium(world: World, live: Live) -> None:
    page = live.sign_in(world.contact(world.organisation())).open("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Main menu")
