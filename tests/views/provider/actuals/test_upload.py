"""Upload actuals as pages: choose, check, update, correct, and what was sent before."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import text, update

from app import create_app
from models import Actual, Contact, LineItem, Organisation, acting_for, close_pools, db
from rules.states import ActualState
from tests.support.files.uploads import stored
from tests.support.pages.accessibility import check_accessible
from tests.support.pages.browser import Browser
from tests.support.pages.live import Live
from tests.support.processes.queue import work_off
from tests.support.queries import Queries
from tests.support.worlds.weeks import OCT_16, week
from tests.support.worlds.world import World
from workflows.uploads import steps as uploads
from workflows.uploads.results import read

HEADING = "CPLI,Service date,Delivered units,Reason"


def form(*rows: str, name: str = "october.csv") -> dict[str, object]:
    return {"file": (io.BytesIO("\n".join([HEADING, *rows]).encode()), name)}


def test_a_file_is_checked_confirmed_and_listed(contact: Contact, line: LineItem, browser: Browser) -> None:
    browser.sign_in(contact)
    good, bad = f"{line.reference},16/10/2017,1.5,EXTRA", f"{line.reference},17/10/2017,1.1,"
    page = browser.post("/actuals/upload", form(good, bad))
    assert page.status_code == 200
    assert page.request.path.startswith("/actuals/upload/")
    for words in ("Check your upload", "Nothing has been changed yet", "in steps of 0.25", "Download correction file"):
        assert words in page.text
    assert stored() == {}
    done = browser.post(page.request.path)
    assert "1 week is in the portal now" in done.text
    assert stored()[line.id, OCT_16][0][0] == "1.50"
    assert "october.csv" in browser.get("/actuals/upload").text
    assert browser.get(f"{page.request.path}/file").data.startswith(b"CPLI")
    assert browser.get(f"{page.request.path}/correction.xlsx").data.startswith(b"PK")


def test_a_file_is_checked_once(contact: Contact, line: LineItem, browser: Browser) -> None:
    browser.sign_in(contact)
    with Queries() as queries:
        browser.post("/actuals/upload", form(f"{line.reference},16/10/2017,1,OTHER"), follow=False)
    assert sum(query.startswith("DELETE FROM upload_finding") for query in queries) == 1


def test_no_file_and_a_broken_one_are_told_at_the_field(contact: Contact, browser: Browser) -> None:
    browser.sign_in(contact)
    nothing = browser.post("/actuals/upload", {})
    assert (nothing.status_code, "Choose a file." in nothing.text) == (422, True)
    broken = browser.post("/actuals/upload", {"file": (io.BytesIO(b"PK\x03\x04nothing"), "a.xlsx")})
    assert broken.status_code == 422
    assert 'href="#file"' in broken.text


def test_another_organisations_upload_is_not_there(
    world: World, contact: Contact, line: LineItem, browser: Browser
) -> None:
    path = browser.sign_in(contact).post("/actuals/upload", form(f"{line.reference},16/10/2017,1,OTHER")).request.path
    browser.sign_in(world.contact(world.organisation("Broadland Care Ltd")))
    for address in (path, f"{path}/file", f"{path}/correction.xlsx", f"{path}/progress"):
        assert browser.get(address).status_code == 404
    assert browser.post(path).status_code == 404


def test_updating_twice_says_so_and_changes_nothing(contact: Contact, line: LineItem, browser: Browser) -> None:
    path = browser.sign_in(contact).post("/actuals/upload", form(f"{line.reference},16/10/2017,1,OTHER")).request.path
    browser.post(path)
    assert "gone in already" in browser.post(path).text


def test_after_updating_the_page_leads_to_the_weeks_that_are_not_confirmed(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    path = browser.sign_in(contact).post("/actuals/upload", form(f"{line.reference},16/10/2017,1,OTHER")).request.path
    assert "not confirmed" not in browser.get(path).text
    done = browser.post(path).text
    assert "1 week is in the portal now, as a draft to confirm" in done
    assert 'href="/actuals/overview?show=unconfirmed"' in done
    assert line.reference in browser.get("/actuals/overview?show=unconfirmed").text


def test_where_there_is_much_to_say_it_is_folded_by_what_it_is_about(
    contact: Contact, line: LineItem, world: World, organisation: Organisation, browser: Browser
) -> None:
    mondays = ("16/10/2017", "23/10/2017", "30/10/2017")
    over = [f"{each.reference},{day},10,OTHER" for each in (line, world.line(organisation)) for day in mondays]
    wrong = [f"{line.reference},{day},many,OTHER" for day in [f"{number:02}/11/2017" for number in range(6, 18)]]
    unsaid = f"{line.reference},06/11/2017,0.50,"
    page = browser.sign_in(contact).post("/actuals/upload", form(*over, *wrong[1:], unsaid)).text
    folded = re.findall(r'summary-text">([^<]+)<', page)
    assert folded == ["One more", "Show the 6"]
    assert "6 weeks over their exception level: held until Service Brokerage decides" in page
    assert len(re.findall(r">Row \d+<", page)) == 11
    assert "It goes in as a draft: give the reason on the Actuals page." in page


def test_a_rejected_or_offered_row_is_never_called_in_the_portal_already(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    browser.sign_in(contact)
    week(line)
    same, wrong = f"{line.reference},16/10/2017,1,", f"{line.reference},17/10/2017,many,"
    assert "Everything in this file is in the portal already" in browser.post("/actuals/upload", form(same)).text
    rejected = browser.post("/actuals/upload", form(same, wrong)).text
    assert "No row can go in yet" in rejected
    db.session.execute(update(Actual).values(state=ActualState.INVOICED))
    db.session.commit()
    offered = browser.post("/actuals/upload", form(f"{line.reference},16/10/2017,0.5,SHORTER")).text
    assert "1 question about 1 row" in offered
    for page in (rejected, offered):
        assert "Everything in this file" not in page


def test_each_line_that_would_change_stands_in_its_week_with_units_and_pounds(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    week(line)
    page = browser.sign_in(contact).post("/actuals/upload", form(f"{line.reference},16/10/2017,1.5,LONGER")).text
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "16 to 22 October 2017 1 line" in words
    assert f"{line.reference} A. B. {line.person.reference}" in words
    assert "7.00 → becomes 7.50 hours £137.76 → becomes £147.60 +£9.84 Row 2" in words
    assert "Together" not in words
    assert "This week: £137.76 becomes £147.60 , +£9.84" in words


def test_the_result_of_every_row_and_the_codes_can_be_taken_away(
    contact: Contact, line: LineItem, browser: Browser
) -> None:
    page = browser.sign_in(contact).post("/actuals/upload", form(f"{line.reference},17/10/2017,many,"))
    assert 'href="/help/codes#not-a-number"' in page.text
    result = browser.get(f"{page.request.path}/result.csv")
    assert result.headers["Content-Disposition"] == 'attachment; filename="october result.csv"'
    assert result.data.decode("utf-8-sig").splitlines()[1].startswith("2,rejected,not-a-number,")


def test_a_week_with_many_lines_is_paged_and_an_odd_address_is_the_first_page(
    contact: Contact, world: World, organisation: Organisation, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FEW_LINES", 2), ("LARGEST", 1), ("LINES_ON_PAGE", 2)):
        monkeypatch.setattr(read, name, value)
    rows = [f"{world.line(organisation).reference},16/10/2017,{number},OTHER" for number in (1, 2, 3)]
    path = browser.sign_in(contact).post("/actuals/upload", form(*rows)).request.path

    def lines(show: str) -> int:
        return browser.get(f"{path}?show={show}").text.count('data-label="Difference"')

    assert "Show all 3 lines" in browser.get(path).text
    assert [lines(show) for show in ("", "2017-10-16.1.1", "2017-10-16.2.1", "2017-10-16.99.1")] == [1, 2, 1, 1]
    assert [lines(show) for show in ("x", "2017-13-01.x.-1", "..", "a.b.c.d", "2017-10-16.99999999999.1")] == [
        1,
        1,
        1,
        1,
        2,
    ]


def test_a_big_file_shows_its_progress_without_scripts_too(
    app: Flask, contact: Contact, organisation: Organisation, line: LineItem, browser: Browser
) -> None:
    rows = [f"{line.reference},16/10/2017,1,OTHER" + " " * 400] * 500
    page = browser.sign_in(contact).post("/actuals/upload", form(*rows))
    assert 'http-equiv="refresh"' in page.text
    assert "<progress" in page.text
    assert browser.get(f"{page.request.path}/progress").get_json()["busy"]
    work_off(app)
    assert "Check your upload" in browser.get(page.request.path).text
    assert not browser.get(f"{page.request.path}/progress").get_json()["busy"]


def test_progress_outlives_leaving_the_page_and_a_restart_of_the_server(
    app: Flask, contact: Contact, line: LineItem, browser: Browser
) -> None:
    rows = [f"{line.reference},16/10/2017,1,OTHER" + " " * 400] * 500
    path = browser.sign_in(contact).post("/actuals/upload", form(*rows)).request.path
    db.session.execute(text("UPDATE upload SET state = 'checking', rows_done = 2000, rows_total = 10000"))
    db.session.commit()
    names = ("SQLALCHEMY_DATABASE_URI", "SQLALCHEMY_BINDS", "SQLALCHEMY_ENGINE_OPTIONS", "SECRET_KEY", "PORTAL_TODAY")
    again = create_app(TESTING=True, **{name: app.config[name] for name in names})
    restarted = Browser(again)
    cookie = browser.client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie
    restarted.client.set_cookie(cookie.key, cookie.value)
    assert f'href="{path}"' in restarted.get("/actuals/upload").text
    page = restarted.get(path).text
    assert '<progress id="progress" max="10000" value="2000">' in page
    assert "2,000 of 10,000 rows" in page
    assert 'http-equiv="refresh"' in page
    work_off(app)
    assert "Check your upload" in restarted.get(path).text
    with again.app_context():
        close_pools()


def test_a_person_uploads_in_a_browser(
    app: Flask, contact: Contact, organisation: Organisation, line: LineItem, live: Live, tmp_path: Path
) -> None:
    file = tmp_path / "october.csv"
    file.write_text("\n".join([HEADING, f"{line.reference},16/10/2017,9,EXTRA", "none,16/10/2017,1,"]))
    page = live.sign_in(contact).open("/actuals/upload")
    check_accessible(page)
    page.get_by_label("Choose file").set_input_files(file)
    page.get_by_role("button", name="Check file").click()
    expect(page.get_by_role("heading", name="Check your upload")).to_be_visible()
    expect(page.get_by_text("The week will be held")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Update the portal").click()
    expect(page.get_by_text("1 week is in the portal now")).to_be_visible()
    page.set_viewport_size({"width": 375, "height": 800})
    page.wait_for_load_state()  # the style sheet too
    assert page.evaluate("document.documentElement.scrollWidth") == 375


def test_a_browser_shows_the_result_once_the_worker_has_it(
    app: Flask, contact: Contact, organisation: Organisation, line: LineItem, live: Live
) -> None:
    content = "\n".join([HEADING, *[f"{line.reference},16/10/2017,1,OTHER" + " " * 400] * 500]).encode()
    with acting_for(organisation.id):
        kept = uploads.store_upload("big.csv", content, None, organisation.id)
    page = live.sign_in(contact).open(f"/actuals/upload/{kept.id}")
    expect(page.get_by_role("progressbar")).to_be_visible()
    work_off(app)
    expect(page.get_by_text("rows read")).to_be_visible()
