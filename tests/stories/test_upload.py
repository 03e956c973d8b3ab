"""A file with a question, a wrong row and a repeat is checked, decided and put in with the keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from models import Actual, Contact, LineItem, Organisation, db
from rules.states import ActualState
from tests.support.files.uploads import stored
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.weeks import OCT_16, OCT_23, week
from tests.support.worlds.world import World


@pytest.fixture
def contact(world: World, organisation: Organisation) -> Contact:
    return world.contact(organisation)


@pytest.fixture
def lines(world: World, organisation: Organisation) -> list[LineItem]:
    """Two lines, the first with a week on an invoice."""
    found = [world.line(organisation), world.line(organisation)]
    week(found[0])
    db.session.execute(update(Actual).values(state=ActualState.INVOICED))
    db.session.commit()
    return found


def test_a_file_is_decided_and_put_in_with_the_keyboard_alone(
    contact: Contact, lines: list[LineItem], live: Live, tmp_path: Path
) -> None:
    paid, new = (line.reference for line in lines)
    file = tmp_path / "october.csv"
    rows = [f"{paid},16/10/2017,0.5,SHORTER", *[f"{new},23/10/2017,1.5,LONGER"] * 2, f"{new},24/10/2017,many,"]
    file.write_text("\n".join(["CPLI,Service date,Delivered units,Reason", *rows]))
    page = live.sign_in(contact).open("/actuals/upload")
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").press("Enter")
    expect(page.get_by_role("group", name="What was found")).to_contain_text("rows read")
    _reads_as_a_sum(page)
    page.locator("summary", has_text="23 to 29 October 2017").press("Enter")
    expect(page.get_by_role("row", name=f"{new} A. B.")).to_contain_text("1.50 hours")
    page.locator("summary", has_text="16 to 22 October 2017").press("Enter")
    expect(page.get_by_role("row", name=f"{paid} A. B.")).to_contain_text("Only if you tick it")
    check_accessible(page)
    page.get_by_role("checkbox", name="Correct the invoiced week").press("Space")
    page.set_viewport_size({"width": 375, "height": 1800})
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.get_by_role("button", name="Update the portal").press("Enter")
    expect(page.get_by_text("2 weeks are in the portal now")).to_be_visible()
    there = stored()
    assert there[lines[0].id, OCT_16][0][0] == "0.50"
    assert there[lines[1].id, OCT_23][0][0] == "1.50"
    _leads_from_a_code_to_its_meaning(page)


def _reads_as_a_sum(page: Page) -> None:
    big = page.locator(".strip .big").all_text_contents()
    read, *parts = (int(each.replace(",", "")) for each in big[:-1])
    assert read == sum(parts)


def _leads_from_a_code_to_its_meaning(page: Page) -> None:
    page.get_by_role("link", name="not-a-number").press("Enter")
    expect(page.get_by_role("heading", name="All codes and what they mean")).to_be_visible()
    expect(page.locator("#not-a-number")).to_be_in_viewport()
    check_accessible(page)
