"""A provider sees what an invoice would hold and what it leaves out, sends it once, and finds it again."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from models import Hold, Invoice, InvoiceLine, PaymentPeriod, db
from rules.states import InvoiceState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live, follow
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, OCT_23, OCT_30, send, week
from tests.support.worlds.world import World
from workflows.invoices import invoice
from workflows.invoices.desk import dispute, reject
from workflows.payments import run as payment_run


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


def test_an_invoice_with_a_line_on_hold_says_that_it_waits_and_what_frees_the_rest(desk: Desk) -> None:
    other = desk.world.line(desk.organisation)
    week(other, OCT_16)
    sent = send(desk.contact, desk.period)
    assert "The next pay day is" in desk.browser.get(f"/invoices/{sent.id}").text
    db.session.add(Hold(organisation_id=desk.organisation.id, line_item_id=other.id, start=OCT_16, reason="A query."))
    db.session.commit()
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert f"Payment for line {other.reference} is on hold: A query. The invoice waits as a whole." in page
    assert "The next pay day is" not in page
    desk.browser.post(f"/invoices/{sent.id}/withdraw", {"reason": "A line is on hold"})
    assert "The next pay day is" in desk.browser.get(f"/invoices/{send(desk.contact, desk.period).id}").text


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
    reject(sent.id, "Please send December with it", 1)
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "Rejected" in page
    assert "Please send December with it" in page


def test_a_draft_has_no_number_and_says_so(desk: Desk) -> None:
    page = desk.preview()
    assert "INV-" not in page
    assert ">Draft<" in page
    assert ">Draft</a>" in desk.browser.get("/invoices").text


def test_what_is_left_out_stands_by_reason_and_week_with_its_pounds(desk: Desk) -> None:
    page = desk.preview()
    assert "1 week is over the exception level." in page
    assert "£177.12" in page  # 9.00 hours × £19.6800
    assert "2 weeks are not confirmed." in page
    assert "Planned, net" in page
    assert page.count("£137.76") >= 3  # the line's week on it, and each week that is planned only
    assert 'href="/exceptions"' in page


def test_a_period_whose_date_has_passed_is_said_to_be_late(desk: Desk) -> None:
    assert "Late: it was to be submitted by" not in desk.browser.get("/invoices/create").text
    desk.world.app.config["PORTAL_TODAY"] = "2017-12-12"
    assert "Late: it was to be submitted by 27 November 2017" in desk.browser.get("/invoices/create").text
    assert "This period was to be submitted by 27 November 2017." in desk.preview()


def test_weeks_of_earlier_periods_are_said_to_be_late(desk: Desk) -> None:
    week(desk.line, date(2017, 11, 13))
    later = desk.world.period(1)
    page = desk.browser.post("/invoices/create", {"period": later.id}).text
    assert "It also holds 1 week of 16 October to 12 November 2017, which no invoice had yet." in page


def test_an_own_reference_that_is_taken_names_the_invoice_that_has_it(desk: Desk) -> None:
    sent = send(desk.contact, desk.period)
    db.session.execute(update(Invoice).where(Invoice.id == sent.id).values(own_reference="FH/17"))
    db.session.commit()
    week(desk.line, OCT_30)
    digest = desk.digest()
    draft = invoice.draft_for(desk.organisation, desk.period.id, 1)
    answer = desk.browser.post(f"/invoices/{draft.id}", {"digest": digest, "own_reference": "fh/17"})
    assert answer.status_code == 422
    assert f"Invoice {sent}, sent on 20 November 2017, already has your reference FH/17." in answer.text
    assert 'value="fh/17"' in answer.text


def test_withdrawing_asks_why_and_frees_the_weeks(desk: Desk) -> None:
    sent = send(desk.contact, desk.period)
    path = f"/invoices/{sent.id}/withdraw"
    assert f'href="{path}"' in desk.browser.get(f"/invoices/{sent.id}").text
    again = desk.browser.post(path, {"reason": ""})
    assert again.status_code == 422
    assert 'id="reason-error"' in again.text
    page = desk.browser.post(path, {"reason": "A week is missing"}).text
    assert "You have withdrawn the invoice." in page
    assert "A week is missing" in page
    assert "You took it back." in page
    assert "1 confirmed week to invoice" in desk.browser.get("/invoices/create").text
    assert "It cannot be withdrawn any more." in desk.browser.get(path).text


def test_another_organisation_withdraws_nothing(desk: Desk, browser: Browser) -> None:
    sent = send(desk.contact, desk.period)
    browser.sign_in(desk.world.contact(desk.world.organisation("Broadland Care")))
    path = f"/invoices/{sent.id}/withdraw"
    assert (browser.get(path).status_code, browser.post(path, {"reason": "x"}).status_code) == (404, 404)
    draft = invoice.draft_for(desk.organisation, desk.period.id, 1)
    browser.sign_in(desk.contact)
    assert browser.get(f"/invoices/{draft.id}/withdraw").status_code == 404


def test_an_accepted_one_says_when_it_is_paid_and_a_disputed_one_why_not(desk: Desk) -> None:
    sent = send(desk.contact, desk.period)
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "The council has accepted it. The next pay day is 4 December 2017." in page
    payment_run.prepare("04/12/2017", desk.world.officer("Payments officer"))
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "which two officers check before it is paid. The next pay day is 4 December 2017." in page
    assert "/withdraw" not in page
    dispute(sent.id, "Two carers on one visit")
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "It is in dispute and is not paid until that is settled." in page
    assert "Two carers on one visit" in page


def test_a_late_one_says_what_the_council_owes_beside_it(desk: Desk) -> None:
    sent = send(desk.contact, desk.period)
    desk.world.app.config["PORTAL_TODAY"] = "2018-01-19"
    page = desk.browser.get(f"/invoices/{sent.id}").text
    assert "It is 30 days late." in page
    assert "£0.93 interest so far and a fixed sum of £40.00" in page
    assert "8.25% a year, 8% over the base rate of 0.25% on 30 June 2017" in page
    assert ">Late<" in desk.browser.get("/invoices").text


@pytest.mark.parametrize("width", [1280, 375])
def test_in_a_browser_an_invoice_is_sent_and_withdrawn_at_any_width(desk: Desk, live: Live, width: int) -> None:
    live.sign_in(desk.contact).page.set_viewport_size({"width": width, "height": 900})
    page = live.open("/invoices/create")
    follow(page.get_by_role("button", name="Continue"))
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    follow(page.get_by_role("button", name="Submit invoice"))
    check_accessible(page)
    follow(page.get_by_role("button", name="Withdraw"))
    check_accessible(page)
    page.get_by_label("Why you withdraw it").fill("Too early")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("You have withdrawn the invoice.")).to_be_visible()


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
