"""An invoice that was sent can be taken away as PDF, workbook and CSV, by its own organisation alone."""

import csv
import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from models import Contact, Invoice, LineItem
from tests.support.files.pdf import calls_itself_accessible, open_pdf, text_of, title_of
from tests.support.pages.browser import Browser
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World

COLUMNS = ["Invoice", "Line", "Kind", "CPLI", "Person ref", "Week starting", "Planned units", "Payable units", "Unit",
           "Rate", "Net", "VAT", "Gross", "Rule"]  # fmt: skip
KINDS = ("pdf", "xlsx", "csv")


@pytest.fixture
def contact(world: World, browser: Browser) -> Contact:
    found = world.contact(world.organisation())
    browser.sign_in(found)
    return found


@pytest.fixture
def line(world: World, contact: Contact) -> LineItem:
    return world.line(contact.organisation)


@pytest.fixture
def sent(world: World, contact: Contact, line: LineItem) -> Invoice:
    week(line, OCT_16)
    week(line, OCT_23)
    return send(contact, world.period(0))


def test_its_page_offers_each_format(browser: Browser, sent: Invoice) -> None:
    page = browser.get(f"/invoices/{sent.id}").text
    for kind in KINDS:
        assert f'href="/invoices/{sent.id}.{kind}"' in page
        found = browser.get(f"/invoices/{sent.id}.{kind}").headers["Content-Disposition"]
        assert found == f"attachment; filename={sent.number}.{kind}"
    assert "7.00 hours × £19.68" in page


def test_the_csv_has_the_columns_and_a_row_for_each_line(browser: Browser, sent: Invoice, line: LineItem) -> None:
    text = browser.get(f"/invoices/{sent.id}.csv").data.decode("utf-8-sig")
    headings, first, second = csv.reader(io.StringIO(text))
    assert headings == COLUMNS
    assert first[:13] == [
        sent.number, "1", "CURRENT", line.reference, line.person.reference, "16/10/2017", "7.00", "7.00", "HOUR",
        "19.68", "137.76", "0.00", "137.76",
    ]  # fmt: skip
    assert second[5] == "23/10/2017"


def test_the_workbook_has_real_dates_and_figures(browser: Browser, sent: Invoice, line: LineItem) -> None:
    book = load_workbook(io.BytesIO(browser.get(f"/invoices/{sent.id}.xlsx").data))
    assert [cell.value for cell in book["Lines"][1]] == COLUMNS
    row = [cell.value for cell in book["Lines"][2]]
    assert row[3:6] == [line.reference, line.person.reference, datetime(2017, 10, 16)]  # noqa: DTZ001 - a spreadsheet knows no zones
    assert row[6:13] == [7, 7, "HOUR", 19.68, 137.76, 0, 137.76]
    assert book["Invoice"]["B1"].value == sent.number


def test_the_paper_is_tagged_and_says_what_the_page_says(browser: Browser, sent: Invoice) -> None:
    paper = open_pdf(browser.get(f"/invoices/{sent.id}.pdf").data)
    assert calls_itself_accessible(paper)
    assert title_of(paper) == f"Invoice {sent.number}"
    for words in ("£275.52net+£0.00VAT=£275.52", "16Octoberto12November2017", "£19.68", "Total£275.52£0.00£275.52"):
        assert words in text_of(paper)


def test_a_draft_and_another_organisations_invoice_have_no_files(
    world: World, browser: Browser, sent: Invoice, contact: Contact
) -> None:
    browser.post("/invoices/create", {"period": world.period(1).id})
    draft = sent.id + 1
    assert browser.get(f"/invoices/{draft}").status_code == 200
    assert [browser.get(f"/invoices/{draft}.{kind}").status_code for kind in KINDS] == [404] * 3
    browser.sign_in(world.contact(world.organisation("Broadland Care")))
    assert [browser.get(f"/invoices/{sent.id}.{kind}").status_code for kind in KINDS] == [404] * 3
    assert [browser.get(f"/invoices/{sent.id + 90}.{kind}").status_code for kind in KINDS] == [404] * 3
