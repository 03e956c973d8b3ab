"""The administrator loads the table that bank accounts are checked by, and reads when and by whom that was done."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from models import AuditEvent, ModulusWeight, PortalUser, db
from rules.bank_account import MOST_LINES, BankDetails, DigitCheck
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.worlds.world import World
from workflows.clock import LONDON
from workflows.organisations import bank_details

PAGE = "/staff/modulus-weights"
LINE = "089000 089999 MOD10    0    0    0    0    0    0    7    1    3    7    1    3    7    1\r\n"


@pytest.fixture
def ann(world: World) -> PortalUser:
    return world.officer("Administrator", "ann@council.example")


@pytest.fixture
def desk(ann: PortalUser, browser: Browser) -> Browser:
    return browser.sign_in(ann)


def send(browser: Browser, content: bytes | str | None, name: str = "valacdos.txt") -> Any:
    """Send a file as a browser does, or the form without one."""
    file = content.encode() if isinstance(content, str) else content
    data = {} if file is None else {"file": (io.BytesIO(file), name)}
    return browser.post(PAGE, data)


def words_of(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page[page.index("<main") :]).split())


def lines() -> int:
    return db.session.scalar(select(func.count()).select_from(ModulusWeight)) or 0


def test_a_table_is_loaded_and_the_page_says_when_by_whom_and_how_many_lines(desk: Browser) -> None:
    assert "No table is loaded." in desk.get(PAGE).text
    page = send(desk, LINE * 1_100)
    assert "The new table is loaded: 1,100 lines." in page.text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.record == "modulus_weight")).one()
    at = event.at.astimezone(LONDON)
    assert f"Lines 1,100 Last loaded {at.day} {at:%B %Y}, " in words_of(page.text)
    assert "By Ann Lane" in words_of(page.text)
    assert bank_details.check_digits(BankDetails("x", "089999", "66374958")) is DigitCheck.PASSED


def test_the_next_load_replaces_it_and_is_the_one_that_is_named(
    world: World, app: Flask, ann: PortalUser, desk: Browser
) -> None:
    send(desk, LINE * 3)
    bob = world.officer("Administrator", "bob@council.example")
    page = send(Browser(app).sign_in(bob), LINE.replace("089000", "080000"))
    assert "Lines 1 Last loaded" in words_of(page.text)
    assert "By Bob Lane" in words_of(page.text)
    assert db.session.scalars(select(ModulusWeight.first)).all() == ["080000"]


def test_what_a_command_loaded_is_said_to_come_from_a_command(desk: Browser) -> None:
    bank_details.load_weights(LINE)
    assert "By A command on the server" in words_of(desk.get(PAGE).text)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (None, "Choose a file."),
        ("", "Choose a file."),
        (" \n", "The file holds no weights."),
        (LINE + "nonsense", "Line 2 is not a line of modulus weights."),
        (b"PK\x03\x04\xff\x00\x00 \xfe", "Line 1 is not a line of modulus weights."),
        (LINE * (MOST_LINES + 1), "The file has 10,001 lines; the portal takes at most 10,000."),
    ],
)
def test_a_file_that_is_no_table_changes_nothing(desk: Browser, content: bytes | str | None, wrong: str) -> None:
    bank_details.load_weights(LINE)
    page = send(desk, content)
    assert page.status_code == 422
    assert wrong in page.text
    assert lines() == 1
    assert len(db.session.scalars(select(AuditEvent).where(AuditEvent.record == "modulus_weight")).all()) == 1


def test_each_load_is_one_event_of_the_trail_that_leads_to_the_page(desk: Browser) -> None:
    send(desk, LINE * 1_100)
    page = desk.get("/admin/audit/list/?_flt_0_record=modulus_weight").text
    assert f'<a class="govuk-link" href="{PAGE}">Modulus weights</a>' in page
    assert "Lines: 1100" in page
    assert "Ann Lane" in page


@pytest.mark.parametrize(
    ("role", "reads"),
    [("Auditor", True), ("Payments officer", False), ("Procurement", False), ("Service Brokerage", False)],
)
def test_only_administrators_load_it_and_auditors_read_it(world: World, app: Flask, role: str, reads: bool) -> None:
    browser = Browser(app).sign_in(world.officer(role))
    page = browser.get(PAGE)
    assert page.status_code == (200 if reads else 403)
    assert "Load the table" not in page.text
    assert (PAGE in browser.get("/admin").text) is reads
    assert send(browser, LINE).status_code == 403
    assert lines() == 0


def test_the_page_in_a_browser(live: Live, ann: PortalUser) -> None:
    page = live.sign_in(ann).open(PAGE)
    check_accessible(page)
    file: Any = {"name": "valacdos.txt", "mimeType": "text/plain", "buffer": LINE.encode()}
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Load the table").click()
    page.get_by_text("The new table is loaded: 1 line.").wait_for()
    page.set_viewport_size({"width": 375, "height": 900})
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
