"""The remittance of a care home: sevenths of a week as sums, what others pay apart, and the way to the payment."""

import json
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Remittance, ScheduledPayment, db
from tests.support.pages.browser import Browser
from tests.support.worlds.scheduled import FINALISED, PREVIEWED, WEDNESDAY, CareHome
from tests.support.worlds.world import World
from workflows.payments import run as payment_run
from workflows.scheduled.prepare import prepare_due


@pytest.fixture
def paid(world: World, browser: Browser) -> Remittance:
    """A home whose line starts on a Wednesday: £748.37 a week, of which the person pays £100.00."""
    home = CareHome(world)
    home.line(start=WEDNESDAY, contribution=Decimal("100.00"))
    for day in (PREVIEWED, FINALISED):
        prepare_due(day)
    world.app.config["PORTAL_TODAY"] = FINALISED.isoformat()
    officer = world.officer("Payments officer")
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    browser.sign_in(home.contact)
    remittance: Remittance = db.session.scalars(select(Remittance)).one()
    return remittance


def test_each_line_is_a_sum_and_what_others_pay_is_apart(browser: Browser, paid: Remittance) -> None:
    page = browser.get(f"/remittances/{paid.id}").text
    assert "5 ÷ 7 weeks × £748.37" in page
    assert "1.00 week × £748.37" in page
    assert "less £71.43 contribution" in page
    # Rules of scheduled payments: £2,779.66 gross for these days.
    assert '<span class="big">£2,779.66</span><small>claimed</small>' in page
    assert '<span class="big">−£371.43</span><small>paid by people and others</small>' in page
    assert '<span class="big">£2,408.23</span><small>to be paid, no VAT in it</small>' in page


def test_a_line_leads_to_its_scheduled_payment(browser: Browser, paid: Remittance) -> None:
    payment = db.session.scalars(select(ScheduledPayment)).one()
    page = browser.get(f"/remittances/{paid.id}").text
    assert f'href="/scheduled-payments/{payment.id}">{payment.number}</a>' in page
    assert browser.get(f"/scheduled-payments/{payment.id}").status_code == 200


def test_the_data_balances_with_the_contribution_as_a_code(browser: Browser, paid: Remittance) -> None:
    data = json.loads(browser.get(f"/remittances/{paid.id}.json").data)
    assert (data["claimed"], data["adjustments"], data["paid"]) == (
        "2779.66", [{"code": "CONTRIBUTION", "amount": "371.43"}], "2408.23",
    )  # fmt: skip


def test_a_line_is_explained_from_units_to_what_others_pay_and_can_be_asked_about(
    browser: Browser, paid: Remittance
) -> None:
    payment = db.session.scalars(select(ScheduledPayment)).one()
    line = next(each for each in paid.lines if each.net == Decimal("648.37"))
    page = browser.get(f"/remittances/{paid.id}/lines/{line.number}").text.replace("\u00a0", " ")
    steps = ["1.00 week", "× £748.37", "£748.37", "−£100.00", "£648.37"]
    places = [page.index(f">{each}<") for each in steps]
    assert places == sorted(places)
    assert "less £100.00 contribution" in page
    assert f'href="/scheduled-payments/{payment.id}">Scheduled payment {payment.number}</a>' in page
    assert f"about={line.line_reference}" in page
