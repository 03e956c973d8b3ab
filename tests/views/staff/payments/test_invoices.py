"""Payments officers see what waits and why, beside earlier periods, and accept, reject or dispute it; others read."""

from datetime import date
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from models import Invoice, PolicySetting, PortalUser, db
from rules.agreement_states import DocumentState
from rules.states import InvoiceState, PolicyScope
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_13, OCT_16, send, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.clock import story_at
from workflows.invoices.desk import dispute

PATH = "/staff/invoices"


class Office:
    """Invoices of a provider each of whose invoices is looked at, the last one waiting, and an officer."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.contact = world.contact(world.organisation())
        self.organisation = self.contact.organisation
        self.officer: PortalUser = world.officer("Payments officer")
        self.line = world.line(self.organisation)
        week(self.line, OCT_16)
        self.before = send(self.contact, world.period(0))
        db.session.add(
            PolicySetting(
                name="invoices_accepted_at_once", value="no", scope=PolicyScope.ORGANISATION,
                scope_id=self.organisation.id, valid_from=NOV_13, why="New provider",
            )
        )  # fmt: skip
        db.session.commit()
        policy.forget()
        week(self.line, NOV_13)
        with story_at(date(2017, 11, 22)):
            self.invoice = send(self.contact, world.period(1))
        db.session.refresh(self.invoice)
        self.path = f"{PATH}/{self.invoice.id}"

    def stored(self) -> Invoice:
        db.session.refresh(self.invoice)
        return self.invoice


@pytest.fixture
def office(world: World, browser: Browser) -> Office:
    world.app.config["PORTAL_TODAY"] = "2017-11-27"
    return Office(world, browser)


def test_the_desk_says_why_it_waits_how_long_and_what_is_usual(office: Office) -> None:
    page = office.browser.sign_in(office.officer).get(PATH).text
    for words in (
        f'href="{office.path}"', "Fenland Homecare Ltd", "13 November to 10 December 2017", "waiting 5 days",
        "Every invoice of this provider is looked at (rule IN-2 of 13 November 2017).", "22 December 2017", "£137.76",
    ):  # fmt: skip
        assert words in page, words
    assert str(office.before) not in page


def test_care_on_a_rejected_document_is_named(office: Office) -> None:
    other = office.world.contact(office.world.organisation("Broadland Care"))
    line = office.world.line(other.organisation, state=DocumentState.WITHDRAWN)
    week(line)
    send(other, office.before.period)
    page = office.browser.sign_in(office.officer).get(PATH).text
    assert f"The contract document of 1 line ({line.reference}) is withdrawn." in page


def test_the_count_on_every_page_is_that_of_the_list_behind_it(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    assert "invoice to check" in browser.get("/").text
    dispute(office.invoice.id, "Two carers")
    assert "invoice to check" not in browser.get("/").text
    assert "There are no invoices to check." in browser.get(PATH).text
    disputed = browser.get(f"{PATH}?show=disputed").text
    assert "since 27 November 2017: Two carers" in disputed


def test_one_invoice_stands_beside_the_periods_before(office: Office) -> None:
    page = office.browser.sign_in(office.officer).get(office.path).text
    for words in ("This invoice", "16 October to 12 November 2017", "1 person", "7.00 hours × £19.68", "A. B."):
        assert words in page, words
    assert "Ada Bell" not in page


def test_accepting_says_so_and_empties_the_queue(office: Office) -> None:
    page = office.browser.sign_in(office.officer).post(f"{office.path}/accept")
    assert f"Invoice {office.invoice} is accepted. The next payment run takes it." in page.text
    assert office.stored().state is InvoiceState.ACCEPTED


def test_many_are_accepted_at_once_or_none(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    assert browser.post(f"{PATH}/accept").status_code == 422
    both = browser.post(f"{PATH}/accept", {"rowid": [str(office.invoice.id), str(office.before.id)]})
    assert both.status_code == 422
    assert f"{office.before} cannot be accepted: it is accepted." in both.text
    assert office.stored().state is InvoiceState.SUBMITTED
    assert "Accepted: 1 invoice." in browser.post(f"{PATH}/accept", {"rowid": [str(office.invoice.id)]}).text


def test_rejecting_needs_a_reason_and_keeps_what_was_typed(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    again = browser.post(f"{office.path}/reject", {"reason": "  ", "dispute_reason": "Half a sentence"})
    assert again.status_code == 422
    assert "Enter why the invoice is rejected." in again.text
    assert "Half a sentence" in again.text
    assert "is rejected." in browser.post(f"{office.path}/reject", {"reason": "Wrong person"}).text
    assert office.stored().rejected_reason == "Wrong person"


def test_a_dispute_is_said_and_settled(office: Office) -> None:
    browser = office.browser.sign_in(office.officer)
    assert "is in dispute from today" in browser.post(f"{office.path}/dispute", {"dispute_reason": "Two carers"}).text
    page = browser.get(office.path).text
    assert "In dispute since 27 November 2017" in page
    assert ">Accept<" not in page
    assert "is no longer in dispute" in browser.post(f"{office.path}/settle").text
    assert office.stored().to_check


def test_what_is_late_says_what_is_owed_beside_it(office: Office) -> None:
    office.world.app.config["PORTAL_TODAY"] = "2018-01-19"
    browser = office.browser.sign_in(office.officer)
    page = browser.get(f"{PATH}?show=late").text
    assert "28 days" in page
    assert "It is 28 days late." in browser.get(office.path).text
    assert "unpaid after" in browser.get("/").text


def test_who_reads_is_offered_no_decision_and_makes_none(office: Office) -> None:
    for role in ("Payments approver", "Auditor"):
        browser = office.browser.sign_in(office.world.officer(role))
        page = browser.get(office.path).text
        assert "Decide" not in page
        assert browser.post(f"{office.path}/accept").status_code == 403
        assert browser.get(f"{PATH}/payment-times").status_code == 200
    assert office.browser.sign_in(office.world.officer("Procurement")).get(PATH).status_code == 403
    assert office.browser.sign_in(office.contact).get(PATH).status_code in (403, 404)


def test_payment_times_can_be_taken_away(office: Office) -> None:
    answer = office.browser.sign_in(office.officer).get(f"{PATH}/payment-times.csv")
    first, *rows = answer.text.lstrip("\ufeff").splitlines()
    assert first.startswith("First day,Last day,Payments,Pounds,Average days")
    assert rows == ["01/10/2017,31/03/2018,0,0,,,,,,0,0,"]


def test_more_invoices_ask_no_more_of_the_database(office: Office) -> None:
    counts = []
    office.browser.sign_in(office.officer)
    for number in (1, 25):
        for _ in range(number):
            db.session.add(
                Invoice(
                    organisation_id=office.organisation.id, period_id=office.invoice.period_id, net=Decimal(5),
                    gross=Decimal(5), state=InvoiceState.SUBMITTED, submitted_at=office.invoice.submitted_at,
                )
            )  # fmt: skip
        db.session.commit()
        with Queries() as queries:
            assert office.browser.get(PATH).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 10


def test_an_unknown_invoice_is_not_found(office: Office) -> None:
    assert office.browser.sign_in(office.officer).get(f"{PATH}/9999").status_code == 404


@pytest.mark.parametrize("width", [1280, 375])
def test_an_officer_accepts_in_a_browser_whatever_its_width(office: Office, live: Live, width: int) -> None:
    live.sign_in(office.officer).page.set_viewport_size({"width": width, "height": 900})
    for path in (PATH, office.path, f"{PATH}/payment-times"):
        page = live.open(path)
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page = live.open(PATH)
    page.get_by_label(f"Select invoice {office.invoice}").check()
    page.get_by_role("button", name="Accept those ticked").click()
    expect(page.get_by_text("Accepted: 1 invoice.")).to_be_visible()
