"""What a correction means in money stands beside the history of its week, and on the preview of the next invoice."""

import pytest

from rules.states import Decision
from tests.support.pages.browser import Browser
from tests.support.worlds.decisions import decided
from tests.support.worlds.weeks import send
from tests.support.worlds.world import World
from tests.workflows.weeks.test_corrections import FIVE, NINE, Desk


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def history(desk: Desk, browser: Browser) -> str:
    return browser.sign_in(desk.contact).get(f"/actuals/history?line={desk.line.id}&week=2017-10-16").text


def test_a_correction_waits_for_the_next_invoice_and_says_so(desk: Desk, browser: Browser) -> None:
    desk.correct(*FIVE, comment="Carer left early")
    page = history(desk, browser)
    for words in (
        "£137.76",
        "£98.40",
        "Carer left early",
        str(desk.invoice),
        "<b>£39.36</b> less will be on your next",
    ):
        assert words in page, words


def test_every_decision_about_the_week_stays_readable(desk: Desk, browser: Browser) -> None:
    desk.correct(*NINE, reason="EXTRA")
    decided(desk.stored().id, Decision.UP_TO, "8.25")
    page = history(desk, browser)
    for words in ("pproved up to", "8.25", "In force."):
        assert words in page, words
    desk.correct(*FIVE)
    page = history(desk, browser)
    for words in ("pproved up to", "8.25", "The figures have changed since", "Agreed"):
        assert words in page, words


def test_once_settled_nothing_waits(desk: Desk, browser: Browser) -> None:
    desk.correct(*FIVE)
    sent = send(desk.contact, desk.period)
    page = history(desk, browser)
    assert "on your next invoice" not in page
    assert str(sent) in page
    assert "Correction" in page


def test_a_preview_shows_a_correction_apart(desk: Desk, browser: Browser) -> None:
    desk.correct(*FIVE)
    browser.sign_in(desk.contact)
    assert "1 correction of earlier weeks" in browser.get("/invoices/create").text
    page = browser.post("/invoices/create", {"period": str(desk.period.id)}).text
    assert f"as on {desk.invoice.number}" in page
    assert "-7.00 hours" in page
    assert "−£137.76" in page
    assert "£98.40" in page
    assert "−£39.36" in page
