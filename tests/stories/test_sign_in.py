"""The first sign-in in Chromium: under the content security policy, with real forms and their tokens."""

import re

import pyotp
from playwright.sync_api import expect

from models import PortalUser, db
from tests.support.pages.live import Live
from tests.support.worlds.people import GIVEN, newcomer
from tests.support.worlds.world import World

PASSWORD = "correct horse portal"


def test_a_newcomer_signs_in_with_an_authenticator_app(world: World, live: Live) -> None:
    contact = newcomer(world)
    page = live.open("/")
    page.get_by_label("Email address").fill(contact.email)
    page.get_by_label("Password", exact=True).fill(GIVEN)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_label("Code from the app")).to_be_hidden()
    page.get_by_label("Authenticator app").check()
    picture = page.get_by_role("img", name="QR code")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100
    db.session.expire_all()
    code = pyotp.TOTP(db.session.get_one(PortalUser, contact.user_id).totp_secret or "").now()
    page.get_by_label("Code from the app").fill(f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name="Save security code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Save your recovery codes")
    expect(page.get_by_text(re.compile("^[A-Z0-9]{4}-[A-Z0-9]{4}$"))).to_have_count(10)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download").click()
    assert saved.value.suggested_filename == "recovery-codes.txt"
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Main menu")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
