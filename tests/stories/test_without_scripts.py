"""What a provider does in a browser without JavaScript: a file put in and left, a package missed, contacts changed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import Contact, LineItem, MissingPackage, Upload, db
from rules.upload_states import UploadState
from tests.support.files.uploads import stored
from tests.support.pages.live import Live, follow
from tests.support.worlds.weeks import OCT_16
from tests.support.worlds.world import World


@pytest.fixture
def contact(world: World) -> Contact:
    world.period(0)
    return world.contact(world.organisation())


def give(page: Page, file: Path, *rows: str) -> None:
    """Send a file of actuals to be checked."""
    file.write_text("\n".join(["CPLI,Service date,Delivered units,Reason", *rows]))
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").click()
    expect(page.get_by_role("heading", name="Check your upload")).to_be_visible()


def test_a_file_is_left_and_another_put_in(world: World, contact: Contact, plain: Live, tmp_path: Path) -> None:
    line: LineItem = world.line(contact.organisation)
    page = plain.sign_in(contact).open("/actuals/upload")
    give(page, tmp_path / "wrong.csv", f"{line.reference},16/10/2017,9,EXTRA")
    follow(page.get_by_role("link", name="Cancel"))
    assert stored() == {}, "a check changes nothing"
    expect(page.get_by_role("row", name="wrong.csv")).to_be_visible()
    give(page, tmp_path / "october.csv", f"{line.reference},16/10/2017,0.5,SHORTER", "nobody,16/10/2017,1,")
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download correction file").first.click()
    assert saved.value.suggested_filename.endswith(".xlsx")
    page.get_by_role("button", name="Update the portal").click()
    expect(page.get_by_text("1 week is in the portal now")).to_be_visible()
    assert stored()[line.id, OCT_16][0][0] == "0.50"
    assert [each.state for each in db.session.query(Upload).order_by(Upload.id)] == [
        UploadState.CHECKED, UploadState.DONE,
    ]  # fmt: skip


def test_a_missing_package_is_reported(contact: Contact, plain: Live) -> None:
    page = plain.sign_in(contact).open("/line-items")
    page.get_by_role("link", name="Report a missing care package").click()
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("link", name="Enter the person reference, or the name")).to_be_visible()
    page.get_by_label("Person reference").fill("P105118")
    page.get_by_label("Service").select_option(label="Fenland Homecare Ltd branch")
    page.get_by_label("First day of care").fill("9/11/2017")
    page.get_by_label("How much, on which days").fill("7 hours a week")
    page.get_by_label("Who at the council agreed it").fill("Discharge team")
    page.get_by_label("When it was agreed").fill("6/11/2017")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("Your report has been sent")).to_be_visible()
    assert db.session.query(MissingPackage).one().person_reference == "P105118"
    page.get_by_role("row", name="P105118").get_by_role("link").click()
    expect(page.get_by_text("7 hours a week")).to_be_visible()


def test_a_contact_is_added_changed_and_ended(contact: Contact, plain: Live) -> None:
    page = plain.sign_in(contact).open("/contacts")
    page.get_by_role("button", name="Add a contact").click()
    page.get_by_role("button", name="Add and invite").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("Josef Nowak")
    page.get_by_label("E-mail").fill("josef@provider.example")
    page.get_by_label("Actuals", exact=True).check()
    page.get_by_role("button", name="Add and invite").click()
    page.get_by_role("link", name="Josef Nowak").click()
    page.get_by_label("Phone").fill("01603 495702")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Josef Nowak").click()
    expect(page.get_by_label("Phone")).to_have_value("01603 495702")
    page.get_by_role("button", name="End access").click()
    page.get_by_role("button", name="End access").click()
    expect(page.get_by_text("The access of Josef Nowak has ended.")).to_be_visible()
