"""What officers do at their desks, in a browser, with axe at each stop and on a phone as well."""

import io
import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import FilePayload, Page, expect

from models import AbsenceClaim, Organisation, db
from rules.states import ClaimState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.worlds.claims import make
from tests.support.worlds.papers import officers, paper
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from tests.workflows.payments.test_returns import file_of, remittance_of, row_of
from tests.workflows.payments.test_run import Story
from views.access.roles import STAFF_ROLES
from workflows.conversations.thread import open_conversation
from workflows.paper_isos.migration import migrate_papers


@pytest.fixture(params=["live", "phone"])
def desk(request: pytest.FixtureRequest) -> Live:
    """A wide window, and a phone."""
    window: Live = request.getfixturevalue(request.param)
    return window


def stop(page: Page) -> None:
    """What every page has to bear: axe finds nothing, and nothing is wider than the window."""
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, page.url


def test_an_import_with_errors_goes_in_after_its_correction_file(world: World, desk: Live, tmp_path: Path) -> None:
    page = desk.sign_in(world.officer("Procurement")).open("/staff/imports")
    stop(page)
    page.get_by_label("Organisations and services").check()
    rows = "Organisation ref,Organisation,Sector,Service\nA,Alder,Nursery,Alder House\nB,Beech,Nursing,Beech Court\n"
    file: FilePayload = {"name": "homes.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").click()
    expect(page.get_by_text("There is no such sector.").first).to_be_visible()
    stop(page)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download correction file").click()
    correction = tmp_path / "corrected.xlsx"
    correction.write_bytes(mended(saved.value.path(), "Nursery", "Nursing"))
    page = desk.open("/staff/imports")
    page.get_by_label("Organisations and services").check()
    page.get_by_label("Choose file").set_input_files(correction)
    page.get_by_role("button", name="Check file").click()
    page.get_by_role("button", name="Import these rows").click()
    expect(page.get_by_text("was imported").first).to_be_visible()
    stop(page)
    assert [each.name for each in db.session.query(Organisation)] == ["Alder"]


def mended(path: Path, wrong: str, right: str) -> bytes:
    """A workbook with a word put right, as somebody does in a spreadsheet program."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if cell.value == wrong:
                cell.value = right
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_what_the_bank_sent_back_is_brought_in_once(world: World, desk: Live) -> None:
    story = Story(world)
    back = story.invoiced("Broadland Care CIC")
    story.released()
    file: FilePayload = {
        "name": "ARUCS.csv",
        "mimeType": "text/csv",
        "buffer": file_of(row_of(remittance_of(back.organisation_id))),
    }
    page = desk.sign_in(story.preparer).open("/staff/bank-returns")
    stop(page)
    for said in ("1 payment came back and waits again.", "1 payment had come back before."):
        page.get_by_label("The bank’s file (CSV)").set_input_files(file)
        page.get_by_role("button", name="Bring in").click()
        expect(page.get_by_text(said)).to_be_visible()
        stop(page)
    expect(page.get_by_role("row", name=re.compile("Broadland Care CIC"))).to_contain_text("no such account")
    desk.open("/staff/payment-run")
    expect(page.get_by_text("£137.76").first).to_be_visible()


def test_a_provider_is_asked_about_a_paper_and_its_answer_settles_it(world: World, desk: Live) -> None:
    organisation = world.organisation("Broadland Care CIC")
    contact, (broker, _) = world.contact(organisation), officers(world)
    found = paper(world, organisation, rate=None)
    migrate_papers()
    page = desk.sign_in(broker).open(f"/staff/paper-isos/{found.id}")
    expect(page.get_by_text("The paper has no rate.").first).to_be_visible()
    stop(page)
    page.get_by_role("link", name="Ask the provider").click()
    page.get_by_label("Your question").fill("Which rate is on your copy?")
    stop(page)
    follow(page.get_by_role("button", name="Send question"))
    page = desk.sign_out().sign_in(contact).open("/conversations")
    page.get_by_role("link", name=re.compile("PAP-0412")).first.click()
    page.get_by_label("Your reply").fill("None: it was withdrawn the same day.")
    follow(page.get_by_role("button", name="Send reply"))
    page = desk.sign_out().sign_in(broker).open(f"/staff/paper-isos/{found.id}")
    expect(page.get_by_text("The provider was asked:")).to_be_visible()
    page.get_by_label("Not an agreement").check()
    page.get_by_label("Note (optional)").fill("Withdrawn the same day, says the provider")
    follow(page.get_by_role("button", name="Save and next"))
    stop(page)
    page = desk.sign_out().sign_in(contact).open("/paper-isos")
    expect(page.get_by_text("Not an agreement").first).to_be_visible()
    stop(page)


def test_a_claim_is_approved_in_part_and_the_provider_reads_why(world: World, desk: Live) -> None:
    line = world.line(world.organisation(), rate="20.0000")
    contact = world.contact(line.organisation)
    assert contact.user
    claim = make(line, contact.user)
    page = desk.sign_in(world.officer("Payments officer")).open("/staff/absence-claims")
    follow(page.get_by_role("link", name=claim.number))
    stop(page)
    page.get_by_label("Last day").fill("5/11/2017")
    page.get_by_label("Why the days after it are not paid").fill("Home on the 6th")
    page.get_by_role("button", name="Approve in part").click()
    expect(page.get_by_text(f"{claim.number} is approved until 5 November 2017.")).to_be_visible()
    page = desk.sign_out().sign_in(contact).open(f"/absence-claims/{claim.id}")
    expect(page.get_by_text("Home on the 6th").first).to_be_visible()
    expect(page.get_by_text("£80.00").first).to_be_visible()
    stop(page)
    db.session.rollback()
    assert db.session.get_one(AbsenceClaim, claim.id, populate_existing=True).state is ClaimState.IN_PART


def test_a_conversation_moves_to_another_team_which_answers_it(world: World, desk: Live) -> None:
    contact = world.contact(world.organisation())
    assert contact.user
    opened = open_conversation(
        "Payments", "Our letter", "See it.", contact.user, organisation_id=contact.organisation_id
    )
    db.session.commit()
    page = desk.sign_in(world.officer("Payments officer")).open(f"/staff/conversations/{opened.id}")
    page.locator("summary", has_text="Move it to another team").click()
    page.get_by_label("Team", exact=True).select_option(label="Procurement")
    page.get_by_label("Note for the team").fill("It is about the contract.")
    stop(page)
    page.get_by_role("button", name="Move conversation").click()
    expect(page.get_by_text("The conversation is with Procurement now.")).to_be_visible()
    page = desk.sign_out().sign_in(world.officer("Procurement")).open("/staff/conversations")
    page.get_by_role("link", name="Our letter").click()
    expect(page.get_by_text("It is about the contract.")).to_be_visible()
    page.get_by_label("Your reply").fill("It is signed.")
    follow(page.get_by_role("button", name="Send reply"))
    page = desk.sign_out().sign_in(contact).open(f"/conversations/{opened.id}")
    expect(page.get_by_text("It is signed.")).to_be_visible()
    expect(page.get_by_text("Moved from Payments to Procurement.")).to_be_visible()
    stop(page)


def test_today_draws_its_charts_for_each_role(world: World, desk: Live) -> None:
    world.period(0)
    line = world.line(world.organisation())
    week(line, OCT_16, "12")
    for role in STAFF_ROLES:
        page = desk.sign_out().sign_in(world.officer(role)).open("/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        for caption in ("Weeks confirmed, period 16 October to 12 November 2017", "Held weeks by reason"):
            expect(page.get_by_role("table", name=caption)).to_be_visible()
        stop(page)
