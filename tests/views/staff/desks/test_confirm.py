"""To confirm: one proposal at a time, looked at, confirmed or sent back by another officer."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text

from models import LineItem, PortalUser, Proposal, db
from rules.agreement_states import DocumentState, ProposalState
from rules.plan import PlanVersion
from tests.support.pages.browser import Browser
from tests.support.pages.shown import words
from tests.support.queries import Queries
from tests.support.worlds.agreements import propose_plan, propose_rate
from tests.support.worlds.weeks import week
from tests.support.worlds.world import World
from workflows.agreements import changes
from workflows.agreements.new_version import new_version
from workflows.contracts import publication

MONDAY = date(2017, 11, 6)


def rate(line: LineItem, officer: PortalUser, pounds: str = "20.25") -> Proposal:
    return propose_rate(line.id, MONDAY, Decimal(pounds), officer, "Agreed on the telephone")


def test_a_rate_is_shown_before_and_after_with_its_weeks_and_confirmed(
    line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    proposal = rate(line, carol)
    page = words(browser.sign_in(ruth).get("/staff/confirm"))
    assert "Change rate of line" in page
    assert "Agreed on the telephone" in page
    assert "£137.76 £141.75" in page
    assert "6 November 2017 Not started, at plan 7.00 1.00 £137.76 £141.75 +£3.99" in page
    answer = browser.post(f"/staff/confirm/{proposal.id}/confirm")
    assert "Confirmed: Change rate" in words(answer)
    assert "You have nothing to confirm" in words(answer)
    assert line.rate_on(MONDAY) == Decimal("20.25")
    assert line.document.version == 2


def test_what_is_unusual_is_ticked_or_nothing_happens(
    line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    proposal = rate(line, carol, "30")
    browser.sign_in(ruth)
    refused = browser.post(f"/staff/confirm/{proposal.id}/confirm", {"reason": "Looked up"})
    assert refused.status_code == 422
    assert "Something about this is unusual. Look at it, and tick that you did." in words(refused)
    assert "£30.00 is 52% above the line's last rate, which is £19.68." in words(refused)
    assert "Looked up" in refused.text
    browser.post(f"/staff/confirm/{proposal.id}/confirm", {"ticked": [each["code"] for each in proposal.unusual]})
    assert line.rate_on(MONDAY) == Decimal(30)


def test_it_goes_back_with_a_reason_which_who_made_it_reads_until_they_looked(
    line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    proposal = rate(line, carol)
    browser.sign_in(ruth)
    assert browser.post(f"/staff/confirm/{proposal.id}/send-back").status_code == 422
    browser.post(f"/staff/confirm/{proposal.id}/send-back", {"reason": "From the 13th, please"})
    assert proposal.state is ProposalState.SENT_BACK
    today = words(browser.sign_in(carol).get("/"))
    assert "Sent back to you" in today
    assert "From the 13th, please" in today
    shown = browser.get(f"/staff/confirm/{proposal.id}")
    assert f'href="/staff/line-items/{line.id}/rate"' in shown.text
    assert "Sent back to you" not in words(browser.get("/"))


def test_ones_own_cannot_be_confirmed_only_withdrawn(line: LineItem, carol: PortalUser, browser: Browser) -> None:
    proposal = rate(line, carol)
    page = browser.sign_in(carol).get(f"/staff/confirm/{proposal.id}")
    assert "You proposed this" in words(page)
    assert ">Confirm<" not in page.text
    assert "1 proposal to confirm" not in words(browser.get("/"))
    assert browser.post(f"/staff/confirm/{proposal.id}/confirm").status_code == 422
    assert line.document.version == 1
    assert "Withdrawn: Change rate" in words(browser.post(f"/staff/confirm/{proposal.id}/withdraw"))


def test_every_officer_reads_but_each_decides_what_their_role_does(
    world: World, line: LineItem, carol: PortalUser, browser: Browser
) -> None:
    proposal = rate(line, carol)
    page = browser.sign_in(world.officer("Payments officer")).get(f"/staff/confirm/{proposal.id}")
    assert "It is confirmed by: Service Brokerage, Administrator." in words(page)
    assert browser.post(f"/staff/confirm/{proposal.id}/confirm").status_code == 404
    browser.sign_in(world.officer("Auditor"))
    assert browser.get(f"/staff/confirm/{proposal.id}").status_code == 200
    assert browser.post(f"/staff/confirm/{proposal.id}/confirm").status_code in (403, 404)
    assert line.document.version == 1


def test_what_would_be_published_stands_there_with_its_lines(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    published = publication.propose([draft.document_id], carol)
    page = words(browser.sign_in(ruth).get(f"/staff/confirm/{published.id}"))
    assert "Mon 1.00, Tue 1.00, Wed 1.00, Thu 1.00, Fri 1.00, Sat 1.00, Sun 1.00: 7.00 hours a week" in page
    assert "A week of all lines £137.76" in page
    assert "Confirmed: Publish" in words(browser.post(f"/staff/confirm/{published.id}/confirm"))
    assert draft.document.state is DocumentState.PUBLISHED
    version = changes.propose(new_version(line.document_id, line.service_id, "Other terms", [], "Agreed"), carol)
    assert "Terms – Other terms" in words(browser.get(f"/staff/confirm/{version.id}"))
    browser.post(f"/staff/confirm/{version.id}/send-back", {"reason": "Which terms?"})
    again = f'href="/staff/contract-documents/{line.document_id}/new-version"'
    assert again in browser.sign_in(carol).get(f"/staff/confirm/{version.id}").text


@pytest.mark.parametrize("taken", ["plan", "rate"])
def test_a_draft_that_lost_its_plan_or_rate_meanwhile_is_still_shown_and_not_published(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser, taken: str
) -> None:
    draft = world.line(line.organisation, state=DocumentState.DRAFT)
    published = publication.propose([draft.document_id], carol)
    db.session.execute(text(f"DELETE FROM {taken} WHERE line_item_id = :line"), {"line": draft.id})
    db.session.commit()
    page = browser.sign_in(ruth).get(f"/staff/confirm/{published.id}")
    assert page.status_code == 200
    assert draft.reference in page.text
    assert browser.get("/staff/confirm").status_code == 200
    assert browser.post(f"/staff/confirm/{published.id}/confirm").status_code == 422
    assert draft.document.state is DocumentState.DRAFT


def test_a_held_week_and_an_overlap_are_in_words(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    week(line, MONDAY)
    plan = PlanVersion(MONDAY, (Decimal("0.5"),) * 7, Decimal(0))
    proposal = propose_plan(line.id, plan, carol, "Review")
    page = words(browser.sign_in(ruth).get(f"/staff/confirm/{proposal.id}"))
    assert "Confirmed, will be over its level 7.00 → 3.50" in page
    assert "Monday 1.00 0.50" in page
    draft = world.line(line.organisation, person=line.person, state=DocumentState.DRAFT)
    asked = publication.propose([draft.document_id], carol)
    page = words(browser.get(f"/staff/confirm/{asked.id}"))
    assert f"Line {draft} is for the same person and element as line {line} from 16 October 2017 on." in page


def test_the_page_takes_as_many_queries_for_ten_as_for_two(
    world: World, line: LineItem, carol: PortalUser, ruth: PortalUser, browser: Browser
) -> None:
    lines = [world.line(line.organisation) for _ in range(9)]
    browser.sign_in(ruth)
    asked = []
    for some in (lines[:2], lines[2:]):
        for each in some:
            rate(each, carol)
        db.session.commit()
        with Queries() as queries:
            browser.get("/staff/confirm")
        asked.append(len(queries))
    assert asked[0] == asked[1], asked
    assert asked[1] <= 32
