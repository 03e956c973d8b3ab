"""One care package from contract document to remittance, in a real browser, from both sides.

It is Monday 20 November 2017. The council imports its care homes, lets one of them in and commissions day sessions and
one-to-one care there; the home records four weeks, invoices, and is paid.
"""

import re
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import Email, Organisation, PortalUser, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live, follow
from tests.support.worlds.people import DIGITS, with_code
from tests.support.worlds.world import World
from workflows.organisations import invitations

DIRECTORY = Path(__file__).parents[1] / "cases" / "trafford_care_homes.csv"
HOME = "Amberley Care Home Limited"
GIVEN_COLUMNS = (
    "Organisation ref", "Service", "ISO", "CPLI", "Person ref", "Person name", "Element", "Unit", "Plan kind",
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Rate", "Rate from", "Start", "Payment method", "Status",
)  # fmt: skip
PASSWORD = "marmalade-kettle-harbour"


@pytest.fixture
def officers(world: World) -> dict[str, PortalUser]:
    """The council before its first provider: officers, payment periods, one element of care."""
    world.period(0)
    world.period(1)
    world.element("One-to-one care")
    return {
        role: with_code(world.officer(role))
        for role in ("Procurement", "Service Brokerage", "Payments officer", "Payments approver")
    } | {"second of Brokerage": world.officer("Service Brokerage", "second@council.example")}


def reference_of(name: str) -> str:
    """The reference the import gave an organisation."""
    db.session.rollback()
    reference: str = db.session.scalars(select(Organisation.reference).where(Organisation.name == name)).one()
    return reference


def write_documents(path: Path, organisation: str) -> None:
    """Two people, one hour of one-to-one care a day each, at different rates."""
    book = Workbook()
    sheet = book.create_sheet(index=0)
    sheet.append(list(GIVEN_COLUMNS))
    for number, person, name, rate in (
        ("48210", "P104233", "Ada Bell", "19.68"),
        ("48211", "P104310", "Miriam Tate", "20.00"),
    ):
        sheet.append(
            [organisation, "Amberley Care Home", f"ISO-{number}", number, person, name, "One-to-one care", "HOUR",
             "TIMETABLED", 1, 1, 1, 1, 1, 1, 1, rate, "16/10/2017", "16/10/2017", "ACTUALS", "DRAFT"]
        )  # fmt: skip
    book.save(path)


def upload(page: Page, kind: str, file: Path) -> None:
    """Check a file, find nothing wrong, and import it."""
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your import")
    expect(page.get_by_text("Nothing has been changed yet.")).to_be_visible()
    page.get_by_role("button", name="Import these rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")


def act(page: Page, what: str) -> None:
    """Do something with the ticked records of a generated list; it unfolds to say what it means first."""
    page.locator("summary", has_text=what).click()
    follow(page.get_by_role("button", name=what))


def the_council_lets_the_home_in(live: Live, officers: dict[str, PortalUser], contacts: Path) -> str:
    """Procurement imports organisations and a contact, switches the home on, and invites; return the password."""
    page = live.sign_in(officers["Procurement"]).open("/staff/imports")
    check_accessible(page)
    upload(page, "Organisations and services", DIRECTORY)
    reference = reference_of(HOME)
    contacts.write_text(
        "Organisation ref,Name,E-mail,Job,Functions,From\n"
        f"{reference},Mary Lane,mary@amberley.example,Manager,"
        '"Contract documents; Actuals; Invoices and payments",16/10/2017\n'
    )
    page = live.open("/staff/imports")
    upload(page, "Contacts", contacts)
    page = live.open("/admin/roll-out/add")
    page.get_by_label("Sector").select_option(label="Nursing")
    page.get_by_label("Opens on").fill("01/11/2017")
    page.get_by_role("button", name="Save").click()
    live.open("/admin/organisations/list/")
    page.get_by_label("Name").fill("Amberley")
    follow(page.get_by_role("button", name="Search"))
    check_accessible(page)
    page.get_by_role("link", name=re.compile("^Edit")).first.click()
    page.get_by_label("State").select_option(label="Live")
    check_accessible(page)
    page.get_by_role("button", name="Save").click()
    live.open("/admin/contacts/list/")
    page.get_by_label(re.compile("Select Mary Lane")).check()
    act(page, "Invite")
    expect(page.get_by_text("1 invitation on the way.")).to_be_visible()
    return password_in_the_e_mail()


def password_in_the_e_mail() -> str:
    """What the contact reads once a worker has written the e-mail."""
    db.session.rollback()
    assert invitations.send_waiting() == 1
    body = db.session.scalars(select(Email.body).where(Email.recipient == "mary@amberley.example")).one()
    found = re.search(r"(?:[a-z0-9]{4}-){4}[a-z0-9]{4}", body)
    assert found
    return found[0]


def brokerage_publishes(live: Live, officers: dict[str, PortalUser], documents: Path) -> None:
    """One of Service Brokerage imports two contract documents and sends them for confirmation; another confirms."""
    page = live.sign_out().sign_in(officers["Service Brokerage"]).open("/staff/imports")
    upload(page, "Contract documents with line items", documents)
    live.open("/admin/contract-documents/list/")
    page.get_by_label("Select all rows").check()
    act(page, "Publish")
    expect(page.get_by_role("row", name=re.compile("ISO-48210"))).to_contain_text("Draft")
    page = live.sign_out().sign_in(officers["second of Brokerage"]).open("/staff/confirm")
    check_accessible(page)
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.get_by_text("Confirmed: Publish 2 contract documents")).to_be_visible()
    live.open("/admin/contract-documents/list/")
    expect(page.get_by_role("row", name=re.compile("ISO-48210"))).to_contain_text("Published")


def the_contact_signs_in_for_the_first_time(live: Live, given: str) -> Page:
    """Given password, new password, six-digit code, main menu."""
    page = live.sign_out().open("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    check_accessible(page)
    page.get_by_label("Email address").fill("mary@amberley.example")
    page.get_by_label("Password").fill(given)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose a new password")
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password again").fill(PASSWORD)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Create your six-digit security code")
    check_accessible(page)
    page.get_by_label("Six digits I choose").check()
    page.get_by_label("Security code", exact=True).fill("271828")
    page.get_by_label("Security code again").fill("271828")
    follow(page.get_by_role("button", name="Save security code"))
    if page.get_by_role("heading", level=1).inner_text() == "Save your recovery codes":
        follow(page.get_by_role("button", name="Continue"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Main menu")
    check_accessible(page)
    return page


def the_contact_accepts(page: Page) -> None:
    """Both documents are accepted with the password; their line items can be seen."""
    for reference in ("ISO-48210", "ISO-48211"):
        page.get_by_role("link", name=re.compile("^Contract documents")).first.click()
        follow(page.get_by_role("link", name=reference))
        check_accessible(page)
        page.get_by_role("button", name="Accept").click()
        page.get_by_label("Password").fill("not my password")
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("There is a problem")).to_be_visible()
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Accepted").first).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Line items").click()
    page.get_by_role("link", name="48210").click()
    expect(page.get_by_text("£19.68").first).to_be_visible()
    check_accessible(page)


def the_contact_records_four_weeks(live: Live) -> Page:
    """The first week as planned but for two changed days; the third far above plan; all four confirmed."""
    page = live.open("/actuals?week=2017-10-16")
    row = page.locator("tr", has_text="48210").first
    cells = row.get_by_role("textbox")
    cells.nth(0).fill("0.50")
    cells.nth(1).fill("1:15")
    page.get_by_label("Reason, A. B.").first.select_option(index=1)
    page.get_by_role("button", name="Confirm week").click()
    expect(page.locator("tr", has_text="48210").first).to_contain_text("Confirmed")
    expect(page.locator("tr", has_text="48210").first).to_contain_text("£132.84")
    check_accessible(page)
    live.open("/actuals?week=2017-10-30")
    cells = page.locator("tr", has_text="48211").first.get_by_role("textbox")
    cells.nth(2).fill("5")
    page.get_by_label("Reason, M. T.").first.select_option(index=1)
    page.get_by_role("button", name="Confirm week").click()
    expect(page.locator("tr", has_text="48211").first).to_contain_text("Held")
    check_accessible(page)
    follow(page.get_by_role("link", name="Confirm all four weeks as planned"))
    check_accessible(page)
    page.get_by_role("button", name="Confirm 4 weeks").click()
    live.open("/actuals?week=2017-10-30")
    for week in ("16–22 Oct", "23–29 Oct", "30 Oct – 5 Nov", "6–12 Nov"):
        expect(page.get_by_role("link", name=re.compile(re.escape(week)))).to_contain_text("2 of 2 confirmed")
    return page


def the_contact_invoices(live: Live) -> Page:
    """The preview prices seven weeks and says why the eighth stays out; one invoice is sent."""
    page = live.open("/")
    page.get_by_role("link", name="Create invoice").click()
    page.get_by_label(re.compile("16 October")).check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("exception level").first).to_be_visible()
    expect(page.locator("summary").filter(has_text="M. T. P104310").first).to_be_visible()
    check_accessible(page)
    page.get_by_label("Your own reference (optional)").fill("AMB/17/11")
    # 6.75 h and three weeks of 7 h at £19.68; three weeks of 7 h at £20.00: the held week is not among them.
    expect(page.get_by_text("£966.12").first).to_be_visible()
    page.get_by_role("button", name="Submit invoice").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("INV-0"))
    expect(page.get_by_text("Accepted").first).to_be_visible()
    check_accessible(page)
    return page


def the_council_pays(live: Live, officers: dict[str, PortalUser]) -> None:
    """A payments officer prepares, may not approve; an approver approves; the run is released."""
    page = live.sign_out().sign_in(officers["Payments officer"]).open("/staff/payment-run")
    page.get_by_label("Pay date").fill("04/12/2017")
    page.get_by_role("button", name="Prepare payment run").click()
    expect(page.get_by_text("£966.12").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    check_accessible(page)
    run = page.url.removeprefix(live.address)
    live.sign_out().sign_in(officers["Payments approver"]).open(run)
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved").first).to_be_visible()
    expect(page.get_by_role("button", name="Release")).to_have_count(0)
    live.sign_out().sign_in(officers["Payments officer"]).open(run)
    page.get_by_label("Your security code").fill(DIGITS)
    page.get_by_role("button", name="Release").click()
    expect(page.get_by_text("Released").first).to_be_visible()


def the_contact_follows_a_figure(live: Live) -> None:
    """Signs in with password and code, opens the remittance advice, and reads where £132.84 comes from."""
    page = live.sign_out().open("/sign-in")
    page.get_by_label("Email address").fill("mary@amberley.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Security code").fill("271 828")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Remittance advice").click()
    page.get_by_role("link", name=re.compile("^R-0")).click()
    expect(page.get_by_text("£966.12").first).to_be_visible()
    check_accessible(page)
    page.get_by_role("link", name="Open all").click()
    page.get_by_role("link", name=re.compile("Why £132.84")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why £132.84?")
    for step in ("Planned 7.00", "Delivered 6.75", "Payable 6.75", "Rate × £19.68", "Amount £132.84"):
        expect(page.get_by_role("row", name=re.compile(step))).to_be_visible()
    for stop in ("Invoice INV-", "Payment run ", "4 December 2017"):
        expect(page.get_by_role("listitem").filter(has_text=stop)).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.timeout(240)
def test_one_care_package_from_contract_document_to_remittance(
    live: Live, officers: dict[str, PortalUser], world: World, tmp_path: Path
) -> None:
    given = the_council_lets_the_home_in(live, officers, tmp_path / "contacts.csv")
    world.account(db.session.scalars(select(Organisation).where(Organisation.name == HOME)).one())
    documents = tmp_path / "contract documents.xlsx"
    write_documents(documents, reference_of(HOME))
    brokerage_publishes(live, officers, documents)
    page = the_contact_signs_in_for_the_first_time(live, given)
    the_contact_accepts(page)
    the_contact_records_four_weeks(live)
    the_contact_invoices(live)
    the_council_pays(live, officers)
    the_contact_follows_a_figure(live)
