"""The Actuals page: with a form alone, and with a browser that helps while one types."""

import re
from datetime import date, time
from decimal import Decimal

import html5lib
import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from models import AbortedVisit, LineItem, Organisation, Rate, acting_for, db
from tests.support.pages.actuals_page import ADDRESS, clone, form_of, stored_weeks
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.queries import Queries
from tests.support.worlds.weeks import NOV_6
from tests.support.worlds.world import World
from workflows.actuals.save import Entry, confirm_as_planned, save_week


def test_the_page_opens_at_the_newest_complete_week_of_the_period_that_is_due(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    page = provider.get("/actuals")
    assert page.status_code == 200
    assert page.request.path == "/actuals"
    assert "Period 16 October to 12 November 2017, due <b>27 November</b>" in page.text
    assert re.search(r'aria-current="date">6–12 Nov <small>0 of 1<span> confirmed', page.text)
    assert f'aria-label="A. B. {line.reference} Tue 7 delivered hours, planned 1.00"' in page.text


def test_saving_changed_cells_without_scripts(world: World, organisation: Organisation, provider: Browser) -> None:
    line = world.line(organisation)
    page = provider.get(ADDRESS)
    saved = provider.post(ADDRESS, form_of(page, **{f"d0-{line.id}": "0,5", f"d6-{line.id}": "0"}, do="save"))
    assert (saved.status_code, saved.request.query_string) == (200, b"week=2017-11-06")
    assert "1 line saved as a draft." in saved.text
    assert [(actual.mon, actual.sun, actual.delivered) for actual in stored_weeks()] == [
        (Decimal("0.50"), Decimal(0), Decimal("5.50"))
    ]
    # The reason is asked for from now on, and confirming with it works.
    form = form_of(saved, **{f"reason-{line.id}": "MISSED", f"comment-{line.id}": "Van broke down"}, do="week")
    assert "1 week confirmed." in provider.post(ADDRESS, form).text
    assert stored_weeks()[0].comment == "Van broke down"


def test_a_refused_form_shows_everything_as_it_was_typed(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    page = provider.get(ADDRESS)
    wrong = {f"d1-{line.id}": "<lots>", f"reason-{line.id}": "LONGER", f"comment-{line.id}": "Said so"}
    answer = provider.post(ADDRESS, form_of(page, **wrong, do="week"))
    assert answer.status_code == 422
    assert "<title>Error: Actuals" in answer.text
    assert f'<a href="#d1-{line.id}">A. B. {line.reference}, Tue: “&lt;lots&gt;” is not a quantity.' in answer.text
    assert f'aria-invalid="true" aria-describedby="d1-{line.id}-error"' in answer.text
    assert form_of(answer) | wrong == form_of(answer)
    assert not stored_weeks()


def test_nothing_that_was_typed_or_named_becomes_html(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation, person=world.person('P"<9>', "<i> &bell 'ann"), reference="L<1>")
    wrong = {f"d1-{line.id}": '"><b>', f"comment-{line.id}": '"><i>', f"reason-{line.id}": "<u>"}
    for page in (
        provider.get(ADDRESS),
        provider.post(ADDRESS, form_of(provider.get(ADDRESS), **wrong)),
        provider.post(ADDRESS, form_of(provider.get(ADDRESS), do="planned")),
    ):
        assert 'aria-label="&lt;. &amp;. &#39;. L&lt;1&gt; Tue 7 delivered' in page.text
        assert "<b>&lt;. &amp;. &#39;. <span>P&#34;&lt;9&gt;</span></b><small>L&lt;1&gt;" in page.text
        sheet = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//table")
        assert sheet is not None
        assert not [*sheet.iter("i"), *sheet.iter("u")]
        assert form_of(page)[f"d1-{line.id}"] in ("1.00", '"><b>')


def test_what_waits_is_counted_again_on_the_page_that_answers_a_form(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    held, other = world.line(organisation), world.line(organisation)
    changes = {f"d{day}-{held.id}": "3" for day in range(7)} | {f"reason-{held.id}": "EXTRA", f"d0-{other.id}": "x"}
    answer = provider.post(ADDRESS, form_of(provider.get(ADDRESS), **changes, do="week"))
    assert answer.status_code == 422
    assert 'Exceptions <span class="count">1</span>' in answer.text


def test_confirm_as_planned_takes_what_is_not_started(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    world.line(organisation)
    world.line(organisation, weekly="10")
    page = provider.post(ADDRESS, form_of(provider.get(ADDRESS), do="planned"))
    assert "2 weeks confirmed." in page.text
    assert "2 of 2<span> confirmed" in page.text
    assert "Confirm as planned" not in page.text


def test_a_held_week_says_by_how_much_and_whom_to_ask(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    changes = {f"d{day}-{line.id}": "1.5" for day in range(6)} | {f"reason-{line.id}": "EXTRA"}
    page = provider.post(ADDRESS, form_of(provider.get(ADDRESS), **changes, do="week"))
    assert "1 week confirmed. 1 is over the exception level and held." in page.text
    assert "3.00 hours over plan, 1.00 allowed. Held until Service Brokerage decides." in page.text
    week = stored_weeks()[0].id
    assert f'<a class="govuk-link kept" href="/exceptions/{week}/ask">Ask Service Brokerage' in page.text
    assert '<span class="big bad">£196.80</span> <small>held</small>' in page.text


def test_a_colleagues_change_is_shown_beside_mine(world: World, organisation: Organisation, provider: Browser) -> None:
    line_id, organisation_id = world.line(organisation).id, organisation.id
    page = provider.get(ADDRESS)
    with acting_for(organisation_id):
        save_week(NOV_6, [Entry(line_id, ("0.25", "1", "1", "1", "1", "1", "1"))], None)
    mine = provider.post(ADDRESS, form_of(page, **{f"d0-{line_id}": "0.75"}, do="save"))
    assert mine.status_code == 422
    assert "now 0.25" in mine.text
    assert 'value="0.75"' in mine.text
    assert provider.post(ADDRESS, form_of(mine, do="save")).status_code == 200
    assert stored_weeks()[0].mon == Decimal("0.75")


def test_another_organisations_line_in_the_form_changes_nothing(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    theirs = world.line(world.organisation("Broadland Care Ltd"))
    form = {f"v-{theirs.id}": "0.0", f"d0-{theirs.id}": "9", "v-zero": "1", "v-٣": "1", "do": "week"}
    assert provider.post(ADDRESS, form).status_code == 200
    assert not stored_weeks()


@pytest.mark.parametrize("week", ["yesterday", "2017-13-01", "9999-12-31", "0001-01-01"])
def test_a_week_that_is_no_date_is_not_found(provider: Browser, week: str) -> None:
    assert provider.get(f"/actuals?week={week}").status_code == 404
    assert provider.post(f"/actuals?week={week}").status_code == 404


def test_any_day_opens_its_week(provider: Browser) -> None:
    assert "6–12 Nov" in provider.get("/actuals?week=2017-11-09").text


def test_a_contact_without_the_function_does_not_get_in(
    world: World, organisation: Organisation, browser: Browser
) -> None:
    contact = world.contact(organisation, may_payments=True)
    assert browser.sign_in(contact).get("/actuals").status_code in (403, 404)


def test_weeks_to_come_and_weeks_before_the_portal_take_nothing(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    world.line(organisation, start=date(2017, 10, 2))
    for week, why in (("2017-11-20", "not yet"), ("2017-10-09", "before 16 Oct")):
        page = provider.get(f"/actuals?week={week}")
        assert why in page.text
        assert "Confirm week" not in page.text


@pytest.mark.parametrize("lines", [25, 200])
def test_a_week_takes_seven_queries_however_many_lines(
    world: World, organisation: Organisation, provider: Browser, lines: int
) -> None:
    clone(world.line(organisation), lines - 1)
    with acting_for(organisation.id):
        confirm_as_planned([NOV_6], None)
    with Queries() as statements:
        page = provider.get(ADDRESS)
    assert page.text.count('class="line"') == lines
    # session with policy, contact with what waits; the weeks of the period, what stands around the lines;
    # the lines, their rates, what is stored of them
    assert len(statements) == 7, statements


def _cell(page: Page, name: str) -> Locator:
    return page.get_by_label(re.compile(rf"A\. B\. \S+ {name} delivered hours"))


def test_typing_shows_totals_pounds_and_level_at_once(world: World, organisation: Organisation, live: Live) -> None:
    line = world.line(organisation, ("1.25",) * 7)
    World.confirmed()
    line.rates[0].end = date(2017, 11, 8)
    db.session.add(Rate(organisation=organisation, line_item=line, rate=Decimal("20.25"), start=date(2017, 11, 9)))
    db.session.commit()
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    row = page.locator("tr.line")
    expect(row.locator("[data-pounds]")).to_have_text("£175.05")
    _cell(page, "Mon 6").fill("2:15")
    _cell(page, "Sun 12").fill("1,5")
    expect(row.locator("[data-week]")).to_have_text("10.00")
    expect(row.locator("[data-pounds]")).to_have_text("£199.79")  # 4.75 x 19.68 + 5.25 x 20.25, each rounded
    expect(page.locator("[data-level]")).to_have_text("1.25 hours over plan, 1.00 allowed: this week will be held")
    expect(page.locator("[data-total=HOUR]")).to_have_text("10.00")
    expect(page.locator("[data-total=pounds]")).to_have_text("£199.79")
    expect(page.locator("input.diff")).to_have_count(2)
    expect(page.get_by_text("2 changes not saved.")).to_be_visible()
    page.get_by_label("Reason, A. B.").select_option("EXTRA")
    page.get_by_role("button", name="Confirm week").click()
    expect(page.get_by_text("1 week confirmed. 1 is over the exception level and held.")).to_be_visible()
    expect(row.locator("[data-pounds]")).to_have_text("£199.79")


def test_a_line_hides_no_words_in_a_clipped_box(world: World, organisation: Organisation, provider: Browser) -> None:
    """Chromium paints each line that holds one anew, whenever a row comes in between."""
    line = world.line(organisation)
    row = provider.get(ADDRESS).text.split("</tr>")[1]
    assert f'aria-label="More, A. B. {line.reference}">More</a>' in row
    assert "visually-hidden" not in row


def test_arrows_and_enter_move_as_in_a_spreadsheet(world: World, organisation: Organisation, live: Live) -> None:
    first, weekly, last = world.line(organisation), world.line(organisation, weekly="7"), world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    page.locator(f"#d1-{first.id}").focus()
    for key, where in (
        ("ArrowRight", f"d2-{first.id}"),
        ("ArrowDown", f"total-{weekly.id}"),
        ("ArrowDown", f"d0-{last.id}"),
        ("Enter", f"d0-{last.id}"),
        ("ArrowRight", f"d1-{last.id}"),
        ("ArrowLeft", f"d0-{last.id}"),
        ("ArrowUp", f"total-{weekly.id}"),
        ("Shift+Enter", f"d0-{first.id}"),
    ):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.id") == where, key
    # Inside a text the arrows move within it.
    page.keyboard.type("12")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == f"d0-{first.id}"


def test_leaving_with_unsaved_figures_asks_first(world: World, organisation: Organisation, live: Live) -> None:
    world.line(organisation)
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.get_by_role("link", name="16–22 Oct").click()
    expect(page.locator("[aria-current=date]")).to_contain_text("16–22 Oct")
    assert asked == []
    _cell(page, "Mon 16").click()
    page.keyboard.type("3")
    page.get_by_role("link", name="23–29 Oct").click()
    expect(page.locator("[aria-current=date]")).to_contain_text("23–29 Oct")
    assert asked == ["beforeunload"]


def test_a_character_nobody_can_see_is_refused_at_the_comment_and_marked_in_it(
    line: LineItem, provider: Browser
) -> None:
    fields = {f"d0-{line.id}": "0.5", f"reason-{line.id}": "MISSED", f"comment-{line.id}": "Van\ufffe broke down"}
    answer = provider.post(ADDRESS, form_of(provider.get(ADDRESS), **fields, do="save"))
    assert answer.status_code == 422
    assert (
        "comment: The comment holds a character that cannot be seen, after “Van”. Type that part again." in answer.text
    )
    assert 'value="Van\N{REPLACEMENT CHARACTER} broke down"' in answer.text
    assert stored_weeks() == []


def test_the_character_that_no_database_keeps_can_be_asked_for(provider: Browser) -> None:
    assert "\N{REPLACEMENT CHARACTER}A" in provider.get("/line-items?q=%00A").text


def test_aborted_visits_are_counted_under_their_day_and_priced(
    world: World, organisation: Organisation, provider: Browser
) -> None:
    line = world.line(organisation)
    with acting_for(organisation.id):
        confirm_as_planned([NOV_6], None)
    visit = AbortedVisit(
        organisation=organisation, line_item_id=line.id, visit_date=date(2017, 11, 8), planned_start=time(9),
        planned_minutes=45, reason="NO_REPLY", planned_units=Decimal("0.75"), payable=Decimal("0.50"), rule="AV-1",
    )  # fmt: skip
    db.session.add(visit)
    db.session.commit()
    page = provider.get(ADDRESS)
    assert f'href="/actuals/aborted-visits?week={NOV_6}&amp;line={line.id}">1 aborted visit</a>' in page.text
    assert provider.get(f"/actuals/aborted-visits?week={NOV_6}&line={line.id}").status_code == 200
