"""A provider sees what an invoice would hold and what it leaves out, sends it once, and finds it again."""

import re

import pytest
from sqlalchemy import func, select

from models import Invoice, InvoiceLine, PaymentPeriod, db
from rules.states import InvoiceState
from tests.support.browser import Browser
from tests.support.queries import Queries
from tests.support.weeks import OCT_16, OCT_23, send, week
from tests.support.world import World
from workflows.invoices import invoice


class Desk:
    """A contact at the Invoices page, with a line whose first week is confirmed and whose second is held."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world, self.browser = world, browser
        self.organisation = world.organisation()
        self.contact = world.contact(self.organisation)
        self.period: PaymentPeriod = world.period(0)
        self.line = world.line(self.organisation)
        week(self.line, OCT_16)
        week(self.line, OCT_23, ("1", "1", "1", "1", "1", "2", "2"))
        browser.sign_in(self.contact)

    def preview(self) -> str:
        return str(self.browser.post("/invoices/create", {"period": self.period.id}).text)

    def digest(self) -> str:
        found = re.search(r'name="digest" value="([0-9a-f]{64})"', self.preview())
        assert found
        return found[1]


@pytest.fixture
def desk(world: World, browser: Browser) -> Desk:
    return Desk(world, browser)


def test_an_empty_list_says_what_to_do(world: World, browser: Browser) -> None:
    page = browser.sign_in(world.contact(world.organisation())).get("/invoices")
    assert "<h1" in page.text
    assert "No invoices yet" in page.text
    assert "Create invoice" in page.text


def test_the_choice_of_period_says_what_is_ready(desk: Desk) -> None:
    page = desk.browser.get("/invoices/create").text
    assert "16 October to 12 November 2017" in page
    # The other confirmed one is held.
    assert "1 confirmed week to invoice" in page


def test_without_a_period_the_choice_comes_back(desk: Desk) -> None:
    for period in ("", "x", "99999999999999999999", "4"):
        answer = desk.browser.post("/invoices/create", {"period": period})
        assert answer.status_code == 422
        assert "Choose the period the invoice is for." in answer.text


def test_the_preview_prices_each_week_and_lists_the_held_one_and_why(desk: Desk) -> None:
    page = desk.preview()
    assert "7.00 hours × £19.68" in page
    assert "£137.76" in page
    assert "over the exception level" in page
    assert "9.00 hours against 7.00 planned" in page
    assert 'href="/actuals?week=2017-10-23"' in page
    assert "A. B." in page
    assert "Ada Bell" not in page


def test_a_contact_without_actuals_is_not_led_there(desk: Desk) -> None:
    payments = desk.world.contact(desk.organisation, may_payments=True)
    desk.browser.sign_in(payments)
    page = desk.preview()
    assert "23 October 2017" in page
    assert "/actuals" not in page


def test_submitting_sends_it_and_shows_it(desk: Desk) -> None:
    path = f"/invoices/{invoice.draft_for(desk.organisation, desk.period.id, 1).id}"
    page = desk.browser.post(path, {"digest": desk.digest(), "own_reference": "FH/17"})
    assert page.status_code == 200
    assert "was sent" in page.text
    assert "FH/17" in page.text
    assert "20 December 2017" in page.text
    assert "Accepted" in page.text
    again = desk.browser.post(path, {"digest": "", "own_reference": ""})
    assert "was already sent" in again.text
    assert db.session.scalar(select(func.count(InvoiceLine.id))) == 1


def test_changed_figures_show_the_new_preview_and_keep_what_was_typed(desk: Desk) -> None:
    digest = desk.digest()
    draft = invoice.draft_for(desk.organisation, desk.period.id, 1)
    week(desk.world.line(desk.organisation, rate="20.0000"))
    answer = desk.browser.post(f"/invoices/{draft.id}", {"digest": digest, "own_reference": "FH/17"})
    assert answer.status_code == 422
    assert "Figures changed since you looked" in answer.text
    assert "£277.76" in answer.text
    assert 'value="FH/17"' in answer.text
    assert digest not in answer.text


def test_nothing_to_invoice_offers_no_button(world: World, browser: Browser) -> None:
    contact = world.contact(world.organisation())
    world.line(contact.organisation)
    period = world.period(0)
    page = browser.sign_in(contact).post("/invoices/create", {"period": period.id})
    assert "Nothing can be invoiced now." in page.text
    assert "Submit invoice" not in page.text
    answer = browser.post(page.request.path, {"digest": "x"})
    assert answer.status_code == 422
    assert "nothing to invoice" in answer.text


def test_a_reference_that_is_too_long_is_told_at_its_field(desk: Desk) -> None:
    digest = desk.digest()
    draft = invoice.draft_for(desk.organisation, desk.period.id, 1)
    answer = desk.browser.post(f"/invoices/{draft.id}", {"digest": digest, "own_reference": "x" * 41})
    assert answer.status_code == 422
    assert 'id="own_reference-error"' in answer.text


def test_another_organisations_invoice_answers_like_none(desk: Desk, browser: Browser) -> None:
    sent = send(desk.contact, desk.period)
    other = desk.world.contact(desk.world.organisation("Broadland Care"))
    browser.sign_in(other)
    for path in (f"/invoices/{sent.id}", "/invoices/99", "/invoices/99999999999"):
        assert browser.get(path).status_code == 404
    assert browser.post(f"/invoices/{sent.id}", {"digest": "x"}).status_code == 404


def test_a_rejected_invoice_says_why(desk: Desk) -> None:
    sent = send(desk.contact, desk.period)
    invoice.reject(sent, "Please send December with it")
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "Rejected" in page
    assert "Please send December with it" in page


def test_without_the_function_the_page_is_closed(desk: Desk) -> None:
    desk.browser.sign_in(desk.world.contact(desk.organisation, may_actuals=True))
    assert desk.browser.get("/invoices").status_code == 403


def test_more_invoices_ask_no_more_of_the_database(desk: Desk) -> None:
    counts = []
    for number in (1, 25):
        for _ in range(number):
            db.session.add(
                Invoice(
                    organisation_id=desk.organisation.id,
                    period_id=desk.period.id,
                    state=InvoiceState.SUBMITTED,
                    submitted_at=func.now(),
                )
            )
        db.session.commit()
        with Queries() as queries:
            assert desk.browser.get("/invoices").status_code == 200
        counts.append(len(queries))
    # The frame asks five times (session, contact, settings, organisations, what waits); count and page are two more.
    assert counts[0] == counts[1] <= 8
