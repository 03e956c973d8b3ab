"""The Actuals page as somebody uses it for sixty people every Monday: keyboard, paste, filters, other weeks."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Dialog, Page, expect

from models import Organisation, Service, acting_for, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.actuals_page import ADDRESS, clone, form_of, stored_weeks
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World
from workflows.actuals.save import confirm_as_planned


def _paste(page: Page, name: str, text: str) -> None:
    """Paste a text into a box, as the browser hands it to the page."""
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


def _values(page: Page, line_id: int) -> list[str]:
    return [page.locator(f"#d{day}-{line_id}").input_value() for day in range(7)]


def test_a_week_is_done_with_the_keyboard_alone(world: World, organisation: Organisation, live: Live) -> None:
    first, second = world.line(organisation), world.line(organisation, ("2",) * 7)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    keys = page.keyboard
    while page.evaluate("document.activeElement.id") != f"d0-{first.id}":
        keys.press("Tab")
    keys.type("1.5")
    keys.press("Tab")
    assert page.evaluate("document.activeElement.id") == f"d1-{first.id}"
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == f"d1-{second.id}"
    keys.type("1:30")
    keys.press("Shift+Enter")
    keys.press("ArrowRight")
    assert page.evaluate("document.activeElement.id") == f"d2-{first.id}"
    expect(page.locator(f"[data-more='{first.id}'] [data-level]")).to_have_text(
        "0.50 hours over plan, 0.50 left before Service Brokerage is asked"
    )
    while page.evaluate("document.activeElement.id") != f"reason-{first.id}":
        keys.press("Tab")
    keys.type("An extra")
    while page.evaluate("document.activeElement.id") != f"reason-{second.id}":
        keys.press("Tab")
    keys.type("We missed")
    reason = page.locator(f"#reason-{second.id}").input_value()
    if not reason:
        keys.press("ArrowDown")
    while page.evaluate("document.activeElement.textContent") != "Confirm week":
        keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_text("2 weeks confirmed.")).to_be_visible()
    assert [actual.delivered for actual in stored_weeks()] == [Decimal("7.50"), Decimal("13.50")]


def test_a_block_from_a_spreadsheet_is_pasted_and_taken_back(
    world: World, organisation: Organisation, live: Live
) -> None:
    first, weekly, last = world.line(organisation), world.line(organisation, weekly="7"), world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"d1-{first.id}", '2\t1,5\t"two\nhours"\n\t\t9.00\n0.5\t\t1:15\r\n')
    assert _values(page, first.id) == ["1.00", "2", "1,5", "two hours", "1.00", "1.00", "1.00"]
    assert page.locator(f"#total-{weekly.id}").input_value() == "9.00"
    assert _values(page, last.id) == ["1.00", "0.5", "", "1:15", "1.00", "1.00", "1.00"]
    expect(page.locator("[aria-invalid=true]")).to_have_count(1)
    expect(page.locator("[data-pasted] p")).to_have_text("Pasted 7 cells. 1 text marked: not a quantity (“two hours”).")
    page.locator(f"#d1-{first.id}").focus()
    page.keyboard.press("Control+z")
    assert _values(page, first.id) == _values(page, last.id) == ["1.00"] * 7
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
    expect(page.locator("[data-unsaved]")).to_be_hidden()


def test_what_was_typed_after_a_paste_stays_when_it_is_taken_back(
    world: World, organisation: Organisation, live: Live
) -> None:
    line = world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"d0-{line.id}", "2\t2")
    page.locator(f"#d1-{line.id}").fill("3")
    page.get_by_role("button", name="Undo paste").click()
    assert _values(page, line.id)[:3] == ["1.00", "3", "1.00"]


def test_a_pasted_text_keeps_its_day_where_others_are_closed(
    world: World, organisation: Organisation, live: Live
) -> None:
    started, invoiced = world.line(organisation, start=date(2017, 11, 8)), world.line(organisation)
    last, organisation_id = world.line(organisation), organisation.id
    with acting_for(organisation_id):
        confirm_as_planned([NOV_6], None, only=[invoiced.id])
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"d2-{started.id}", "1\t2\t3\t4\t5\t6")
    assert [page.locator(f"#d{day}-{started.id}").input_value() for day in range(2, 7)] == ["1", "2", "3", "4", "5"]
    expect(page.locator("[data-pasted] p")).to_contain_text("1 text left out, where the sheet is closed or ends (“6”).")
    _paste(page, f"d0-{invoiced.id}", "4\n5\n6")
    assert (_values(page, invoiced.id)[0], _values(page, last.id)[0]) == ("4", "5")
    expect(page.locator("[data-pasted] p")).to_contain_text("(“6”)")


def test_a_pasted_text_that_is_no_quantity_comes_back_from_the_server_too(
    world: World, organisation: Organisation, live: Live
) -> None:
    line = world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    _paste(page, f"d0-{line.id}", "n/a\t2")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("“n/a” is not a quantity.")
    assert _values(page, line.id)[:2] == ["n/a", "2"]


def test_the_page_says_so_before_a_filter_loses_what_was_typed(
    world: World, organisation: Organisation, live: Live
) -> None:
    world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.locator("input[data-plan]").first.click()
    page.keyboard.type("3")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("1 change not saved.")).to_be_visible()
    assert asked == ["beforeunload"]
    assert page.locator("input[data-plan]").first.input_value() == "3"


def test_a_filter_says_what_it_hides_and_keeps_it_through_a_save(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    shown, hidden = world.line(organisation, person=world.person(name="Eve Kay")), world.line(organisation)
    address = f"{ADDRESS}&person=ek"
    page = provider.get(address)
    assert "1 of 2 lines shown; 1 hidden: other people." in page.text
    assert f'name="v-{hidden.id}"' not in page.text
    saved = provider.post(address, form_of(page, do="planned"))
    assert saved.request.query_string == b"week=2017-11-06&person=ek"
    assert "1 week confirmed." in saved.text
    assert [actual.line_item_id for actual in stored_weeks()] == [shown.id]


def test_what_was_refused_is_shown_whatever_the_filter(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    address = f"{ADDRESS}&show=unconfirmed"
    form = form_of(provider.get(address), **{f"d0-{line.id}": "x"}, do="save")
    with acting_for(organisation.id):
        confirm_as_planned([NOV_6], None)
    answer = provider.post(address, form)
    assert answer.status_code == 422
    assert f'name="d0-{line.id}" value="x"' in answer.text


def test_a_service_can_be_chosen_where_there_are_several(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    world.line(organisation)
    assert "All services" not in provider.get(ADDRESS).text
    other = Service(name="Swaffham branch", organisation=organisation)
    db.session.add(other)
    db.session.commit()
    page = provider.get(f"{ADDRESS}&service={other.id}")
    assert f'<option value="{other.id}" selected>Swaffham branch</option>' in page.text
    assert "0 of 1 lines shown; 1 hidden: lines of other services." in page.text
    assert provider.get(f"{ADDRESS}&service=x&show=nothing").text.count('class="line"') == 1


@pytest.mark.parametrize(
    ("today", "week", "sunday"),
    [("2017-11-20", "2017-10-23", "Sun 29"), ("2018-04-02", "2018-03-19", "Sun 25")],
)
def test_the_weeks_in_which_the_clocks_change_have_seven_days_like_any_other(
    app: Flask, world: World, organisation: Organisation, provider: Browser, today: str, week: str, sunday: str
) -> None:
    app.config["PORTAL_TODAY"] = today
    line = world.line(organisation, ("1.25",) * 7)
    page = provider.get(f"/actuals?week={week}")
    assert f"{sunday} delivered hours, planned 1.25" in page.text
    saved = provider.post(f"/actuals?week={week}", form_of(page, **{f"d6-{line.id}": "24"}, do="save"))
    assert saved.status_code == 200
    assert (stored_weeks()[0].sun, stored_weeks()[0].delivered) == (Decimal(24), Decimal("31.50"))
    assert provider.post(f"/actuals?week={week}", form_of(saved, **{f"d6-{line.id}": "25"})).status_code == 422


def test_a_week_is_done_without_scripts(
    app: Flask, world: World, organisation: Organisation, chromium: Chromium, served: str
) -> None:
    line, other = world.line(organisation), world.line(organisation, person=world.person(name="Eve Kay"))
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 375, "height": 760})
    page = Live(app, served, context).sign_in(world.contact(organisation)).open(ADDRESS)
    page.locator(f"#d0-{line.id}").fill("2,5")
    page.get_by_role("button", name="Confirm week").click()
    expect(page.get_by_role("alert")).to_contain_text(f"A. B. {line.reference}, reason:")
    expect(page.locator(f"#line-{line.id} [data-week]")).to_have_text("8.50")
    page.get_by_label("Reason, A. B.").select_option("EXTRA")
    page.get_by_role("button", name="Confirm week").click()
    expect(page.get_by_text("1.50 hours over plan, 1.00 allowed.")).to_be_visible()
    page.get_by_label("Person or CPLI").fill("EK")
    page.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("1 of 2 lines shown; 1 hidden")).to_be_visible()
    page.get_by_role("link", name="Four-week overview").click()
    page.get_by_role("link", name=f"Confirmed, E. K. {other.reference}").click()
    expect(page.get_by_text("All lines are confirmed.")).to_be_visible()
    page.wait_for_load_state()  # the style sheet too
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    context.close()


def test_two_people_at_the_same_week_are_told_of_each_other(
    app: Flask, world: World, organisation: Organisation, chromium: Chromium, live: Live
) -> None:
    line = world.line(organisation)
    mine = live.sign_in(world.contact(organisation)).open(ADDRESS)
    context = chromium.new_context()
    theirs = Live(app, live.address, context).sign_in(world.contact(organisation, "may@provider.example")).open(ADDRESS)
    theirs.locator(f"#d0-{line.id}").fill("0.5")
    theirs.get_by_role("button", name="Save", exact=True).click()
    expect(theirs.get_by_text("1 line saved as a draft.")).to_be_visible()
    mine.locator(f"#d0-{line.id}").fill("0.75")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_role("alert")).to_contain_text("May Lane saved this line after you opened it")
    expect(mine.get_by_text("now 0.50")).to_be_visible()
    assert mine.locator(f"#d0-{line.id}").input_value() == "0.75"
    assert [actual.mon for actual in stored_weeks()] == [Decimal("0.50")]
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("1 line saved as a draft.")).to_be_visible()
    assert [actual.mon for actual in stored_weeks()] == [Decimal("0.75")]
    context.close()


@pytest.mark.parametrize("width", [1280, 375])
def test_sheet_and_overview_are_accessible_and_fit(
    world: World, organisation: Organisation, live: Live, width: int
) -> None:
    world.line(organisation)
    world.line(organisation, weekly="7")
    page = live.sign_in(world.contact(organisation)).page
    page.set_viewport_size({"width": width, "height": 900})
    for address in (f"{ADDRESS}&show=unconfirmed", "/actuals/overview"):
        live.open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        check_accessible(page)


def test_two_hundred_lines_are_one_page_that_saves_as_one(world: World, organisation: Organisation, live: Live) -> None:
    line = world.line(organisation)
    clone(line, 199)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    expect(page.locator("tr.line")).to_have_count(200)
    _paste(page, f"d0-{line.id}", "\n".join(["1\t1\t1\t1\t1\t1\t1.25"] * 200))
    expect(page.locator("[data-pasted] p")).to_contain_text("Pasted 1400 cells.")
    expect(page.locator("[data-total=HOUR]")).to_have_text("1,450.00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("200 lines saved as drafts.")).to_be_visible()
    assert {actual.delivered for actual in stored_weeks()} == {Decimal("7.25")}
