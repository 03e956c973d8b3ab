"""The page on which an agreement is drafted, with and without scripts."""

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from models import ContractDocument, Element, LineItem, Organisation, Person, PortalUser, Proposal, db
from rules.agreement_states import ProposalState
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.agreements import agreement, line
from tests.support.worlds.world import World
from workflows.agreements import draft as drafts
from workflows.agreements.draft_reading import typed_of


def seen_of(text: str) -> dict[str, str]:
    found = re.search(r'name="seen" value="([0-9a-f]*)"', text)
    assert found
    return {"seen": found[1]}


def field_of(text: str, name: str) -> str:
    """What stands in a field of the page."""
    found = re.search(rf'<input[^>]* id="{name}" name="{name}"(?: type="text")? value="([^"]*)"', text)
    assert found, name
    return found[1]


def test_the_generated_pages_lead_to_the_one_page(desk: Browser, broadland: Organisation) -> None:
    page = desk.get(f"/admin/contract-documents/add?_flt_0_organisation={broadland.id}")
    assert page.request.path == "/staff/agreements/new"
    assert f'value="{broadland.reference}"' in page.text
    for kind in ("line-items", "plans", "rates"):
        assert desk.get(f"/admin/{kind}/add").status_code == 404


def test_an_agreement_is_saved_line_by_line_and_sent(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    form = agreement(broadland, vera) | line(1, care)
    page = desk.post("/staff/agreements/new", form | {"do": "add"})
    assert "ISO-20588 is kept as a draft." in page.text
    assert "6.50 hours a week, £127.92" in page.text
    assert 'id="line-2"' in page.text
    assert 'value="48311"' in page.text
    address = page.request.path
    (first,) = db.session.scalars(select(LineItem))
    form |= line(1, care, id=first.id) | line(2, care, "48311", plan_kind="WEEKLY", weekly_quantity="3")
    sent = desk.post(address, form | seen_of(page.text) | {"do": "send"})
    assert "was saved and sent" in sent.text
    assert "2 lines, £186.96 a week, £747.84 in four weeks." not in sent.text  # nothing can be sent twice
    assert "Withdraw it to change it." in sent.text
    assert "is for the same element on the same days" in sent.text
    assert 'name="do"' not in sent.text, "no button that would be refused"
    again = desk.post(f"{address}/withdraw")
    assert "It was withdrawn." in again.text
    assert db.session.scalars(select(Proposal)).one().state is ProposalState.WITHDRAWN


def test_copying_and_removing_a_line_loses_nothing_that_was_typed(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    form = agreement(broadland, vera, terms="Half typed") | line(1, care, rate="nineteen")
    page = desk.post("/staff/agreements/new", form | {"do": "copy-1"})
    assert page.status_code == 200
    assert page.text.count('value="nineteen"') == 2
    for text in ("Line 1 was copied below.", "Half typed", 'value="48311"'):
        assert text in page.text
    page = desk.post("/staff/agreements/new", form | line(2, care, "48311", rate="20") | {"do": "remove-1"})
    assert 'value="nineteen"' not in page.text
    assert 'value="20"' in page.text
    assert db.session.scalar(select(ContractDocument.id)) is None


def test_every_problem_is_told_with_a_link_to_its_field(desk: Browser, broadland: Organisation, vera: Person) -> None:
    page = desk.post("/staff/agreements/new", agreement(broadland, vera, start="") | {"line-1-mon": "25", "do": "send"})
    assert page.status_code == 422
    for field in ("start", "line-1-reference", "line-1-element", "line-1-rate", "line-1-mon"):
        assert f'href="#{field}"' in page.text
        assert f'id="{field}"' in page.text
    assert 'value="25"' in page.text


def test_an_overlap_is_told_with_the_verb_that_solves_it(
    world: World, desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    world.line(broadland, person=vera, reference="48223")
    page = desk.post("/staff/agreements/new", agreement(broadland, vera) | line(1, care) | {"do": "save"})
    assert "48223, Personal care, has no end date: every day from then on in common." in page.text
    assert "End line 48223 on 13 December 2017" in page.text


def test_a_draft_opens_from_its_record_and_an_odd_one_stays_there(
    world: World, desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    desk.post("/staff/agreements/new", agreement(broadland, vera) | line(1, care) | {"do": "save"})
    document = db.session.scalars(select(ContractDocument)).one()
    edit = f"/admin/contract-documents/edit/{document.id}"
    assert desk.get(edit).request.path == f"/staff/agreements/{document.id}"
    desk.post("/staff/agreements/new", {"do": "save"})
    document.line_items[0].rates[0].end = document.line_items[0].start
    db.session.commit()
    assert desk.get(edit).request.path == edit
    odd = desk.get(f"/staff/agreements/{document.id}")
    assert odd.request.path == f"/admin/contract-documents/show/{document.id}"
    assert "more than its first plan and rate" in odd.text


def test_a_line_a_plan_and_a_rate_of_a_draft_open_on_its_page_at_their_line(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    desk.post(
        "/staff/agreements/new",
        agreement(broadland, vera) | line(1, care) | line(2, care, "48311", rate="21.50") | {"do": "save"},
    )
    document = db.session.scalars(select(ContractDocument)).one()
    second = document.line_items[1]
    page = f"/staff/agreements/{document.id}#line-2"
    for record in (f"plans/edit/{second.plans[0].id}", f"rates/edit/{second.rates[0].id}"):
        assert desk.get(f"/admin/{record}", follow=False).location == page
    shown = desk.get(f"/admin/line-items/show/{second.id}").text
    assert f'href="{page}"' in shown
    assert "Change on its draft" in shown
    assert 'id="line-2"' in desk.get(page).text
    assert 'value="21.50"' in desk.get(page).text


def test_a_plan_and_a_rate_that_the_page_has_no_room_for_are_changed_on_their_own(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    desk.post("/staff/agreements/new", agreement(broadland, vera) | line(1, care) | {"do": "save"})
    odd = db.session.scalars(select(LineItem)).one()
    odd.rates[0].end = odd.start
    db.session.commit()
    for record in (f"plans/edit/{odd.plans[0].id}", f"rates/edit/{odd.rates[0].id}"):
        assert desk.get(f"/admin/{record}", follow=False).status_code == 200
    assert "Change on its draft" not in desk.get(f"/admin/line-items/show/{odd.id}").text


def test_a_draft_opened_before_somebody_else_saved_is_refused_and_keeps_what_was_typed(
    world: World, desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    form = agreement(broadland, vera) | line(1, care)
    desk.post("/staff/agreements/new", form | {"do": "save"})
    address = f"/staff/agreements/{db.session.scalars(select(ContractDocument.id)).one()}"
    opened = seen_of(desk.get(address).text)
    assert desk.post(address, form | opened | {"terms": "By Ben", "do": "save"}).status_code == 200
    refused = desk.post(address, form | opened | {"terms": "By Ann", "do": "save"})
    assert refused.status_code == 422
    assert "Somebody saved this draft after you opened it." in refused.text
    assert "By Ann" in refused.text
    assert db.session.scalars(select(ContractDocument.terms)).one() == "By Ben"


def test_only_brokerage_drafts(world: World, browser: Browser) -> None:
    for role in ("Payments officer", "Auditor", "Procurement"):
        browser.sign_in(world.officer(role))
        assert browser.get("/staff/agreements/new", follow=False).status_code in (302, 403)


def test_what_was_published_is_no_draft(world: World, desk: Browser, broadland: Organisation) -> None:
    published = world.line(broadland)
    assert desk.get(f"/staff/agreements/{published.document_id}").status_code == 404
    assert desk.post(f"/staff/agreements/{published.document_id}", {"do": "save"}).status_code == 404


def fill(page: Page, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        page.locator(f"[name='{name}']").fill(text)


def test_the_page_shows_the_cost_as_it_is_typed_and_only_the_fields_of_the_plan(
    live: Live, broadland: Organisation, vera: Person, care: Element, officer: PortalUser
) -> None:
    page = live.sign_in(officer).open("/staff/agreements/new")
    check_accessible(page)
    week = page.get_by_label("Hours a week of line 1")
    expect(week).to_be_hidden()
    expect(page.get_by_label("Contribution a week (£) of line 1")).to_be_hidden()
    fill(page, {"organisation": broadland.reference, "person": vera.reference, "start": "14/12/2017"})
    fill(page, {"line-1-mon": "1.5", "line-1-tue": "1:30", "line-1-rate": "19.68"})
    expect(page.locator("[data-line='1']")).to_have_text("3.00 hours a week, £59.04")
    page.get_by_label("by week").check()
    expect(week).to_be_visible()
    expect(page.get_by_label("Mon of line 1")).to_be_hidden()
    week.fill("10")
    expect(page.locator("[data-whole]")).to_have_text("1 line, £196.80 a week, £787.20 in four weeks.")
    page.get_by_label("Paid", exact=True).select_option("SCHEDULED")
    expect(page.get_by_label("Contribution a week (£) of line 1")).to_be_visible()
    page.get_by_label("Element of line 1").select_option(label="Personal care")
    page.get_by_role("button", name="Save and add a line").click()
    expect(page.get_by_label("CPLI of line 2")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Save and send for confirmation").click()
    expect(page.get_by_text("Another officer confirms it.")).to_be_visible()


def test_an_agreement_is_drafted_with_the_keyboard_alone(
    live: Live, broadland: Organisation, vera: Person, care: Element, officer: PortalUser
) -> None:
    page = live.sign_in(officer).open("/staff/agreements/new")
    page.locator("#organisation").focus()
    keys = page.keyboard

    def tab_and_type(*texts: str) -> None:
        for text in texts:
            keys.type(text)
            keys.press("Tab")

    tab_and_type(broadland.reference, "", vera.reference, "", "14/12/2017", "", "", "")
    tab_and_type("", "Personal care", "", "", "19.68", "", "", "1", "1", "1", "1", "1", "0.5", "0.5", "")
    expect(page.locator("[data-line='1']")).to_have_text("6.00 hours a week, £118.08")
    keys.press("Enter")  # stands on Copy
    expect(page.get_by_label("CPLI of line 2")).to_have_value("48002")
    page.get_by_label("Mon of line 2").focus()
    keys.press("Enter")
    expect(page.get_by_text("is kept as a draft.")).to_be_visible()


def test_the_page_fits_a_phone(
    live: Live, broadland: Organisation, vera: Person, care: Element, officer: PortalUser
) -> None:
    document = drafts.save(typed_of(agreement(broadland, vera) | line(1, care)))
    live.page.set_viewport_size({"width": 375, "height": 800})
    page = live.sign_in(officer).open(f"/staff/agreements/{document.id}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    check_accessible(page)


def test_each_line_has_its_own_days_and_whether_it_may_go_above_its_plan(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    short = line(2, care, "48311", start="01/01/2018", end="31/01/2018", extras="no")
    form = agreement(broadland, vera, end="30/06/2018") | line(1, care) | short
    page = desk.post("/staff/agreements/new", form | {"do": "save"})
    assert field_of(page.text, "line-1-start") == field_of(page.text, "line-1-end") == ""
    assert field_of(page.text, "line-2-start") == "01/01/2018"
    assert field_of(page.text, "line-2-end") == "31/01/2018"
    assert re.search(r'<option value="no" selected>Not allowed', page.text)
    first, second = db.session.scalars(select(LineItem).order_by(LineItem.reference))
    assert (first.end, first.extras_allowed) == (date(2018, 6, 30), None)
    assert (second.start, second.end, second.extras_allowed) == (date(2018, 1, 1), date(2018, 1, 31), False)
    shown = desk.get(f"/admin/line-items/show/{second.id}").text
    assert "More than planned" in shown
    assert "Not allowed" in shown


def test_a_day_outside_the_agreement_is_told_at_the_lines_own_field_with_all_that_was_typed(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    late = line(1, care, end="01/07/2018", extras="yes") | line(2, care, "48311", start="1 July 2018", end="soon")
    page = desk.post("/staff/agreements/new", agreement(broadland, vera, end="30/06/2018") | late | {"do": "save"})
    assert page.status_code == 422
    assert "Line 1: This is after the agreement ends, on 30 June 2018." in page.text
    for name, typed in {"line-1-end": "01/07/2018", "line-2-start": "1 July 2018", "line-2-end": "soon"}.items():
        assert f'href="#{name}"' in page.text or name == "line-2-start"
        assert field_of(page.text, name) == typed
    assert '<option value="yes" selected>' in page.text
    assert db.session.scalar(select(ContractDocument.id)) is None


@pytest.mark.parametrize(("typed", "last"), [("30/06/2018", date(2018, 6, 30)), ("", None)])
def test_the_agreements_days_stay_while_a_line_is_added_that_has_none_of_its_own(
    desk: Browser, broadland: Organisation, vera: Person, care: Element, typed: str, last: date | None
) -> None:
    short = line(1, care, start="01/01/2018", end="31/01/2018")
    added = desk.post("/staff/agreements/new", agreement(broadland, vera, end=typed) | short | {"do": "add"})
    assert (field_of(added.text, "start"), field_of(added.text, "end")) == ("14/12/2017", typed)
    assert (field_of(added.text, "line-1-start"), field_of(added.text, "line-1-end")) == ("01/01/2018", "31/01/2018")
    document = db.session.scalars(select(ContractDocument)).one()
    own = {name: field_of(added.text, name) for name in ("start", "end")} | seen_of(added.text)
    own["line-1-id"] = str(document.line_items[0].id)
    both = agreement(broadland, vera) | short | line(2, care, "48311") | own
    desk.post(f"/staff/agreements/{document.id}", both | {"do": "save"})
    first, second = db.session.scalars(select(LineItem).order_by(LineItem.reference))
    assert (first.start, first.end) == (date(2018, 1, 1), date(2018, 1, 31))
    assert (second.start, second.end) == (date(2017, 12, 14), last)


def test_a_day_of_the_agreement_that_is_no_lines_is_not_lost_in_silence(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    form = agreement(broadland, vera, end="30/06/2018") | line(1, care, start="01/01/2018", end="31/01/2018")
    page = desk.post("/staff/agreements/new", form | {"do": "save"})
    assert page.status_code == 422
    assert "No line starts on 14 December 2017. Enter 1 January 2018, or leave From of a line empty." in page.text
    assert "No line ends on 30 June 2018. Enter 31 January 2018, or leave To of a line empty." in page.text
    assert (field_of(page.text, "start"), field_of(page.text, "end")) == ("14/12/2017", "30/06/2018")
    assert db.session.scalar(select(ContractDocument.id)) is None


def test_days_in_the_address_of_a_draft_move_no_line(
    desk: Browser, broadland: Organisation, vera: Person, care: Element
) -> None:
    document = drafts.save(typed_of(agreement(broadland, vera, end="30/06/2018") | line(1, care)))
    for asked in ("start=01/02/2018&end=31/01/2018", "start=soon&end=never"):
        page = desk.get(f"/staff/agreements/{document.id}?line=new&{asked}").text
        own = field_of(page, "line-1-start") or field_of(page, "start")
        assert (own, field_of(page, "line-1-end") or field_of(page, "end")) == ("14/12/2017", "30/06/2018")


def test_a_copied_line_keeps_its_days(desk: Browser, broadland: Organisation, vera: Person, care: Element) -> None:
    form = agreement(broadland, vera) | line(1, care, start="01/01/2018", end="31/01/2018", extras="no")
    page = desk.post("/staff/agreements/new", form | {"do": "copy-1"}).text
    assert (field_of(page, "line-2-start"), field_of(page, "line-2-end")) == ("01/01/2018", "31/01/2018")
    assert page.count('<option value="no" selected>') == 2


@pytest.mark.parametrize("figure", ["rate", "weekly_quantity", "mon"])
def test_a_figure_of_any_length_is_refused_at_its_field_and_breaks_no_page(
    desk: Browser, broadland: Organisation, vera: Person, care: Element, figure: str
) -> None:
    by_week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "") | {"plan_kind": "WEEKLY"}
    typed = line(1, care, **(by_week if figure == "weekly_quantity" else {}) | {figure: "9" * 4_000})
    form = agreement(broadland, vera) | typed
    answer = desk.post("/staff/agreements/new", form)
    assert answer.status_code == 422
    assert f'id="line-1-{figure}-error"' in answer.text
    assert desk.post("/staff/agreements/cost", form).status_code == 200
