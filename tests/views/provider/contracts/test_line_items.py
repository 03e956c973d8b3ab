"""Line items as pages of the provider."""

from io import BytesIO

import openpyxl

from models import LineItem
from rules.states import DocumentState, PlanKind
from tests.support.browser import Browser
from tests.support.queries import Queries
from tests.support.world import World


def test_the_list_shows_initials_plan_and_rate(browser: Browser, world: World) -> None:
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    page = browser.sign_in(world.contact(line.organisation)).get("/line-items").text
    for words in (
        line.reference,
        "A. B.",
        "P000777",
        "7.00",
        "£19.68",
        "£137.76",
        "ended more than 28 days ago are hidden",
    ):
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


def test_the_list_is_handed_out_as_a_workbook_with_what_was_chosen(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    world.line(fenland, reference="0048210", person=world.person("P000777", "Ada Bell"))
    world.line(fenland, reference="50000", person=world.person("P000778", "Ben Cole"))
    world.line(world.organisation("Broadland Care Ltd"), reference="60000")
    browser.sign_in(world.contact(fenland))
    assert "/line-items/workbook.xlsx?q=ada" in browser.get("/line-items?q=ada").text
    answer = browser.get("/line-items/workbook.xlsx?q=ada")
    sheet = openpyxl.load_workbook(BytesIO(answer.data))["Line items"]
    assert [[cell.value for cell in row[:4]] for row in sheet.iter_rows(min_row=2)] == [
        ["0048210", "ISO-2", "P000777", "A. B."]
    ]
    assert answer.headers["Content-Disposition"] == "attachment; filename=line-items-2017-11-20.xlsx"


def test_list_and_workbook_take_eight_queries_however_many_the_lines(browser: Browser, world: World) -> None:
    fenland = world.organisation()
    for _ in range(40):
        world.line(fenland)
    browser.sign_in(world.contact(fenland))
    for address in ("/line-items?rows=200", "/line-items/workbook.xlsx"):
        with Queries() as queries:
            assert browser.get(address).status_code == 200
        assert len(queries) <= 8, "\n".join(queries)
