"""To confirm: one proposal at a time, looked at, confirmed or sent back by another officer."""

import html
import re
from datetime import date
from decimal import Decimal

import pytest
from werkzeug.test import TestResponse

from models import LineItem, PortalUser, Proposal, db
from rules.plan import PlanVersion
from rules.states import DocumentState, ProposalState
from tests.support.browser import Browser
from tests.support.world import World
from workflows.contracts import changes, publication

MONDAY = date(2017, 11, 6)


def words(answer: TestResponse) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<(script|style).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def line(world: World) -> LineItem:
    return world.line(world.organisation())


@pytest.fixture
def carol(world: World) -> PortalUser:
    return world.officer("Service Brokerage", "carol@council.example")


@pytest.fixture
def ruth(world: World) -> PortalUser:
    return world.officer("Service Brokerage", "ruth@council.example")


def rate(line: LineItem, officer: PortalUser, pounds: str = "20.25") -> Proposal:
    return changes.propose_rate(line.id, MONDAY, Decimal(pounds), officer, "Agreed on the telephone")


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
    assert "Nothing waits for you" in words(answer)
    assert line.rate_on(MONDAY) == Decimal("20.25")
    assert line.document.version == 2
