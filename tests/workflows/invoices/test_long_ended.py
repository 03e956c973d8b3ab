"""A week that was held or confirmed in time is paid however long ago its line ended (rules.md 8)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models import Contact, InvoiceLine, LineItem, PaymentPeriod, PortalUser, acting_for, db
from rules.invoice import NOT_CONFIRMED
from rules.states import ActualState, Decision
from tests.support.pages.browser import Browser
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World
from workflows.actuals.history import week_history
from workflows.actuals.save import save_week
from workflows.exceptions.ask import ask
from workflows.exceptions.decide import Chosen, decide
from workflows.invoices.preview import preview
from workflows.weeks.entry import Entry

TEN = ("4", "1", "1", "1", "1", "1", "1")


class Late:
    """A line that ended on 22 October 2017 with a week of 10.00 hours; today is 1 March 2018."""

    def __init__(self, world: World) -> None:
        self.contact: Contact = world.contact(world.organisation())
        assert self.contact.user
        self.user: PortalUser = self.contact.user
        self.line: LineItem = world.line(self.contact.organisation, end=date(2017, 10, 22))
        self.period: PaymentPeriod = world.period()
        self.officer: PortalUser = world.officer("Service Brokerage")
        self.world = world

    def decided(self, state: ActualState) -> None:
        actual = week(self.line, OCT_16, TEN, state=state)
        self.world.app.config["PORTAL_TODAY"] = "2018-03-01"
        with acting_for(self.contact.organisation_id):
            ask(actual.id, "A second carer was needed", self.user)
        decide([Chosen(actual.id, actual.version, "8.50")], Decision.UP_TO, "Agreed", self.officer)


@pytest.fixture
def late(world: World) -> Late:
    return Late(world)


def test_a_week_that_waits_is_left_out_by_name(late: Late) -> None:
    week(late.line, OCT_16, TEN)
    late.world.app.config["PORTAL_TODAY"] = "2018-03-01"
    (left_out,) = preview(late.contact.organisation_id, late.period).left_out
    assert left_out.week == OCT_16


def test_a_confirmed_week_is_asked_about_decided_and_invoiced(late: Late) -> None:
    late.decided(ActualState.CONFIRMED)
    send(late.contact, late.period)
    assert db.session.scalars(select(InvoiceLine.units)).all() == [Decimal("8.50")]


def test_a_draft_that_was_held_is_left_out_until_it_is_confirmed_then_invoiced(late: Late) -> None:
    late.decided(ActualState.DRAFT)
    (left_out,) = preview(late.contact.organisation_id, late.period).left_out
    assert (left_out.week, left_out.why) == (OCT_16, NOT_CONFIRMED)
    with acting_for(late.contact.organisation_id):
        saved = save_week(OCT_16, [Entry(late.line.id, TEN, "EXTRA")], late.user, confirm=True)
        assert saved.confirmed == 1
    send(late.contact, late.period)
    assert db.session.scalars(select(InvoiceLine.units)).all() == [Decimal("8.50")]


def test_its_history_and_its_week_are_there_to_look_at(late: Late, browser: Browser) -> None:
    late.decided(ActualState.CONFIRMED)
    with acting_for(late.contact.organisation_id):
        assert len(week_history(late.line.id, OCT_16).decisions) == 1
    assert late.line.reference in browser.sign_in(late.contact).get("/exceptions?show=answered").text
