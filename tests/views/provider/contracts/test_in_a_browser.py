"""The provider's contract pages in a real browser: for everybody, at both widths, by keys alone, without scripts."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import select

from models import Contact, ContractDocument, LineItem, MissingPackage, Plan, db
from rules.agreement_states import DocumentState
from tests.support.keys import Keys
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.live import Live
from tests.support.worlds.papers import paper
from tests.support.worlds.world import World
from workflows.contracts.versions import publish_versions
from workflows.hashes import hash_password

PASSWORD = "correct-horse-portal"
CHANGE = "Wednesday 2.00 hours instead of 1.00 hour from 6 November 2017"
LINE_PAGES = ("/line-items/{line}", "/line-items/missing", "/paper-isos")
PAGES = (
    "/contract-documents/{document}",
    "/contract-documents/{document}/versions/1",
    "/contract-documents/{document}/compare",
    "/contract-documents/{document}/accept",
    "/contract-documents/{document}/reject",
    *LINE_PAGES,
)


@pytest.fixture
def line(world: World) -> LineItem:
    """A line whose document has a second version, with two hours on Wednesdays, that waits for an answer."""
    line = world.line(world.organisation(), person=world.person("P000777", "Ada Bell"))
    proposal = world.confirmed()
    owner = {"organisation_id": line.organisation_id, "line_item_id": line.id, "reason": "Two carers"}
    days = dict.fromkeys(("mon", "tue", "thu", "fri", "sat", "sun"), Decimal(1)) | {"wed": Decimal(2)}
    db.session.add(Plan(**owner, start=date(2017, 11, 6), **days))
    db.session.flush()
    db.session.expire(line)
    publish_versions([line.document_id], proposal)
    db.session.commit()
    return line


@pytest.fixture
def contact(world: World, line: LineItem) -> Contact:
    contact = world.contact(line.organisation)
    assert contact.user
    contact.user.password = hash_password(PASSWORD)
    db.session.commit()
    return contact


@pytest.fixture
def plain(app: Flask, served: str, chromium: Chromium) -> Iterator[Live]:
    """A window of a browser without JavaScript."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", java_script_enabled=False)
    yield Live(app, served, context)
    context.close()


def state_of(document_id: int) -> DocumentState:
    db.session.rollback()
    db.session.expire_all()
    state: DocumentState = db.session.get_one(ContractDocument, document_id).state
    return state


@pytest.mark.parametrize("width", [1280, 375])
def test_each_page_is_accessible_and_no_wider_than_the_window(
    world: World, line: LineItem, contact: Contact, live: Live, width: int
) -> None:
    paper(world, line.organisation)
    db.session.commit()
    live.sign_in(contact)
    live.page.set_viewport_size({"width": width, "height": 900})
    for path in PAGES:
        page = live.open(path.format(document=line.document_id, line=line.id))
        check_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} pixels too wide"
    expect(page.get_by_role("row", name=re.compile("^PAP-0412"))).to_contain_text("It will be in the portal")


def test_a_report_with_mistakes_is_accessible_and_leads_to_its_fields(contact: Contact, live: Live) -> None:
    page = live.sign_in(contact).open("/line-items/missing")
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    check_accessible(page)
    page.get_by_role("alert").get_by_role("link").last.click()
    expect(page.locator("input:focus, select:focus")).to_have_count(1)


def test_on_a_phone_what_both_versions_say_stands_once(line: LineItem, contact: Contact, live: Live) -> None:
    live.sign_in(contact)
    live.page.set_viewport_size({"width": 375, "height": 900})
    page = live.open(f"/contract-documents/{line.document_id}/compare")
    same = page.get_by_role("row", name=re.compile("^Unit"))
    expect(same.get_by_text("hour", exact=True).locator("visible=true")).to_have_count(1)
    changed = page.get_by_role("row", name=re.compile("^Plan from 6 November 2017"))
    expect(changed.locator("ins")).to_be_visible()
    expect(changed.get_by_text("New", exact=True)).to_be_visible()


def test_versions_are_compared_and_accepted_by_keys_alone(line: LineItem, contact: Contact, live: Live) -> None:
    keys, document_id = Keys(), line.document_id
    page = live.sign_in(contact).open("/contract-documents")
    keys.press(page.get_by_role("link", name=str(line.document)))
    expect(page.get_by_text(CHANGE)).to_be_visible()
    keys.press(page.get_by_role("link", name="See both versions side by side"))
    expect(page.locator("ins")).to_have_count(1)
    keys.press(page.locator("summary", has_text="The document: no change"))
    expect(page.get_by_role("row", name=re.compile("^Provider"))).to_be_visible()
    keys.press(page.get_by_role("link", name=f"Contract document {line.document}"))
    keys.press(page.get_by_role("button", name="Accept"))
    keys.write(page.get_by_label("Password"), PASSWORD)
    keys.press(page.get_by_role("button", name="Accept"))
    expect(page.get_by_text("You have accepted")).to_be_visible()
    keys.press(page.get_by_role("link", name=f"Line {line}"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Line {line}")
    assert state_of(document_id) is DocumentState.ACCEPTED


def test_without_scripts_a_version_is_rejected_and_a_care_package_reported(
    line: LineItem, contact: Contact, plain: Live
) -> None:
    document_id = line.document_id
    page = plain.sign_in(contact).open(f"/contract-documents/{document_id}/compare")
    expect(page.locator("ins")).to_have_count(1)
    page.get_by_role("link", name=f"Contract document {line.document}").click()
    page.get_by_role("button", name="Reject").click()
    page.get_by_label("Reason").fill("She has two carers on Thursdays, not on Wednesdays")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("You have rejected")).to_be_visible()
    assert state_of(document_id) is DocumentState.REJECTED
    page = plain.open("/line-items/missing")
    page.get_by_label("Person reference").fill("P105118")
    page.get_by_label("Service").select_option(index=1)
    for label, text in (
        ("First day of care", "9/11/2017"), ("How much, on which days", "7 hours a week"),
        ("Who at the council agreed it", "Discharge team"), ("When it was agreed", "6/11/2017"),
    ):  # fmt: skip
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Send report").click()
    expect(page.get_by_text("Your report has been sent")).to_be_visible()
    db.session.rollback()
    assert db.session.scalars(select(MissingPackage.plan)).all() == ["7 hours a week"]
