"""What people do every week takes no more presses, keys and files than it needs: counted in a real browser."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from models import Contact, ContractDocument, LineItem, Organisation, db
from rules.agreement_states import DocumentState
from rules.states import ActualState
from tests.support.pages.actuals_page import ADDRESS, clone, stored_weeks
from tests.support.pages.live import Live
from tests.support.worlds.people import DIGITS, PASSWORD, regular
from tests.support.worlds.world import World


@pytest.fixture(autouse=True)
def patient(live: Live) -> None:
    """What is counted here are presses, not seconds."""
    live.page.set_default_timeout(60_000)


class Counted:
    """A window in which every press of a button or link, and every key, counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.presses = self.keys = 0

    def press(self, what: Locator) -> None:
        what.click()
        self.presses += 1

    def type(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.keys += 1


@pytest.fixture
def organisation(world: World) -> Organisation:
    """An agency with sixty lines in the period that is due."""
    world.period()
    organisation = world.organisation()
    clone(world.line(organisation), 59)
    return organisation


@pytest.fixture
def contact(world: World, organisation: Organisation) -> Contact:
    """Its manager, with a password and six digits of their own."""
    return regular(world, organisation)


def test_from_the_code_to_an_ordinary_week_confirmed_in_three_presses(contact: Contact, live: Live) -> None:
    page = live.open("/")
    page.get_by_label("Email address").fill(contact.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Security code").fill(DIGITS)
    hand = Counted(page)
    hand.press(page.get_by_role("button", name="Continue"))
    hand.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Actuals"))
    hand.press(page.get_by_role("button", name="Confirm as planned"))
    expect(page.get_by_text("60 weeks confirmed.")).to_be_visible()
    assert {actual.state for actual in stored_weeks()} == {ActualState.CONFIRMED}
    assert hand.presses <= 3


def test_one_day_is_corrected_in_eight_keys(contact: Contact, live: Live) -> None:
    hand = Counted(live.sign_in(contact).open(ADDRESS))
    hand.type("Tab", "Tab", "Enter")
    hand.type("0", ".", "5")
    hand.type("Control+s")
    expect(hand.page.get_by_text("1 line saved as a draft.")).to_be_visible()
    assert [str(actual.mon) for actual in stored_weeks()] == ["0.50"]
    assert hand.keys <= 8


def test_three_contract_documents_are_accepted_in_seven_presses(
    world: World, organisation: Organisation, contact: Contact, live: Live
) -> None:
    for _ in range(2):
        world.line(organisation)
    waiting = list(db.session.scalars(select(ContractDocument).order_by(ContractDocument.id)))
    assert len(waiting) == 3
    page = live.sign_in(contact).open("/")
    hand = Counted(page)
    hand.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Contract documents"))
    hand.press(page.get_by_role("link", name="Accept several at once"))
    for document in waiting:
        hand.press(page.get_by_label(f"Accept {document}"))
    page.get_by_label("Password").fill(PASSWORD)
    hand.press(page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("You have accepted 3 contract documents.")).to_be_visible()
    db.session.expire_all()
    assert {document.state for document in waiting} == {DocumentState.ACCEPTED}
    assert hand.presses <= 7


def _put_right(sheet: Worksheet) -> None:
    """Enter one hour in each row of a correction file."""
    heading = next(cell for row in sheet.iter_rows(max_row=10) for cell in row if cell.value == "Delivered units")
    for row in sheet.iter_rows(min_row=heading.row + 1):
        if any(cell.value for cell in row):
            row[heading.column - 1].value = 1.5


def test_a_file_with_three_errors_is_put_right_with_one_more(contact: Contact, live: Live, tmp_path: Path) -> None:
    line = db.session.scalars(select(LineItem).order_by(LineItem.id).limit(1)).one()
    rows = [
        f"{line.reference},{day}/10/2017,{units},EXTRA"
        for day, units in ((16, "1.5"), (17, "many"), (18, "1.1"), (19, "99"))
    ]
    sent = tmp_path / "october.csv"
    sent.write_text("\n".join(["CPLI,Service date,Delivered units,Reason", *rows]))
    page = live.sign_in(contact).page
    files = 0
    while files < 2:
        live.open("/actuals/upload")
        page.get_by_label("Choose file").set_input_files(sent)
        page.get_by_role("button", name="Check file").click()
        expect(page.get_by_role("heading", name="Check your upload")).to_be_visible()
        page.wait_for_load_state()
        files += 1
        correction = page.get_by_text("Download correction file")
        if correction.count():
            with page.expect_download() as download:
                correction.first.click()
            book = openpyxl.load_workbook(BytesIO(download.value.path().read_bytes()))
            page.get_by_role("button", name="Update the portal").first.click()
            expect(page.get_by_text("in the portal now")).to_be_visible()
            _put_right(book.worksheets[0])
            sent = tmp_path / "corrected.xlsx"
            book.save(sent)
        else:
            page.get_by_role("button", name="Update the portal").first.click()
            break
    expect(page.get_by_text("in the portal now")).to_be_visible()
    week = stored_weeks()[0]
    assert {str(each) for each in (week.mon, week.tue, week.wed, week.thu)} == {"1.50"}
    assert files <= 2
