"""What is offered at the cell one stands in: a visit, an absence, the sum of pasted days, and reasons that fit."""

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from models import Organisation
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import ADDRESS, form_of, stored_weeks
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.world import World


def _paste(page: Page, name: str, text: str) -> None:
    page.locator(f"#{name}").focus()
    page.evaluate(
        """([name, text]) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
          document.getElementById(name).dispatchEvent(event);
        }""",
        [name, text],
    )


@pytest.mark.parametrize(
    ("offer", "heading", "address"),
    [
        ("Aborted visit", "Add an aborted visit", "/actuals/aborted-visit?line={}&date=2017-11-08"),
        ("Absence from this day", "Make a claim", "/absence-claims/new?line={}&first=2017-11-08"),
    ],
)
def test_a_visit_and_an_absence_are_offered_at_the_cell_with_its_day_and_line(
    world: World, organisation: Organisation, live: Live, offer: str, heading: str, address: str
) -> None:
    line = world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    page.locator(f"#d2-{line.id}").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#cellmenu a:focus")).to_have_text("Aborted visit")
    expect(page.get_by_role("group", name=f"A. B. {line.reference}, Wed 8")).to_be_visible()
    check_accessible(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == f"d2-{line.id}"
    expect(page.locator("#cellmenu")).to_have_count(0)
    page.keyboard.press("Alt+ArrowDown")
    if offer != "Aborted visit":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    assert page.url.endswith(address.format(line.id))


def test_the_plan_of_the_cell_one_stands_in_is_a_button_and_stands_in_no_other(
    world: World, organisation: Organisation, live: Live
) -> None:
    line, weekly = world.line(organisation), world.line(organisation, weekly="7")
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    page.locator(f"#d2-{line.id}").click()
    page.get_by_role("button", name=f"A. B. {line.reference}, Wed 8, planned 1.00: visit or absence").click()
    expect(page.locator("#cellmenu")).to_be_visible()
    page.locator(f"#total-{weekly.id}").click()
    expect(page.locator("#cellmenu")).to_have_count(0)
    expect(page.get_by_role("button", name="visit or absence")).to_have_count(1)
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("link", name="Absence", exact=True)).to_have_attribute(
        "href", f"/absence-claims/new?line={weekly.id}&first=2017-11-06"
    )


def test_seven_pasted_days_of_a_weekly_line_are_offered_as_their_sum(
    world: World, organisation: Organisation, live: Live
) -> None:
    weekly = world.line(organisation, weekly="7")
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"total-{weekly.id}", "1\t1\t1,5\t1\t1:30\t0.5\t")
    assert page.locator(f"#total-{weekly.id}").input_value() == "1 1 1,5 1 1:30 0.5"
    page.get_by_role("button", name=f"Enter the sum of the days, 6.50, for A. B. {weekly.reference}").click()
    assert page.locator(f"#total-{weekly.id}").input_value() == "6.50"
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    page.get_by_role("button", name="Undo paste").click()
    assert page.locator(f"#total-{weekly.id}").input_value() == "7.00"
    _paste(page, f"total-{weekly.id}", "1\tsick")
    expect(page.get_by_role("button", name="Enter the sum")).to_have_count(0)


def test_the_sums_of_several_weekly_lines_are_one_press(world: World, organisation: Organisation, live: Live) -> None:
    first, second = world.line(organisation, weekly="7"), world.line(organisation, weekly="7")
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"total-{first.id}", "1\t2\n2\t2")
    page.get_by_role("button", name="Enter the sums of the days for 2 lines that are planned by the week").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("2 lines saved as drafts.")).to_be_visible()
    assert [actual.delivered for actual in stored_weeks()] == [Decimal(3), Decimal(4)]
    assert second.id == stored_weeks()[1].line_item_id


def test_the_reasons_that_are_offered_fit_the_way_in_which_the_week_differs(
    world: World, organisation: Organisation, live: Live
) -> None:
    line = world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    cell, reason = page.locator(f"#d0-{line.id}"), page.locator(f"#reason-{line.id}")
    over, under = "A visit took longer than planned", "A visit was shorter than planned"
    cell.fill("1.5")
    assert over in reason.inner_text()
    assert under not in reason.inner_text()
    reason.select_option("LONGER")
    cell.fill("0.5")
    assert under in reason.inner_text()
    assert over not in reason.inner_text()
    assert reason.input_value() == ""
    cell.fill("1.25")
    assert reason.input_value() == "LONGER"
    page.keyboard.press("Control+s")
    expect(page.get_by_text("1 line saved as a draft.")).to_be_visible()
    assert reason.input_value() == "LONGER"
    assert under not in reason.inner_text()
    expect(page.locator("[data-unsaved]")).to_be_hidden()


def test_a_reason_that_does_not_fit_is_not_offered_yet_kept_where_it_was_given(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    form = form_of(provider.get(ADDRESS), **{f"d0-{line.id}": "2", f"reason-{line.id}": "SHORTER"}, do="save")
    page = provider.post(ADDRESS, form)
    assert '<option value="SHORTER" data-way="under" selected>' in page.text
    sheet = page.text[: page.text.index("<template")]
    assert '<option value="LONGER"' in sheet
    assert '<option value="MISSED"' not in sheet
