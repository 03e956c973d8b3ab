"""The export of a rota is matched once with the keyboard alone, put in, and the next one is read without a question."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import Contact, LineItem, Organisation
from tests.support.files.cases import case
from tests.support.files.uploads import stored
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World


@pytest.fixture
def contact(world: World, organisation: Organisation) -> Contact:
    return world.contact(organisation)


@pytest.fixture
def line(world: World, organisation: Organisation) -> LineItem:
    return world.line(organisation, reference="48212")


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page at both widths, where a folder for it is named."""
    if folder := os.environ.get("PICTURES"):
        for width in (1280, 375):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def upload(page: Page, file: Path) -> None:
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").press("Enter")


def test_a_rota_is_matched_once_with_the_keyboard_alone(
    contact: Contact, line: LineItem, live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "rota-export.csv"
    file.write_text(case("own_systems/rota.csv", line))
    page = live.sign_in(contact).open("/actuals/upload")
    upload(page, file)
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    expect(page.get_by_label("Client Ref is")).to_have_value("person")
    expect(page.get_by_label("No reply means")).to_have_value("ABORTED NO_REPLY")
    expect(page.get_by_text("“No reply” means aborted.")).to_be_visible()
    expect(page.get_by_text("1 column still needs a choice: Notes.")).to_be_visible()
    check_accessible(page)
    picture(page, "match")
    page.set_viewport_size({"width": 375, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.get_by_label("Name of this match").press("Enter")
    page.get_by_role("link", name="Say what “Notes” is.").press("Enter")
    check_accessible(page)
    expect(page.get_by_label("Notes is")).to_be_focused()
    picture(page, "match-wrong")
    page.keyboard.type("Comm")
    page.get_by_role("button", name="Check file").last.press("Enter")
    expect(page.get_by_text("Read as Rota export")).to_be_visible()
    picture(page, "match-check")
    page.get_by_role("button", name="Update the portal").press("Enter")
    expect(page.get_by_text("in the portal now")).to_be_visible()
    assert stored()[line.id, OCT_16][0][:4] == ("1.00", "1.00", "1.00", "0.00")
    page.goto(page.url.rpartition("/")[0])
    picture(page, "match-uploads")
    upload(page, file)
    expect(page.get_by_role("heading", name="Check your upload")).to_be_visible()
    expect(page.get_by_text("Everything in this file is in the portal already.")).to_be_visible()
    follow(page.get_by_role("link", name="Rota export"), "Enter")
    check_accessible(page)
    picture(page, "match-shown")
    page.get_by_role("button", name="Forget this match").press("Enter")
    expect(page.get_by_text("“Rota export” has been removed.")).to_be_visible()
    picture(page, "matches")
