"""The page of uplifts: looked at, sent, and what becomes of it."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from models import Organisation, PortalUser, Proposal, Rate, db
from rules.agreement_states import ProposalKind, ProposalState
from rules.states import VatCode
from rules.uplift import Uplift
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.world import World
from workflows.agreements import uplifts
from workflows.confirm import desk as confirming
from workflows.payments import one_off
from workflows.payments.one_off import OneOff

START = "02/04/2018"
REASON = "Annual uplift agreed by cabinet"


@pytest.fixture
def organisation(world: World) -> Organisation:
    return world.organisation("Broadland Care CIC")


def seen_of(text: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


def asked(**typed: str) -> str:
    return f"/staff/uplifts?{urlencode({'start': START} | typed)}"


def test_what_an_uplift_does_is_shown_before_it_is_sent(
    world: World, desk: Browser, organisation: Organisation
) -> None:
    line = world.line(organisation, rate="20.00")
    page = desk.get(asked(element=str(line.element_id), percent="3.2"))
    assert page.status_code == 200
    assert "Personal care: 3.20% more from 2 April 2018" in page.text
    for figure in ("£140.00", "£144.48", "+£4.48", "+£232.96"):
        assert figure in page.text
    assert list(db.session.scalars(select(Proposal).where(Proposal.kind == ProposalKind.UPLIFT))) == []


def test_it_is_sent_and_done_when_another_officer_confirms(
    world: World, desk: Browser, organisation: Organisation
) -> None:
    line = world.line(organisation, rate="20.00")
    typed = {"element": str(line.element_id), "percent": "3.2%", "start": START}
    seen = seen_of(desk.get(asked(**typed)).text)
    page = desk.post("/staff/uplifts", typed | {"seen": seen, "reason": REASON})
    assert "It was sent for confirmation." in page.text
    assert REASON in page.text
    assert "Withdraw" in page.text
    proposal = db.session.scalars(select(Proposal).where(Proposal.note == REASON)).one()
    confirming.confirm(proposal.id, world.officer("Service Brokerage"), [])
    assert "1 line: £140.00 a week before, £144.48 after" in desk.get(f"/staff/uplifts/{proposal.id}").text
    newest = select(Rate.rate, Rate.reason).where(Rate.line_item_id == line.id, Rate.start == date(2018, 4, 2))
    assert db.session.execute(newest).one() == (Decimal("20.64"), REASON)


def test_what_is_refused_comes_back_with_all_that_was_typed(world: World, desk: Browser) -> None:
    page = desk.get(asked(percent="lots", rate="9", line="none"))
    assert page.status_code == 422
    for kept in ('value="lots"', 'value="9"', 'value="none"'):
        assert kept in page.text
    assert "Per cent more: Enter a number, for example 1.50." in page.text, "which of the two"
    assert "New rate: This is not an amount in pounds." in desk.get(asked(rate="lots")).text


def test_a_reason_is_asked_for(world: World, desk: Browser, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    typed = {"line": line.reference, "rate": "21.50", "start": START}
    seen = seen_of(desk.get(asked(**typed)).text)
    page = desk.post("/staff/uplifts", typed | {"seen": seen, "reason": " "})
    assert page.status_code == 422
    assert "Say why the rates change." in page.text
    assert 'value="21.50"' in page.text


def test_who_proposed_it_can_withdraw_it(world: World, desk: Browser, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    typed = {"line": line.reference, "rate": "21.50", "start": START}
    seen = seen_of(desk.get(asked(**typed)).text)
    desk.post("/staff/uplifts", typed | {"seen": seen, "reason": REASON})
    proposal = db.session.scalars(select(Proposal).where(Proposal.note == REASON)).one()
    page = desk.post(f"/staff/uplifts/{proposal.id}/withdraw", {})
    assert "No rate has changed." in page.text
    db.session.refresh(proposal)
    assert proposal.state is ProposalState.WITHDRAWN


def test_nothing_that_changes_says_so(world: World, desk: Browser, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    assert "Nothing changes." in desk.get(asked(line=line.reference, rate="20")).text


def test_the_preview_asks_the_same_number_of_times_however_many_lines(
    world: World, desk: Browser, organisation: Organisation
) -> None:
    line = world.line(organisation, rate="20.00")
    address = asked(element=str(line.element_id), percent="3.2")
    desk.get(address)
    with Queries() as one:
        desk.get(address)
    for _ in range(5):
        world.line(organisation, rate="20.00")
    with Queries() as six:
        desk.get(address)
    assert len(one) == len(six)


def test_the_page_reads_well_for_everybody(
    live: Live, world: World, organisation: Organisation, officer: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    world.line(organisation, rate="40.00")
    world.line(organisation, rate="20.00")
    page = live.sign_in(officer).open(asked(element=str(line.element_id), percent="3.2"))
    check_accessible(page)
    page.set_viewport_size({"width": 375, "height": 800})
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_only_brokerage_sees_uplifts(world: World, browser: Browser) -> None:
    for role in ("Payments officer", "Procurement"):
        browser.sign_in(world.officer(role))
        assert browser.get("/staff/uplifts", follow=False).status_code in (302, 403)
    browser.sign_in(world.officer("Auditor"))
    assert browser.get("/staff/uplifts").status_code == 200
    assert browser.post("/staff/uplifts", {}, follow=False).status_code in (302, 403)


def test_who_confirms_sees_what_it_changes(world: World, browser: Browser, organisation: Organisation) -> None:
    line = world.line(organisation, rate="20.00")
    proposer, second = world.officer("Service Brokerage"), world.officer("Service Brokerage")
    uplift = Uplift(date(2018, 4, 2), percent=Decimal("3.2"), element_id=line.element_id)
    proposal = uplifts.propose(uplift, proposer, REASON, uplifts.preview([uplift]).digest, "Personal care")
    page = browser.sign_in(second).get(f"/staff/confirm/{proposal.id}")
    for shown in ("£140.00", "£144.48", line.reference, "each document gets a new version"):
        assert shown in page.text
    assert "Confirmed: Uplift of Personal care" in browser.post(f"/staff/confirm/{proposal.id}/confirm", {}).text


def test_who_confirms_sees_each_payment(world: World, browser: Browser, organisation: Organisation) -> None:
    payment = OneOff(organisation.id, None, None, Decimal("48.50"), VatCode.EXEMPT, "Taxi in snow")
    proposal = one_off.propose(payment, world.officer("Payments officer"))
    page = browser.sign_in(world.officer("Payments officer")).get(f"/staff/confirm/{proposal.id}")
    for shown in ("Broadland Care CIC", "£48.50", "Taxi in snow", "waits for the next payment run"):
        assert shown in page.text


def test_all_lines_can_be_taken_away_as_excel_before_it_is_sent_and_while_it_waits(
    world: World, desk: Browser, organisation: Organisation, officer: PortalUser
) -> None:
    line = world.line(organisation, rate="20.00")
    typed = {"element": str(line.element_id), "percent": "3.2"}
    page = desk.get(asked(**typed)).text
    link = re.search(r'href="(/staff/uplifts/lines\.xlsx[^"]*)"', page)
    assert link
    file = desk.get(link[1].replace("&amp;", "&"))
    sheet = load_workbook(BytesIO(file.data)).worksheets[0]
    assert [cell.value for cell in list(sheet.rows)[1]][:2] == [line.reference, "Broadland Care CIC"]
    uplift = Uplift(date(2018, 4, 2), Decimal("3.2"), None, element_id=line.element_id)
    proposal = uplifts.propose(uplift, officer, REASON, uplifts.preview([uplift]).digest, "Personal care")
    waiting = f"/staff/uplifts/{proposal.id}/lines.xlsx"
    assert f'href="{waiting}"' in desk.get(f"/staff/uplifts/{proposal.id}").text
    assert desk.get(waiting).status_code == 200
    assert desk.get("/staff/uplifts/lines.xlsx").status_code == 404
