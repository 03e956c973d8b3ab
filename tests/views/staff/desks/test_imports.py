"""The pages of staff imports."""

import io
from pathlib import Path

import openpyxl
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import text
from werkzeug.test import TestResponse

from models import Organisation, db
from tests.support.files.imports import MANY, big_import
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.processes.queue import work_off
from tests.support.worlds.world import World
from workflows.imports import steps as imports
from workflows.upkeep.queue import MOST_ATTEMPTS

TRAFFORD = Path(__file__).parents[3] / "cases" / "trafford_care_homes.csv"


def give(browser: Browser, kind: str, content: bytes, name: str = "given.csv") -> TestResponse:
    return browser.post("/staff/imports", {"kind": kind, "file": (io.BytesIO(content), name)})


def test_a_file_is_checked_and_then_imported(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    check = give(browser, "organisations", TRAFFORD.read_bytes(), TRAFFORD.name)
    assert check.request.path.startswith("/staff/imports/")
    for words in ("Check your import", "56", "rows read", "Nothing has been changed yet", "Import these rows"):
        assert words in check.text
    assert db.session.query(Organisation).count() == 0
    done = browser.post(check.request.path)
    assert "56 rows were imported." in done.text
    assert db.session.query(Organisation).count() == 46
    assert "imported already" in browser.post(check.request.path).text
    assert "trafford_care_homes.csv" in browser.get("/staff/imports").text


def test_a_broken_file_lists_each_problem_and_offers_no_import(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    rows = b"Organisation ref,Organisation,Sector,Service\nA,B,Nursery,C\n=1+1,E,Nursing,\n"
    page = give(browser, "organisations", rows)
    for words in ("Row 2", "Sector", "Nursery", "There is no such sector.", "Row 3", "Fill in Service."):
        assert words in page.text
    assert "Import these rows" not in page.text
    correction = browser.get(f"{page.request.path}/correction.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(correction.data)).active
    assert sheet is not None
    assert [(cell.value, cell.data_type) for cell in sheet["A"]] == [
        ("Organisation ref", "s"),
        ("A", "s"),
        ("=1+1", "s"),
    ]
    assert browser.get(f"{page.request.path}/file").data == rows
    assert "has problems" in browser.post(page.request.path).text


def test_what_is_missing_in_the_form_is_told_at_its_field(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    assert 'href="#kind"' in browser.post("/staff/imports", {}).text
    page = browser.post("/staff/imports", {"kind": "organisations"})
    assert page.status_code == 422
    assert 'href="#file"' in page.text
    assert 'value="organisations" checked' in page.text
    assert "a picture, not a table" in give(browser, "organisations", b"\x89PNG\r\n\x1a\n\x00\x00").text


def test_each_role_imports_its_own_kinds(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Service Brokerage"))
    page = browser.get("/staff/imports").text
    assert "Contract documents with line items" in page
    assert "Organisations and services" not in page
    assert give(browser, "organisations", TRAFFORD.read_bytes()).status_code == 403
    browser.sign_in(world.officer("Auditor"))
    assert "Check file" not in browser.get("/staff/imports").text
    assert browser.post("/staff/imports", {"kind": "organisations"}, follow=False).status_code in (302, 403)


def test_templates_are_handed_out(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    answer = browser.get("/staff/imports/template/organisations.xlsx")
    assert openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames == ["Organisations", "Help"]
    assert browser.get("/staff/imports/template/nonsense.xlsx").status_code == 404
    assert browser.get("/staff/imports/999").status_code == 404


def test_a_big_file_shows_that_it_is_being_checked_and_written(app: Flask, world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Procurement"))
    page = give(browser, "organisations", big_import())
    for words in ("The file is being checked", "Nothing has been changed yet", 'http-equiv="refresh"', "<progress"):
        assert words in page.text
    path = page.request.path
    assert browser.get(f"{path}/progress").get_json()["busy"]
    assert "Waiting" in browser.get("/staff/imports").text
    work_off(app)
    assert not browser.get(f"{path}/progress").get_json()["busy"]
    assert f"{MANY:,}" in browser.get(path).text
    assert "The rows are being put in" in browser.post(path).text
    assert db.session.query(Organisation).count() == 0
    work_off(app)
    assert "Imported" in browser.get(path).text
    assert db.session.query(Organisation).count() == MANY


def test_an_import_that_ended_every_worker_says_what_to_do(app: Flask, world: World, browser: Browser) -> None:
    path = give(browser.sign_in(world.officer("Procurement")), "organisations", big_import()).request.path
    db.session.execute(text(f"UPDATE import_file SET state = 'checking', attempts = {MOST_ATTEMPTS}"))
    db.session.commit()
    work_off(app)
    page = browser.get(path).text
    assert f"The check of this file stopped {MOST_ATTEMPTS} times and was given up." in page
    assert "Import these rows" not in page


def test_a_browser_shows_what_was_found_once_the_worker_has_it(app: Flask, world: World, live: Live) -> None:
    kept = imports.store_import("organisations", "big.csv", big_import(), None)
    page = live.sign_in(world.officer("Procurement")).open(f"/staff/imports/{kept.id}")
    expect(page.get_by_role("progressbar")).to_be_visible()
    check_accessible(page)
    work_off(app)
    expect(page.get_by_text("rows read")).to_be_visible()


def test_what_would_change_is_shown_before_and_after(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Service Brokerage"))
    world.person("P105340", "Nora Olet")
    page = give(browser, "people", b"Person ref,Person name\nP105340,Nora Ollett\n")
    for words in ("What would be changed", "P105340", "Person name", "Nora Olet<", "<b>Nora Ollett</b>"):
        assert words in page.text, words
    assert "What was changed" in browser.post(page.request.path).text


def test_a_cancelled_import_is_marked_abandoned_and_can_be_checked_again(world: World, browser: Browser) -> None:
    officer = world.officer("Procurement")
    path = give(browser.sign_in(officer), "organisations", TRAFFORD.read_bytes(), TRAFFORD.name).request.path
    assert "Nothing was written" in browser.post(f"{path}/abandon").text
    assert "Abandoned" in browser.get("/staff/imports").text
    page = browser.get(path).text
    assert f"by {officer}: nothing was written" in page
    assert "Import these rows" not in page
    again = browser.post(f"{path}/again")
    assert again.request.path != path
    assert "Import these rows" in again.text
    assert "This import was abandoned." in browser.post(path).text


def test_who_may_not_import_a_kind_neither_leaves_nor_checks_it_again(world: World, browser: Browser) -> None:
    path = give(browser.sign_in(world.officer("Procurement")), "organisations", TRAFFORD.read_bytes()).request.path
    browser.sign_in(world.officer("Service Brokerage"))
    assert browser.post(f"{path}/abandon").status_code == 403
    assert browser.post(f"{path}/again").status_code == 403


def test_the_desk_of_paper_isos_leads_to_their_import(world: World, browser: Browser) -> None:
    browser.sign_in(world.officer("Service Brokerage"))
    assert 'value="paper-isos" checked' in browser.get("/staff/imports?kind=paper-isos").text


def test_the_check_with_its_changes_can_be_read_on_a_phone(world: World, live: Live) -> None:
    officer = world.officer("Service Brokerage")
    for number in range(12):
        world.person(f"P{number}", "Nora Olet")
    rows = "".join(f"P{number},Nora Ollett\n" for number in range(12))
    kept = imports.check_file("people", "people.csv", f"Person ref,Person name\n{rows}".encode(), officer)
    page = live.sign_in(officer).page
    page.set_viewport_size({"width": 375, "height": 800})
    page = live.open(f"/staff/imports/{kept.id}")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_text("The other 2").click()
    page.get_by_role("button", name="Cancel this import").click()
    expect(page.get_by_text("people.csv is left. Nothing was written.")).to_be_visible()
    check_accessible(page)
