"""No page asks the database more than eight times, whoever opens it; of each kind there is a record to be shown."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import select

from models import Contact, ContractDocument, Organisation, PaymentPeriod, ScheduledPayment, db
from rules.agreement_states import DocumentState
from tests.support.pages.browser import Browser
from tests.support.queries import Queries
from tests.support.worlds import everything
from tests.support.worlds.scheduled import FINALISED, NEXT_PREVIEWED, CareHome
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from tests.views.test_every_route import FILE, filled, read_table
from tests.views.test_links_open import Walk
from workflows.actuals.save import Entry, save_week
from workflows.scheduled.prepare import prepare_due

MOST: Final = 8


def test_no_page_asks_more_than_eight_times(world: World) -> None:
    everything.build(world, world.officer("Administrator"), (1,))
    own = db.session.scalars(select(Organisation)).one()
    contact = world.contact(own)
    deep = [corrected_week(world, contact), *compared_payment(world, own), draft_with_a_line_more()]
    deep.append(confirmed_together(world, contact))
    templates = [address for method, address in read_table() if method == "GET" and not FILE.search(address)]
    records = [filled(address, own) for address in templates if not address.startswith("/sign")]
    asked: dict[str, int] = {}
    for who in (world.officer("Administrator"), contact):
        browser = Browser(world.app).sign_in(who)
        walk = Walk(browser)
        walk.all_from("/")
        for address in {*records, *walk.opened, *deep}:
            browser.get(address, follow=False)  # what a process keeps is read once
            with Queries() as queries:
                answer = browser.get(address, follow=False)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                asked[address] = max(len(queries), asked.get(address, 0))
    assert len(asked) > 400
    assert set(deep) <= set(asked)
    assert {address: count for address, count in asked.items() if count > MOST} == {}


def corrected_week(world: World, contact: Contact) -> str:
    """The history of a week that was corrected after it was invoiced."""
    line = world.line(contact.organisation, state=DocumentState.ACCEPTED)
    week(line)
    send(contact, db.session.scalars(select(PaymentPeriod)).one())
    entry = Entry(line.id, ("1", "1", "1", "1", "1", "0", "0"), "SHORTER", "")
    save_week(OCT_16, [entry], contact.user, correct=[line.id])
    return f"/actuals/history?line={line.id}&week={OCT_16}"


def compared_payment(world: World, own: Organisation) -> tuple[str, str]:
    """A scheduled payment that is less than the one before it, as somebody was away, and why one of its lines is."""
    home = CareHome.of(world, own)
    world.period(1)
    lines = [home.line(contribution=Decimal(100)) for _ in range(3)]
    prepare_due(FINALISED)
    for line in lines:
        home.away(line, date(2017, 11, 13), date(2017, 11, 20))
    prepare_due(NEXT_PREVIEWED)
    payment = db.session.scalars(select(ScheduledPayment).order_by(ScheduledPayment.id.desc())).first()
    assert payment
    return f"/scheduled-payments/{payment.id}", f"/scheduled-payments/{payment.id}?why={lines[0].id}"


def draft_with_a_line_more() -> str:
    """The form of a draft to which a line is added."""
    draft = db.session.scalars(select(ContractDocument).where(ContractDocument.state == DocumentState.DRAFT)).one()
    return f"/staff/agreements/{draft.id}?line=new"


def confirmed_together(world: World, contact: Contact) -> str:
    """The weeks of a period to confirm together, beside those that have been."""
    address = f"/actuals/together?period={OCT_16}"
    browser = Browser(world.app).sign_in(contact)
    (seen,) = re.findall(r'name="seen" value="(\w+)"', browser.get(address).text)
    browser.post(address, {"seen": seen})
    world.line(contact.organisation, state=DocumentState.ACCEPTED)
    return address
