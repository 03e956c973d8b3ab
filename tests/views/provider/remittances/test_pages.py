"""A provider follows a figure from the bank back to units × rate."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import AbortedVisit, Contact, LineItem, PaymentRun, Rate, Remittance, db
from rules.states import Decision
from tests.support.browser import Browser
from tests.support.decisions import decided
from tests.support.queries import Queries
from tests.support.weeks import OCT_16, send, week
from tests.support.world import World
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
    assert "Why £137.76?" in page
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
        "told 3 hours before, rule AV-1", "Not reached", "6.50 hours", "× £19.7550", "128.4075, rounded half up",
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
        "× £20.2500",
        "4.00 × £20.2500, to the penny",
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
    send(desk.contact, desk.period)
    entry = Entry(desk.line.id, ("1", "1", "1", "1", "1", "0.5", "0"), "SHORTER")
    save_week(OCT_16, [entry], desk.contact.user, correct=True)
    paid = desk.pay()
    browser.sign_in(desk.contact)
    page = browser.get(f"/remittances/{paid.id}").text
    assert "137.76" in page
    assert "-1.50 hours" in page
    assert "correction" in page
    assert "-£29.52" in page
    first = browser.get(f"/remittances/{paid.id}/lines/1").text
    assert "The week was corrected since." in first
    assert "under plan" not in first
    page = browser.get(f"/remittances/{paid.id}/lines/2").text.replace("\u00a0", " ")
    for words in (
        "Why -£29.52?", "5.50 hours", "Invoiced before: 7.00 hours. Corrected", "A visit was shorter than planned",
        "-1.50 hours", "7.00 hours were invoiced before", "× £19.6800", "£108.24", "£108.24 less £137.76", "VAT exempt",
    ):  # fmt: skip
        assert words in page, words


def test_another_organisations_remittance_answers_like_none(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    browser.sign_in(desk.world.contact(desk.world.organisation("Broadland Care")))
    for path in (f"/remittances/{paid.id}", f"/remittances/{paid.id}/lines/1", "/remittances/99"):
        assert browser.get(path).status_code == 404
    browser.sign_in(desk.contact)
    assert browser.get(f"/remittances/{paid.id}/lines/2").status_code == 404


def test_a_paid_invoice_leads_to_its_remittance(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    paid = desk.pay()
    page = browser.sign_in(desk.contact).get("/invoices/1").text
    assert "Released for payment on 4 December 2017." in page
    assert f'href="/remittances/{paid.id}"' in page


def test_the_list_asks_at_most_eight_times(desk: Desk, browser: Browser) -> None:
    week(desk.line)
    desk.pay()
    browser.sign_in(desk.contact)
    with Queries() as queries:
        browser.get("/remittances")
    assert len(queries) <= 8
