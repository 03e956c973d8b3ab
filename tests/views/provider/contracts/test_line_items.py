"""Line items as pages of the provider."""

from models import LineItem
from rules.states import DocumentState, PlanKind
from tests.support.browser import Browser
from tests.support.world import World


def test_the_list_shows_initials_plan_and_rate(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    page = browser.sign_in(world.contact(line.organisation)).get("/line-items").text
    for words in (line.reference, "A. B.", "P000777", "7.00", "£19.6800", "ended more than 28 days ago are hidden"):
        assert words in page
    assert "Ada Bell" not in page


def test_one_line_shows_its_plan_rates_and_weeks(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    page = browser.sign_in(world.contact(line.organisation)).get(f"/line-items/{line.id}").text
    for words in ("Ada Bell", "£19.6800", "Not started", "This week is not confirmed", "13 November 2017"):
        assert words in page


def test_a_weekly_line_shows_its_quantity(browser: Browser, world: World) -> None:
    line: LineItem = world.line(world.organisation(), weekly="3.5")
    assert line.plan_kind is PlanKind.WEEKLY
    page = browser.sign_in(world.contact(line.organisation)).get(f"/line-items/{line.id}").text
    assert "3.50 hours a week" in page


def test_others_and_drafts_answer_as_what_does_not_exist(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    lines = (
        world.line(world.organisation("Broadland Care Ltd")),
        world.line(fenland, state=DocumentState.DRAFT),
    )
    browser.sign_in(world.contact(fenland))
    for line in lines:
        assert browser.get(f"/line-items/{line.id}").status_code == 404


def test_nonsense_in_the_address_is_passed_over(browser: Browser, world: World) -> None:
    browser.sign_in(world.contact(world.organisation()))
    for asked in ("page=x", "page=99999999999", "rows=7", "service=²", "element=9999999999", "q=%25"):
        assert browser.get(f"/line-items?{asked}").status_code == 200
