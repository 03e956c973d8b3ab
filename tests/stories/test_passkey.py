"""A passkey in Chromium, with the browser's own virtual device: added on the account page, and signed in with."""

from playwright.sync_api import expect

from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.people import DIGITS, PASSWORD, regular
from tests.support.worlds.world import World


def test_a_passkey_is_added_and_signs_in(world: World, named: Live) -> None:
    contact = regular(world)
    page = named.sign_in(contact).open("/account")
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    check_accessible(page)
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Create passkey").click()
    expect(page.get_by_text("Your passkey has been added.")).to_be_visible()
    expect(page.get_by_label("My laptop")).to_be_visible()
    check_accessible(page)
    check_accessible(named.open("/account/password"))
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Email address").fill(contact.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Main menu")


def test_at_another_address_the_page_says_where_passkeys_work(world: World, live: Live) -> None:
    page = live.sign_in(regular(world)).open("/account")
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Passkeys work at http://localhost:8000 alone")).to_be_visible()
    expect(page.get_by_role("button", name="Create passkey")).to_be_hidden()
