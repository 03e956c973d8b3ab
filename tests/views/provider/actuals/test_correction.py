"""A week that is on an invoice is corrected from the Actuals page."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from models import Contact, LineItem, PaymentPeriod
from rules.states import ActualState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import form_of, stored_weeks
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.weeks import OCT_16, send, week
from tests.support.worlds.world import World

ADDRESS = f"/actuals?week={OCT_16}"


@pytest.fixture
def line(line: LineItem, contact: Contact, period: PaymentPeriod) -> LineItem:
    """A line of an hour a day at £19.68, its first week on an invoice."""
    week(line)
    send(contact, period)
    return line


def test_an_invoiced_week_is_closed_until_it_is_opened_for_a_correction(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    page = browser.sign_in(contact).get(ADDRESS)
    assert f'name="d0-{line.id}"' not in page.text
    assert f"{ADDRESS}&amp;correct={line.id}#line-{line.id}" in page.text
    opened = browser.get(f"{ADDRESS}&correct={line.id}")
    assert f'name="d0-{line.id}"' in opened.text
    assert "Before the correction £137.76." in opened.text
    assert "Save correction" in opened.text
    assert "as planned" not in opened.text


def test_a_correction_is_saved_without_scripts_and_keeps_what_was_typed_when_refused(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    page = browser.sign_in(contact).get(f"{ADDRESS}&correct={line.id}")
    refused = browser.post(ADDRESS, form_of(page, **{f"d0-{line.id}": "0.5", f"reason-{line.id}": ""}, do="save"))
    assert refused.status_code == 422
    assert "Choose the reason why it is corrected." in refused.text
    assert "now £127.92: <b>£9.84 less</b>" in refused.text
    saved = browser.post(ADDRESS, form_of(refused, **{f"reason-{line.id}": "SHORTER"}, do="save"))
    assert "1 week corrected. The difference will be on your next invoice." in saved.text
    assert (stored_weeks()[0].delivered, stored_weeks()[0].state) == (Decimal("6.50"), ActualState.INVOICED)


def test_a_form_cannot_correct_what_was_not_opened(contact: Contact, line: LineItem, browser: Browser) -> None:
    page = browser.sign_in(contact).get(f"{ADDRESS}&correct={line.id}")
    form = form_of(page, **{f"d0-{line.id}": "0.5", f"reason-{line.id}": "SHORTER"}, do="save")
    form.pop(f"c-{line.id}")
    assert "Nothing had changed" in browser.post(ADDRESS, form).text
    assert stored_weeks()[0].delivered == Decimal(7)


def test_the_history_of_a_week_says_who_when_what_and_why(contact: Contact, line: LineItem, browser: Browser) -> None:
    page = browser.sign_in(contact).get(f"{ADDRESS}&correct={line.id}")
    fields = {f"d0-{line.id}": "0.5", f"reason-{line.id}": "SHORTER", f"comment-{line.id}": "Left early"}
    saved = browser.post(ADDRESS, form_of(page, **fields, do="save"))
    address = f"/actuals/history?line={line.id}&week={OCT_16}"
    assert address.replace("&", "&amp;") in saved.text
    history = browser.get(address)
    for words in ("Left early", "Monday", "−£9.84", str(contact.user), "Actuals page", "£127.92", "£137.76"):
        assert words in history.text


def test_a_week_that_is_nobodys_has_no_history(
    world: World, contact: Contact, line: LineItem, browser: Browser
) -> None:
    other = world.line(world.organisation("Broadland Care Ltd"))
    browser.sign_in(contact)
    for asked in (
        f"line={other.id}&week={OCT_16}",
        f"line={line.id}&week=2016-01-04",
        f"line={line.id}",
        "line=x&week=y",
    ):
        assert browser.get(f"/actuals/history?{asked}").status_code == 404
    assert "Nobody has saved this week yet" in browser.get(f"/actuals/history?line={line.id}&week=2017-10-23").text


def test_the_difference_in_money_is_shown_while_one_types(contact: Contact, line: LineItem, live: Live) -> None:
    page = live.sign_in(contact).open(ADDRESS)
    page.get_by_role("link", name="Correct this week").click()
    page.locator(f"#d0-{line.id}").fill("1.25")
    expect(page.locator("[data-difference]")).to_have_text("Before the correction £137.76, now £142.68: £4.92 more.")
    page.locator(f"#d0-{line.id}").fill("1")
    expect(page.locator("[data-difference]")).to_have_text("Before the correction £137.76, now £137.76: the same.")


@pytest.mark.parametrize("width", [1280, 375])
def test_correction_and_history_are_accessible_and_fit(
    contact: Contact, line: LineItem, live: Live, width: int
) -> None:
    page = live.sign_in(contact).page
    page.set_viewport_size({"width": width, "height": 900})
    for address in (f"{ADDRESS}&correct={line.id}", f"/actuals/history?line={line.id}&week={OCT_16}", ADDRESS):
        live.open(address)
        if page.locator("summary").count():
            page.locator("summary").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check_accessible(page)
