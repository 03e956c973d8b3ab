"""A printed week begins on its first sheet; on a phone no figure stands alone, no state leaves its card."""

from playwright.sync_api import Page, expect

from models import LineItem, Organisation, Service, db
from rules.states import ActualState
from tests.support.files.pdf import open_pdf, without_blanks
from tests.support.pages.actuals_page import ADDRESS
from tests.support.pages.live import Live, follow
from tests.support.worlds.weeks import NOV_6, OCT_30, week
from tests.support.worlds.world import World

# What stands before a cell of a card, as the browser shows it.
NAMED = """(all) => all.filter((cell) => cell.offsetHeight > 0)
  .map((cell) => [cell.dataset.label, getComputedStyle(cell, "::before").content])"""
# The words that stick out of the card they stand in.
OUTSIDE = """(all) => all.filter((tag) => {
  const card = tag.closest("tr").getBoundingClientRect();
  return tag.getBoundingClientRect().right > card.right - 8;
}).map((tag) => tag.textContent)"""
# How far apart two links that follow each other are, in pixels: sideways, or one below the other.
APART = """([one, other]) => {
  const [a, b] = [one, other].map((link) => link.getBoundingClientRect());
  return b.top >= a.bottom ? Infinity : b.left - a.right;
}"""


def _on_a_phone(live: Live, path: str) -> Page:
    live.page.set_viewport_size({"width": 375, "height": 740})
    return live.open(path)


def test_the_first_sheet_of_a_printed_week_has_its_first_line(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    paper = open_pdf(page.pdf(format="A4"))
    first = without_blanks(paper.pages[0].extract_text())
    assert line.reference in first
    assert float(paper.pages[0].mediabox.width) > float(paper.pages[0].mediabox.height)
    assert len(paper.pages) == 1


def test_a_held_week_is_printed_without_what_one_would_press_or_choose(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    held = week(line, NOV_6, ("4", "1", "1", "1", "1", "1", "1"), state=ActualState.DRAFT)
    held.reason = ""
    db.session.commit()
    page = live.sign_in(world.contact(organisation)).open(ADDRESS)
    expect(page.get_by_role("link", name="Ask Service Brokerage")).to_be_visible()
    printed = without_blanks("".join(each.extract_text() for each in open_pdf(page.pdf(format="A4")).pages))
    assert "HelduntilServiceBrokeragedecides." in printed
    assert "AskServiceBrokerage" not in printed
    assert "Chooseareason" not in printed


def test_on_a_phone_each_figure_of_a_week_says_what_it_is(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    week(line, OCT_30, ["1"] * 7)
    live.sign_in(world.contact(organisation))
    page = _on_a_phone(live, f"/line-items/{line.id}")
    cells = page.locator(".cards.brief tbody td.govuk-table__cell--numeric")
    expect(cells.first).to_be_visible()
    named = cells.evaluate_all(NAMED)
    assert {label for label, _before in named} == {"Planned", "Delivered", "Payable", "Amount"}
    for label, before in named:
        assert before.startswith("attr(data-label)") or label in before, (label, before)


def test_on_a_phone_a_long_state_stays_within_its_card(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    contact = world.contact(organisation)
    held = week(line, OCT_30, ("4", "1", "1", "1", "1", "1", "1"))
    live.sign_in(contact)
    page = _on_a_phone(live, f"/exceptions/{held.id}/ask")
    page.get_by_label("Why was more needed?").fill("She fell")
    follow(page.get_by_role("button", name="Ask Service Brokerage"))
    page = _on_a_phone(live, "/exceptions")
    expect(page.get_by_text("Waiting for Service Brokerage")).to_be_visible()
    assert page.locator(".cards .tag").evaluate_all(OUTSIDE) == []


def test_links_side_by_side_are_told_apart(world: World, organisation: Organisation, live: Live) -> None:
    page = live.sign_in(world.contact(organisation)).open("/conversations?show=to-read")
    links = page.locator("a.govuk-link").filter(has_text="conversations")
    expect(links).to_have_count(2)
    assert links.evaluate_all(APART) >= 16


def test_the_tab_key_leads_from_the_filter_to_the_first_box_and_not_to_the_middle_of_the_sheet(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    live.sign_in(world.contact(organisation))
    page = _on_a_phone(live, ADDRESS)
    page.get_by_role("button", name="Filter").focus()
    for _ in range(3):  # the filter, the way past the sheet, the first box
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") != "sheet"


def test_on_a_phone_the_choices_of_the_filter_are_read_in_full(
    world: World, organisation: Organisation, line: LineItem, live: Live
) -> None:
    organisation.services.insert(0, Service(name="Another branch"))
    world.line(organisation)
    live.sign_in(world.contact(organisation))
    page = _on_a_phone(live, ADDRESS)
    choices = page.locator("#main .filter select")
    expect(choices).to_have_count(2)
    # What is drawn of the words beside the arrow of the box.
    assert min(choices.evaluate_all("all => all.map((each) => each.clientWidth)")) >= 140
