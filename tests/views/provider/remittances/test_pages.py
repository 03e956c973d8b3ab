"""A provider follows a figure from the bank back to units × rate."""

import json
import logging
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models import (
    AbortedVisit,
    Contact,
    LineItem,
    PaymentRun,
    Rate,
    Remittance,
    db,
)
from rules.states import Decision
from tests.support.files.pdf import open_pdf, text_of
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, save_week
from workflows.payments import run as payment_run


class Desk:
    """A contact whose organisation is paid what it delivered on one line."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.period = world.period(0)
        self.line: LineItem = world.line(self.contact.organisation)

    def pay(self) -> Remittance:
        """Send the invoice and release a run with it."""
        send(self.contact, self.period)
        officer = self.world.officer("Payments officer")
        run: PaymentRun = payment_run.prepare("04/12/2017", officer)
        payment_run.approve(run.id, self.world.officer("Payments approver"))
        payment_run.release(run.id, officer)
        remittance: Remittance = db.session.scalars(select(Remittance)).one()
        return remittance


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_nothing_paid_yet_says_so(desk: Desk, browser: Browser) -> None:
    page = browser.sign_in(desk.contact).get("/remittances")
    assert "Remittance advice" in page.text
    assert "Nothing has been paid yet" in page.text


def test_the_list_leads_to_the_lines_and_each_line_to_its_explanation(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    assert f'href="/remittances/{paid.id}"' in browser.get("/remittances").text
    page = browser.get(f"/remittances/{paid.id}").text
    assert paid.bank_reference in page
    assert "Why </span>£137.76" in page
    assert f'href="/remittances/{paid.id}/lines/1"' in page


def test_a_line_is_explained_from_plan_to_bank(desk: Desk, browser: Browser) -> None:
    World.confirmed()
    desk.line.rates[0].rate = Decimal("19.7550")
    db.session.commit()
    week(
        desk.line,
        OCT_16,
        ("1", "1", "0", "1", "1", "1", "1"),
        aborted="0.75",
        aborted_payable="0.50",
        confirmed_by_id=desk.contact.user_id,
    )
    desk.world._keep(
        AbortedVisit(
            organisation_id=desk.contact.organisation_id, line_item_id=desk.line.id, visit_date=date(2017, 10, 18),
            planned_start=datetime(2017, 10, 18, 9, tzinfo=UTC).time(), planned_minutes=45, planned_units="0.75",
            payable=Decimal("0.50"), told_at=datetime(2017, 10, 18, 5, tzinfo=UTC), reason="NO_REPLY", rule="AV-1",
        )
    )  # fmt: skip
    paid = desk.pay()
    page = browser.sign_in(desk.contact).get(f"/remittances/{paid.id}/lines/1").text.replace("\u00a0", " ")
    for words in (
        "Why £128.41?", "7.00 hours", "6.00 hours", "+ 0.50 hours", "45 minutes planned",
        "told 3 hours before, rule AV-1", "Not reached", "6.50 hours", "× £19.755", "128.4075, rounded half up",
        "VAT exempt", "Confirmed", "by Contact", "Invoice INV-", "every check passed", f"Payment run {paid.run.number}",
        f"Reaches your bank on 4 December 2017, reference {paid.bank_reference}",
    ):  # fmt: skip
        assert words in page, words
    assert "Ada Bell" not in page


def test_each_rate_of_a_week_is_a_line_of_its_own(desk: Desk, browser: Browser) -> None:
    World.confirmed()
    desk.line.rates[0].end = date(2017, 10, 18)
    new = Rate(
        organisation_id=desk.contact.organisation_id, rate=Decimal("20.2500"), start=date(2017, 10, 19), reason="Uplift"
    )
    desk.line.rates.append(new)
    db.session.commit()
    week(desk.line)
    paid = desk.pay()
    page = browser.sign_in(desk.contact).get(f"/remittances/{paid.id}/lines/2").text.replace("\u00a0", " ")
    for words in (
        "Why £81.00?",
        "At this rate",
        "4.00 hours",
        "× £20.25",
        "4.00 × £20.25, to the penny",
        "From 19 October 2017, Uplift",
    ):
        assert words in page, words


def test_a_decision_is_part_of_the_explanation(desk: Desk, browser: Browser) -> None:
    actual = week(desk.line, OCT_16, ("1", "1", "1", "1", "1", "2", "2"))
    decided(actual.id, Decision.UP_TO, "8", datetime(2017, 11, 15, tzinfo=UTC))
    paid = desk.pay()
    page = browser.sign_in(desk.contact).get(f"/remittances/{paid.id}/lines/1").text.replace("\u00a0", " ")
    assert "Approved up to 8.00 hours by Service Brokerage, 15 November 2017: Agreed" in page
    assert "Why £157.44?" in page


def test_a_difference_is_explained_from_before_to_after(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    first_sent = send(desk.contact, desk.period)
    entry = Entry(desk.line.id, ("1", "1", "1", "1", "1", "0.5", "0"), "SHORTER")
    save_week(OCT_16, [entry], desk.contact.user, correct=True)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    page = browser.get(f"/remittances/{paid.id}").text
    assert "−7.00 hours × £19.68" in page
    assert "−£137.76" in page
    assert "£108.24" in page
    assert f', was on <a class="govuk-link" href="/invoices/{first_sent.id}">{first_sent.number}</a>' in page
    assert "<small>1 correction</small>" in page
    first = browser.get(f"/remittances/{paid.id}/lines/1").text
    assert "The week was corrected later." in first
    assert "under plan" not in first
    for number, told in (
        (2, ("Why −£137.76?", "Taken back", "The line as it stood on this invoice", "-7.00 hours", "VAT exempt")),
        (3, ("Why £108.24?", "5.50 hours", "Corrected", "A visit was shorter than planned", "× £19.68")),
    ):
        page = browser.get(f"/remittances/{paid.id}/lines/{number}").text.replace("\u00a0", " ")
        for words in told:
            assert words in page, words


def test_lines_stand_by_person_closed_and_open_when_asked_for(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    page = browser.get(f"/remittances/{paid.id}").text
    assert "1 person, 1 line, £137.76" in page
    assert "paid, no VAT in it" in page
    assert '<details class="fold fold--person"><summary>' in page
    for question in ("?open=all", "?q=ada", "?q=137.76", "?show=differs&q=zz"):
        opened = browser.get(f"/remittances/{paid.id}{question}").text
        assert '<details class="fold fold--person"><summary>' not in opened
    assert "No line about a person is like this." in opened
    assert "Other lines are hidden by your choice." in opened


def test_the_account_it_was_paid_into_is_the_one_at_release(desk: Desk, browser: Browser) -> None:
    desk.world.account(desk.contact.organisation, "66374958")
    week(desk.line)
    paid = desk.pay()
    desk.world.account(desk.contact.organisation, "11111111")
    page = browser.sign_in(desk.contact).get(f"/remittances/{paid.id}").text
    assert "Monday 4 December 2017 to Fenland Homecare Ltd, account ending 4958, bank reference" in page
    assert "66374958" not in page


def test_a_question_about_a_line_arrives_as_the_line(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    page = browser.get(f"/remittances/{paid.id}").text
    ask = re.findall('href="(/conversations/start[^"]*)"', page)
    assert len(ask) == 2  # about the line, about the whole
    form = browser.get(unescape(ask[0])).text
    assert f'value="Remittance {paid.number}, line 1"' in form
    assert f'value="{desk.line.reference}"' in form
    assert re.search(r'<option value="\d+" selected>Payments<', form)
    whole = browser.get(unescape(ask[1])).text
    assert f'value="{paid.number}"' in whole
    assert '<option value="remittance" selected>Remittance<' in whole


def test_whoever_may_not_start_conversations_is_offered_none(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.world.contact(desk.contact.organisation, may_payments=True))
    assert "Ask about" not in browser.get(f"/remittances/{paid.id}").text


def test_every_format_says_what_the_page_says(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    page = browser.get(f"/remittances/{paid.id}").text
    files = {kind: browser.get(f"/remittances/{paid.id}.{kind}") for kind in ("pdf", "xlsx", "csv", "json")}
    for kind, answer in files.items():
        assert f'href="/remittances/{paid.id}.{kind}"' in page
        assert answer.headers["Content-Disposition"] == f"attachment; filename={paid.number}.{kind}"
    paper = text_of(open_pdf(files["pdf"].data))
    for words in ("7.00", "£19.68", "£137.76", paid.number, desk.line.reference, desk.line.person.reference):
        assert words in page
        assert words in paper
    workbook = load_workbook(BytesIO(files["xlsx"].data))
    assert [cell.value for cell in workbook["Lines"][2]][5:11] == [7, "HOUR", 19.68, 137.76, 0, 137.76]
    assert ",7.00,HOUR,19.68,137.76,0.00,137.76," in files["csv"].data.decode("utf-8-sig")
    assert json.loads(files["json"].data)["paid"] == "137.76"
    assert "Ada Bell" not in paper + files["csv"].text + files["json"].text


def test_a_file_is_made_with_at_most_eight_queries_and_logs_nothing_about_people(
    desk: Desk, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    caplog.set_level(logging.DEBUG)
    for kind in ("pdf", "xlsx", "csv", "json"):
        with Queries() as queries:
            assert browser.get(f"/remittances/{paid.id}.{kind}").status_code == 200
        assert len(queries) <= 8
    for secret in ("Ada Bell", desk.line.person.reference, "137.76", desk.line.reference):
        assert secret not in caplog.text


def test_another_organisations_remittance_answers_like_none(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.world.contact(desk.world.organisation("Broadland Care")))
    kinds = ("", ".pdf", ".xlsx", ".csv", ".json")
    for path in (*(f"/remittances/{paid.id}{kind}" for kind in kinds), f"/remittances/{paid.id}/lines/1"):
        assert browser.get(path).status_code == 404
    assert browser.get("/remittances/99.pdf").status_code == 404
    assert browser.get(f"/remittances/{paid.id}.txt").status_code == 404
    browser.sign_in(desk.contact)
    assert browser.get(f"/remittances/{paid.id}/lines/2").status_code == 404


def test_a_paid_invoice_leads_to_its_remittance(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    page = browser.sign_in(desk.contact).get("/invoices/1").text
    assert "It reaches your bank on 4 December 2017." in page
    assert f'href="/remittances/{paid.id}"' in page


@pytest.mark.parametrize("address", ["/remittances", "/remittances/1"])
def test_a_page_asks_at_most_eight_times(desk: Desk, browser: Browser, address: str) -> None:
    week(desk.line)
    desk.pay()
    browser.sign_in(desk.contact)
    with Queries() as queries:
        browser.get(address)
    assert len(queries) <= 8
