"""A related record is chosen by typing three letters, with and without scripts."""

import pytest
from sqlalchemy import select

from models import Organisation, Service, db
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.forms import form_on
from tests.support.pages.live import Live
from tests.support.worlds.world import World


@pytest.fixture
def homes(world: World) -> dict[str, Organisation]:
    names = {"ORG-1": "Fenland Homecare Ltd", "ORG-2": "Fenland Homes Ltd", "ORG-3": "Great Fen Care Ltd"}
    return {reference: world.organisation(name, reference=reference) for reference, name in names.items()}


def asked(browser: Browser, kind: str, typed: str) -> list[str]:
    answer = browser.get(f"/admin/choices/{kind}", query_string={"q": typed})
    assert answer.status_code == 200
    return [each["words"] for each in answer.json or []]


def test_three_letters_find_what_begins_so_first(
    homes: dict[str, Organisation], world: World, browser: Browser
) -> None:
    browser.sign_in(world.officer("Procurement"))
    assert asked(browser, "organisation", "FÉN") == [
        "Fenland Homecare Ltd (ORG-1)", "Fenland Homes Ltd (ORG-2)", "Great Fen Care Ltd (ORG-3)",
    ]  # fmt: skip
    assert asked(browser, "organisation", "org-2") == ["Fenland Homes Ltd (ORG-2)"]
    assert asked(browser, "organisation", "fe") == []
    assert asked(browser, "service", "great fen") == ["Great Fen Care Ltd branch (Great Fen Care Ltd)"]


@pytest.mark.parametrize("kind", ["line_item", "contract_document", "person", "absence_claim", "service"])
def test_every_kind_can_be_asked_for(kind: str, world: World, browser: Browser) -> None:
    world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    browser.sign_in(world.officer("Administrator"))
    typed = {"line_item": "480", "contract_document": "ISO", "person": "ada", "service": "fen"}.get(kind, "ABS")
    assert bool(asked(browser, kind, typed)) is (kind != "absence_claim")


def test_records_that_are_not_open_to_an_officer_are_not_found(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    for kind in ("ab_user", "rate", "nothing"):
        assert browser.get(f"/admin/choices/{kind}?q=lane").status_code == 404
    assert Browser(browser.app).sign_in(world.contact(world.organisation())).get(
        "/admin/choices/organisation?q=fen"
    ).status_code == 403  # fmt: skip


def test_without_scripts_the_answer_asks_which_one_is_meant(
    homes: dict[str, Organisation], world: World, browser: Browser
) -> None:
    browser.sign_in(world.officer("Procurement"))
    form = {"organisation": "fenland", "name": "Holt House", "address": "1 Holt Road"}
    asks = browser.post("/admin/services/add", form)
    assert asks.status_code == 422
    assert "Which of these do you mean?" in asks.text
    assert "Great Fen" not in asks.text
    again = form_on(asks)
    assert (again["organisation"], again["name"], again["address"]) == ("fenland", "Holt House", "1 Holt Road")
    browser.post("/admin/services/add", again | {"organisation-choice": str(homes["ORG-2"].id)})
    stored = db.session.scalars(select(Service).where(Service.name == "Holt House")).one()
    assert stored.organisation_id == homes["ORG-2"].id


def test_the_key_of_a_choice_counts_only_with_its_own_words(
    homes: dict[str, Organisation], world: World, browser: Browser
) -> None:
    browser.sign_in(world.officer("Procurement"))
    form = {"organisation": "ORG-3", "organisation-key": str(homes["ORG-1"].id), "name": "Holt House"}
    browser.post("/admin/services/add", form)
    stored = db.session.scalars(select(Service).where(Service.name == "Holt House")).one()
    assert stored.organisation_id == homes["ORG-3"].id
    for key in ("x", "9" * 30, "-1"):
        assert browser.post("/admin/services/add", form | {"organisation-key": key}).status_code == 422


def test_with_scripts_it_is_chosen_from_a_list_by_the_keyboard(
    homes: dict[str, Organisation], world: World, live: Live
) -> None:
    page = live.sign_in(world.officer("Procurement")).open("/admin/services/add")
    page.get_by_label("Organisation").press_sequentially("fenl")
    options = page.get_by_role("option")
    options.nth(1).wait_for()
    assert options.all_inner_texts()[0].startswith("Fenland Homecare Ltd (ORG-1)")
    check_accessible(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Holt House")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Holt House").wait_for()
    stored = db.session.scalars(select(Service).where(Service.name == "Holt House")).one()
    assert stored.organisation_id == homes["ORG-2"].id
