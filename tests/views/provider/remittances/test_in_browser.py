"""The page of a remittance in a browser: whole at 375 pixels, opened by keys, accessible."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from models import PaymentRun, Recovery, Remittance, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.weeks import OCT_16, OCT_23, send, week
from tests.support.worlds.world import World
from workflows.payments import run as payment_run


@pytest.fixture
def paid(world: World, live: Live) -> Remittance:
    """Two people's care, and a recovery."""
    officer, contact = world.officer("Payments officer"), world.contact(world.organisation())
    for name in ("Elsie King", "Rose Smith"):
        line = world.line(contact.organisation, person=world.person(name=name))
        week(line, OCT_16)
        week(line, OCT_23)
    send(contact, world.period(0))
    before = PaymentRun(pay_date=OCT_16, prepared_by_id=officer.id)
    db.session.add(before)
    db.session.flush()
    owed = {"organisation_id": contact.organisation_id, "from_run_id": before.id, "amount": Decimal("20.00")}
    db.session.add(Recovery(**owed))
    run = payment_run.prepare("04/12/2017", officer)
    payment_run.approve(run.id, world.officer("Payments approver"))
    payment_run.release(run.id, officer)
    live.sign_in(contact)
    remittance: Remittance = db.session.scalars(select(Remittance)).one()
    return remittance


@pytest.mark.parametrize("width", [1280, 375, 320])
def test_it_is_accessible_and_never_wider_than_the_window(live: Live, paid: Remittance, width: int) -> None:
    page = live.page
    page.set_viewport_size({"width": width, "height": 900})
    for query in ("", "?open=all", "?q=nobody"):
        page.goto(f"{live.address}/remittances/{paid.id}{query}")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_persons_lines_are_opened_by_keys_alone(live: Live, paid: Remittance) -> None:
    page = live.page
    page.goto(f"{live.address}/remittances/{paid.id}")
    line = page.get_by_role("rowheader", name="23 October 2017").first
    assert not line.is_visible()
    page.locator("summary", has_text="E. K.").focus()
    page.keyboard.press("Enter")
    assert line.is_visible()
    page.get_by_label("Person, CPLI, invoice or amount").fill("rose")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=rose**")
    assert page.locator("summary").count() == 1
