"""What an invoice leaves out: what it tells people to confirm can be confirmed, and no decided week is forgotten."""

from datetime import date
from decimal import Decimal

import pytest

from models import Contact, PaymentPeriod, PolicySetting, acting_for, db
from rules.agreement_states import DocumentState
from rules.period import WEEK
from rules.states import ActualState, Decision, PolicyScope
from tests.support.worlds.weeks import NOV_6, NOV_13, OCT_16, OCT_23, week
from tests.support.worlds.world import World
from workflows import policy
from workflows.actuals.save import confirm_as_planned
from workflows.exceptions.decide import Chosen, decide
from workflows.invoices import invoice
from workflows.invoices.left_out import left_out_sums
from workflows.invoices.preview import Preview
from workflows.weeks.read import read_weeks

NINE = ("1", "1", "1", "1", "1", "2", "2")
NOV_20 = NOV_13 + WEEK


class Provider:
    """A provider with a contact, and the previews of its invoices."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.contact: Contact = world.contact(world.organisation())
        self.organisation = self.contact.organisation
        self.periods: list[PaymentPeriod] = [world.period(0), world.period(1)]

    def preview(self, period: int = 1) -> Preview:
        draft = invoice.draft_for(self.organisation, self.periods[period].id, self.contact.user_id or 0)
        return invoice.preview_of(draft)

    def to_confirm(self) -> set[tuple[int, date]]:
        return {(each.line.id, each.week) for each in self.preview().left_out if each.why.code == "not-confirmed"}


@pytest.fixture
def provider(world: World) -> Provider:
    return Provider(world)


def since(name: str, value: str) -> None:
    db.session.add(
        PolicySetting(name=name, value=value, scope=PolicyScope.COUNCIL, valid_from=date(2017, 1, 1), why="Decided")
    )
    db.session.commit()
    policy.forget()


def test_what_the_preview_tells_people_to_confirm_can_be_confirmed(provider: Provider) -> None:
    """Weeks before the portal, weeks that run, of ended lines and of documents that are no longer in force."""
    world, organisation = provider.world, provider.organisation
    since("portal_start", "2017-10-18")
    world.line(organisation, end=date(2017, 10, 17))
    world.line(organisation, start=OCT_23, end=date(2017, 10, 29))
    world.line(organisation, start=OCT_23)
    for state in (DocumentState.WITHDRAWN, DocumentState.REJECTED):
        line = world.line(organisation, state=state, start=OCT_23)
        week(line, OCT_23, state=ActualState.DRAFT)
    week(world.line(organisation, start=date(2017, 11, 20)), NOV_20, state=ActualState.DRAFT)
    asked = provider.to_confirm()
    assert asked
    mondays = sorted({monday for _, monday in asked})
    with acting_for(organisation.id):
        shown = {each.key for each in read_weeks(mondays)}
        assert asked <= shown
        confirm_as_planned(mondays, provider.contact.user)
    # What was begun as a draft is confirmed on its own sheet; nothing that was not begun is left.
    assert provider.to_confirm() <= {key for key in asked if key[1] == OCT_23}


def test_a_held_week_decided_long_after_its_line_ended_is_on_the_invoice(provider: Provider) -> None:
    world = provider.world
    line = world.line(provider.organisation, end=date(2017, 10, 29))
    held = week(line, OCT_23, NINE)
    world.app.config["PORTAL_TODAY"] = "2018-03-15"
    policy.forget()
    waits = [each for each in provider.preview().left_out if each.line.id == line.id]
    assert [(each.week, each.why.code) for each in waits] == [(OCT_23, "over-level")]
    officer = world.officer("Service Brokerage")
    assert decide([Chosen(held.id, held.version)], Decision.AS_CLAIMED, "Agreed by telephone", officer) == 1
    assert [(each.line.id, each.units) for each in provider.preview().lines] == [(line.id, Decimal("9.00"))]


def test_a_held_week_of_a_line_that_ended_long_ago_is_named_with_its_pounds(provider: Provider) -> None:
    line = provider.world.line(provider.organisation, end=date(2017, 10, 29))
    week(line, OCT_23, NINE)
    provider.world.app.config["PORTAL_TODAY"] = "2018-03-15"
    policy.forget()
    (held,) = left_out_sums(provider.preview())
    assert (held.week, held.planned, held.pounds) == (OCT_23, False, Decimal("177.12"))


def test_weeks_that_are_only_planned_are_summed_at_their_plan(provider: Provider) -> None:
    for rate in ("10.0000", "20.0000"):
        provider.world.line(provider.organisation, rate=rate, start=NOV_6)
    planned = left_out_sums(provider.preview(0))
    assert [(each.week, each.planned, each.pounds) for each in planned] == [(NOV_6, True, Decimal("210.00"))]


def test_a_price_nobody_knows_is_no_guess(provider: Provider) -> None:
    line = provider.world.line(provider.organisation)
    week(line, OCT_16)
    World.confirmed()
    line.rates[0].start = date(2017, 11, 1)
    db.session.commit()
    sums = {(each.why.code, each.week): each.pounds for each in left_out_sums(provider.preview(0))}
    assert sums["no-rate", OCT_16] is None
